// Does the calls of sim/call.hpp as an application does, through the public handles and in their callback form, in virtual
// time; writes each call, its answer, and what holders and leaders believe into a history.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <conclave/election.hpp>
#include <conclave/lock.hpp>
#include <conclave/node.hpp>

#include "client/client.hpp"
#include "sim/app.hpp"
#include "sim/recorder.hpp"
#include "sim/recording/words.hpp"
#include "sim/script.hpp"
#include "sim/world.hpp"

namespace conclave::sim {

/// One process of the application on each machine. It dies with its node; what it had asked is lost then, but for counts:
/// those it asks again in its next life, with the same id, as an application that writes its ids down.
class Workload final : private Watcher {
 public:
  /// World and recorder outlive this, and the world takes no step after it.
  Workload(World& world, HistoryRecorder& recorder);
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;
  ~Workload() override;

  /// Gives a machine the state machine that the calls need. Before its first start.
  static void prepare(Machine& machine);

  /// Begins the call. `words` have passed `check_call`. A machine that does not run calls nothing. Nor does one without a
  /// session or a leader, or one that has waited long for an answer: what it asked would pile up, and most of it be lost, and
  /// lost calls tell nothing.
  void perform(const Words& words);
  /// Calls that wait for their answer.
  [[nodiscard]] std::size_t open() const;
  /// Those of one machine.
  [[nodiscard]] std::size_t open(const std::string& node) const;
  /// What no history can show and yet was wrong, in words.
  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  using Arguments = std::span<const std::string>;
  using Perform = void (Workload::*)(const std::string& node, Arguments arguments);

  /// A call that waits for its answer.
  struct Open {
    std::string node;
    Instant since;
    /// In the history; status, campaigns and the like are not.
    bool recorded{true};
    bool reads{false};
    /// Waits for a lock; asked for again in the next session.
    bool in_line{false};
    std::string lock{};
    /// Of a count: its object and id.
    std::string key{};
    std::string cmd{};
  };
  struct Candidacy {
    std::shared_ptr<Campaign> campaign;
    bool leads{false};
    std::uint64_t id{0};
  };
  /// How a lock is asked for, and what is done with it.
  struct Plan {
    bool wait{true};
    BootClock::duration patience{};
    /// Runs on the callback executor of the node that holds it now.
    std::function<void(std::shared_ptr<Lock>)> then;
  };
  /// Of the state machine; asked again until it is known what became of it.
  struct Command {
    std::string id;
    Bytes bytes;
    /// All of them must be held, each time that it is asked.
    std::vector<LockGuard> locks{};
    std::function<void(const Result<Bytes>& result, Status status)> done;
  };
  struct Write {
    std::string key;
    std::string value;
    Token token;
    /// Empty: not under a `LockGuard`.
    std::string under;
  };

  // Watcher
  void on_life_begun(const std::string& node, std::uint64_t life) override;
  void on_life_ended(const std::string& node, Ending ending) override;
  void on_notice(const std::string& node, const engine::Notice& notice) override;

  // workload_locks.cpp
  void acquire(const std::string& node, Arguments arguments);
  void try_acquire(const std::string& node, Arguments arguments);
  void acquire_and_die(const std::string& node, Arguments arguments);
  void revoke(const std::string& node, Arguments arguments);
  void guard_write(const std::string& node, Arguments arguments);
  void guard_old(const std::string& node, Arguments arguments);
  void take(const std::string& node, const std::string& lock, Plan plan);
  void taken(const std::string& node, std::uint64_t id, Result<Lock> result, const Plan& plan);
  void give_back(const std::string& node, const std::shared_ptr<Lock>& lock, const std::function<void(bool ok)>& then);
  void write_guarded(const std::string& node, const Write& write, const std::function<void(Result<Bytes>)>& then);

  // workload_elections.cpp
  void campaign(const std::string& node, Arguments arguments);
  void withdraw(const std::string& node, const std::string& election, std::uint64_t id);
  void resign(const std::string& node, Arguments arguments);
  void hand_over(const std::string& node, Arguments arguments);
  void observe(const std::string& node, Arguments arguments);

  // workload_commands.cpp
  void write(const std::string& node, Arguments arguments);
  void cas(const std::string& node, Arguments arguments);
  void read(const std::string& node, Arguments arguments);
  void guard_read(const std::string& node, Arguments arguments);
  void read_object(const std::string& node, Kind kind, const std::string& key);
  /// The newest slot that any running machine knows to be chosen.
  [[nodiscard]] Slot newest_known();
  void stale_read(const std::string& node, Arguments arguments);
  void apply(const std::string& node, Arguments arguments);
  void count(const std::string& node, const std::string& key, const std::string& cmd);
  void recount(const std::string& node);
  void status(const std::string& node, Arguments arguments);
  void ready(const std::string& node, Arguments arguments);
  void close(const std::string& node, Arguments arguments);
  void propose(const std::string& node, Bytes command, ProposeOptions options, std::function<void(Result<Bytes>)> done);
  void insist(const std::string& node, const Command& command, unsigned attempt = 1);
  void read_app(const std::string& node, Consistency consistency, std::function<void(const App&)> look,
                std::function<void(Result<ReadPoint>)> done);

  // For all of them
  /// Whether `node` has better things to do than to ask for more; `lines_up`: to stand in line for a lock.
  [[nodiscard]] bool busy(const std::string& node, bool lines_up) const;
  [[nodiscard]] std::shared_ptr<Process> process(const std::string& node) { return world_.process(node).shared_from_this(); }
  /// The session's name; `-` if there is none.
  [[nodiscard]] std::string session_of(const std::string& node);
  /// Runs `task` where the application of `node` runs, after `wait`, unless this life is over by then.
  void later(const std::string& node, BootClock::duration wait, std::function<void()> task);
  /// A word that no other call of this run is given. It follows from node and time, so that a call more or less leaves those
  /// of the others as they were.
  [[nodiscard]] std::string fresh_name(const std::string& node);
  /// Names a call of the node `call.client`, and writes it down.
  std::uint64_t begin(Call call);
  /// Names a call that no history knows.
  std::uint64_t begin(const std::string& node);
  void answer(std::uint64_t id, Return result);
  void finish(std::uint64_t id) { open_.erase(id); }

  World& world_;
  HistoryRecorder& recorder_;
  std::map<std::uint64_t, Open> open_;
  std::map<std::string, std::uint64_t> lives_;
  std::map<std::pair<std::string, std::string>, Candidacy> candidacies_;
  /// Since when a node knows of no leader.
  std::map<std::string, Instant> leaderless_;
  /// What nobody knows whether it counted, (key, cmd): asked again one by one, over lives.
  std::map<std::string, std::deque<std::pair<std::string, std::string>>> recounts_;
  /// The command that a node asks again at this moment.
  std::map<std::string, std::string> recounting_;
  /// When each node was last given a fresh name, and how many at that time.
  std::map<std::string, std::pair<Instant, std::uint64_t>> named_;
  std::vector<std::string> complaints_;
};

}  // namespace conclave::sim
