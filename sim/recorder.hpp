// Records what happens in a world as conclave-history/1: what the nodes' own notices and the log say. Calls, answers and
// beliefs come from the workload.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "sim/belief_keeper.hpp"
#include "sim/checkers/history.hpp"
#include "sim/past_clock.hpp"
#include "sim/watcher.hpp"
#include "sim/world.hpp"

namespace conclave::sim {

class HistoryRecorder final : private Watcher {
 public:
  struct Options {
    std::int64_t drift_ppm{500};
    /// The digest of the state is taken at each slot that this divides, where it is seen: it costs by the size of the state.
    std::uint64_t digest_every{64};
  };

  /// Watches `world`, which it does not outlive.
  HistoryRecorder(World& world, Options options);
  explicit HistoryRecorder(World& world) : HistoryRecorder(world, Options{}) {}
  ~HistoryRecorder() override { world_.unwatch(*this); }

  // ---- For the workload ----
  [[nodiscard]] BeliefKeeper& beliefs() { return beliefs_; }
  /// Names a call.
  [[nodiscard]] std::uint64_t next_id() { return ++ids_; }
  /// Now, unless its `at` says when.
  void call(Call call);
  void answer(Return answer);
  /// The session of an acquire is another one than was written: it was asked for again.
  void change_session(std::uint64_t id, const std::string& session);
  /// A grant was told to a caller; is being given back by one; was found lost when it was given back.
  void told(Token token) { grants_[token].told = true, settle(token); }
  void giving_back(Token token) { grants_[token].covered = true; }
  void not_given_back(Token token) { grants_[token].covered = false, settle(token); }

  /// When the clock of `node` showed `reading`, which is past.
  [[nodiscard]] TrueTime truth_of(const std::string& name, Instant reading) {
    return std::min(node(name).clock.truth_of(reading).time_since_epoch(), now());
  }
  /// `s7`.
  [[nodiscard]] static std::string name(SessionId session) { return 's' + std::to_string(session.value); }

  /// All so far, in order. The last states of all nodes come with it.
  [[nodiscard]] History finish();

 private:
  /// A grant as the log has it. What ends it without a call of its holder (a revocation, the background return of what was
  /// revoked) stands in the history as a release by the log, else nobody could say why the next one holds the lock.
  struct Granting {
    std::string lock;
    std::string session;
    std::optional<TrueTime> granted;
    /// A caller has it.
    bool told{false};
    /// A call of its holder gives it back.
    bool covered{false};
    bool over{false};
    /// The log's release of it is written.
    bool settled{false};
  };
  struct Session {
    std::string node;
    std::chrono::milliseconds ttl{0};
    /// By the node's clock.
    Instant deadline;
    /// When its grant or its last acknowledged renewal was sent.
    TrueTime sent{};
    bool over{false};
    /// The locks that it asked for.
    std::set<std::string> locks;
  };
  struct Node {
    std::uint64_t life{0};
    PastClock clock;
    /// In which it leads, since when, and what of that is proven and written.
    std::optional<paxos::Ballot> leads;
    TrueTime since{};
    TrueTime proven{};
    bool lead_written{false};
    Slot digested;
  };

  // Watcher
  void on_life_begun(const std::string& node, std::uint64_t life) override;
  void on_life_ended(const std::string& node, Ending ending) override;
  void on_step(const std::string& node) override;
  void on_notice(const std::string& node, const engine::Notice& notice) override;
  void on_clock_changed(const std::string& node) override;

  void on(const std::string& node, const engine::SessionReady& notice);
  void on(const std::string& node, const engine::SessionExtended& notice);
  void on(const std::string& node, const engine::SessionOver& notice);
  void on(const std::string& node, const engine::AppliedEvents& notice);
  void on(const std::string& node, const engine::StateReplaced& notice);
  template <class Other>
  void on(const std::string&, const Other&) {}

  void on_event(const coordination::Granted& event);
  void on_event(const coordination::Ungranted& event);
  void on_event(const coordination::SessionEnded& event);
  template <class Other>
  void on_event(const Other&) {}

  [[nodiscard]] TrueTime now() const { return world_.now().time_since_epoch(); }
  [[nodiscard]] Node& node(const std::string& name);
  void settle(Token token);
  void write_session(const std::string& node, SessionId session, What what, TrueTime at, Instant deadline);
  void write_digest(const std::string& name, Node& node);
  void write_lead(const std::string& name, Node& node);
  void follow_leadership(const std::string& name, Node& node);

  World& world_;
  const Options options_;
  History history_;
  BeliefKeeper beliefs_;
  std::uint64_t ids_{0};
  std::map<std::uint64_t, std::size_t> acquires_;
  std::map<std::string, Node> nodes_;
  std::map<SessionId, Session> sessions_;
  std::map<Token, Granting> grants_;
  /// Everything up to here was seen on some node.
  Slot seen_;
};

}  // namespace conclave::sim
