// The invariants of a world, checked on every event over what is true: disks, frames, true time. Costs a few microseconds per
// frame and per synced batch.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "sim/invariants/disk_follower.hpp"
#include "sim/invariants/judge.hpp"
#include "sim/world.hpp"

namespace conclave::sim {

class Invariants final : public Watcher {
 public:
  /// Made before anything of `world` has started; the world outlives it.
  explicit Invariants(World& world);
  ~Invariants() override;

  /// Each check's first finding, in the order of time.
  [[nodiscard]] const Violations& violations() const { return judge_.violations(); }

  void on_life_begun(const std::string& node, std::uint64_t life) override;
  void on_life_ended(const std::string& node, Ending ending) override;
  void on_step(const std::string& node) override;
  void on_notice(const std::string& node, const engine::Notice& notice) override;
  void on_packet(const std::string& from, const std::string& to, const transport::Packet& packet) override;
  void on_disk_work(const std::string& node) override;
  void on_clock_changed(const std::string& node) override;

 private:
  /// What is remembered of one life.
  struct Life {
    std::optional<Slot> watermark;
    std::set<SessionId> ended;
    Slot digested;
    std::optional<Instant> proof;
    /// Its last step, and since when it leads without a new proof, by the node's clock.
    Instant stepped;
    Instant unproven_since;
    std::optional<paxos::Ballot> leads;
    /// When rounds were sent, by the node's clock and in truth; as many as may still be confirmed.
    std::deque<std::pair<Instant, Instant>> rounds;
  };
  struct Belief {
    std::string node;
    /// By the holder's clock.
    Instant deadline;
  };

  void follow_log(const std::string& node, Life& life, const engine::Engine& engine);
  void follow_leading(const std::string& node, Life& life, const paxos::Replica& replica);
  void follow_proof(const std::string& node, Life& life, const paxos::Replica& replica);
  void heard(const std::string& node, const coordination::Event& event);

  World& world_;
  Judge judge_;
  std::map<std::string, DiskFollower> disks_;
  std::map<std::string, Life> lives_;
  std::map<SessionId, Belief> beliefs_;
  std::map<std::string, Clock> clocks_;
  /// All clocks have kept within the bound: only then leases hold (S2).
  bool clocks_keep_time_{true};
};

}  // namespace conclave::sim
