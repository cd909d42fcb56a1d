// A few replicas, their disks and the network between them in one thread and one virtual time, with the rules checked at
// every event. It exists to test this layer; clusters of whole nodes are the simulator's.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "paxos/replica.hpp"

namespace conclave::paxos::test {

inline MemberId member(std::uint8_t number) {
  MemberId id;
  id.bytes.back() = number;
  return id;
}

[[nodiscard]] Configuration founders(std::uint8_t count);
[[nodiscard]] Entry command(std::string_view text, std::uint64_t stamp = 0);

/// What a power cut leaves, and what is on its way there.
struct Disk {
  Ballot promised;
  std::map<Slot, AcceptedRecord> accepted;
  Slot watermark;

  void store(const Record& record);
  [[nodiscard]] Recovered recover(const Configuration& founders) const;
};

struct Node {
  std::optional<Replica> replica;
  int life = 0;
  Disk disk;
  std::deque<std::pair<BatchId, std::vector<Record>>> batches;
  BatchId issued{0};
  BatchId synced{0};
  std::deque<std::pair<BatchId, Outgoing>> waiting;
  Slot applied;
  /// The highest promise of this life's records, in the order in which they were written.
  Ballot written_promise;
  bool sync_scheduled = false;
  std::vector<Event> events;
};

/// How the world treats the replicas. Everything is drawn from one generator.
struct Faults {
  unsigned drop_percent = 0;
  unsigned duplicate_percent = 0;
  BootClock::duration delay_max = std::chrono::milliseconds(2);
  BootClock::duration sync_max = std::chrono::milliseconds(2);
  /// Old messages that come again much later.
  unsigned replay_percent = 0;
};

class Pump {
 public:
  Pump(std::uint8_t nodes, std::uint64_t seed, Tuning tuning = {}, Faults faults = {});

  Node& node(std::uint8_t number) { return nodes_.at(member(number)); }
  Replica& replica(std::uint8_t number) { return *node(number).replica; }
  [[nodiscard]] Instant now() const { return now_; }
  Faults& faults() { return faults_; }

  void run(BootClock::duration time);
  /// Runs until `done`, at most `limit`.
  bool run_until(const std::function<bool()>& done, BootClock::duration limit);
  void crash(std::uint8_t number);
  void start(std::uint8_t number);
  /// Cuts or heals both directions, telling both ends.
  void link(std::uint8_t one, std::uint8_t other, bool up);
  /// One step of a replica: `input`, then what it asks for.
  void step(std::uint8_t number, const std::function<void(Replica&, Effects&)>& input);
  /// Proposes at whoever leads; nothing when nobody takes it.
  std::optional<Slot> propose(const Entry& entry);
  /// The node that leads in the highest ballot.
  [[nodiscard]] std::optional<std::uint8_t> leader() const;
  [[nodiscard]] bool alive(std::uint8_t number) { return node(number).replica.has_value(); }
  /// What was chosen, as the owners learnt it.
  [[nodiscard]] const std::map<Slot, Entry>& chosen() const { return chosen_; }
  [[nodiscard]] std::uint64_t draw(std::uint64_t bound) { return prng_.below(bound); }
  /// The first broken rule.
  [[nodiscard]] const std::string& broken() const { return broken_; }

 private:
  using Action = std::function<void()>;

  void at(Instant when, Action action) { actions_.emplace(std::pair(when, order_++), std::move(action)); }
  bool next(Instant limit);
  void perform(const MemberId& id, Effects effects);
  void release(const MemberId& id);
  void schedule_sync(const MemberId& id);
  void schedule_tick(const MemberId& id);
  void send(const MemberId& from, Outgoing outgoing);
  void deliver(const MemberId& from, const MemberId& to, int life, const Message& message);
  void check_record(Node& node, const Record& record);
  void check_sent(const MemberId& from, const Message& message);
  void check_said(const MemberId& from, const Message& message);
  void check_stored(const MemberId& id, const Record& record);
  void fail(const std::string& rule) {
    if (broken_.empty()) broken_ = rule;
  }

  Tuning tuning_;
  Faults faults_;
  Configuration founders_;
  Prng prng_;
  Instant now_{std::chrono::seconds(1)};
  std::uint64_t order_ = 0;
  std::map<std::pair<Instant, std::uint64_t>, Action> actions_;
  std::map<MemberId, Node> nodes_;
  std::set<std::pair<MemberId, MemberId>> cut_;

  std::map<Slot, Entry> chosen_;
  std::map<std::pair<Ballot, Slot>, Entry> proposed_;
  std::map<std::pair<Slot, Ballot>, std::set<MemberId>> votes_;
  std::map<Slot, std::pair<Ballot, Entry>> counted_;
  std::map<Ballot, int> owners_;
  std::string broken_;
};

}  // namespace conclave::paxos::test
