// Both ports of every node of a cluster, recorded into one journal and judged as they are used: a message that rests on a
// promise or an acceptance may leave only once the sync of that batch has returned (P2).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "sim/world.hpp"
#include "unit/driver/synced_store.hpp"

namespace conclave::driver {

/// Shared by all nodes; outlives them.
class Journal {
 public:
  // ---- From the ports ----
  void opened(const std::string& node);
  void loaded(const std::string& node, std::string_view key, BytesView value) { stores_[node].loaded(key, value); }
  void loaded(const std::string& node, Slot slot, BytesView value) { stores_[node].loaded(slot, value); }
  void submitted(const std::string& node, const storage::Batch& batch);
  void synced(const std::string& node, BatchId upto);
  void failed(const std::string& node);
  void retried(const std::string& node) { ++retries_[node]; }
  void sent(const std::string& node, LinkId link, BytesView body);

  // ---- Findings ----
  /// Each message that left too early, with what its sender had done before.
  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }
  /// How many messages of this kind have left, by the name of their struct.
  [[nodiscard]] std::size_t count(const std::string& kind) const;
  /// How many frames `node` has sent, over all its lives.
  [[nodiscard]] std::size_t frames_from(const std::string& node) const;
  /// How many of them held more than one message.
  [[nodiscard]] std::size_t shared_from(const std::string& node) const;
  /// How often `node` has tried a write again.
  [[nodiscard]] std::size_t retries(const std::string& node) const;
  /// When each entry first left for each follower, seen from the leader's own copy of it.
  struct Streamed {
    std::size_t before_submit = 0;  ///< the leader had not begun to write it
    std::size_t in_flight = 0;      ///< its write was under way
    std::size_t after_sync = 0;

    friend bool operator==(const Streamed&, const Streamed&) = default;
  };
  [[nodiscard]] const Streamed& streamed() const { return streamed_; }

 private:
  void note(const std::string& node, std::string line);
  void complain(const std::string& node, const std::string& kind, const std::string& why);
  void judge_chosen(const std::string& node, const std::string& kind, Slot upto);
  void watch_stream(const std::string& node, LinkId link, const paxos::Accept& accept);

  std::map<std::string, SyncedStore> stores_;
  std::map<std::string, std::vector<std::string>> notes_;
  std::map<std::string, std::size_t> counts_;
  std::map<std::string, std::size_t> frames_;
  std::map<std::string, std::size_t> shared_;
  std::map<std::string, std::size_t> retries_;
  std::vector<std::string> violations_;
  Streamed streamed_;
  std::set<std::tuple<LinkId, paxos::Ballot, Slot>> streamed_before_;
  /// Judged as held by a majority, up to here.
  Slot chosen_upto_;
};

/// Puts the journal between `machine` and its ports, in every life.
void watch(sim::Machine& machine, Journal& journal);

}  // namespace conclave::driver
