// How old this node's state is (R2), soundly, without synchronised clocks and however long a message was under way.
//
// Whoever follows (a voter its leader, an observer its member) sends a stamp of its own clock with each heartbeat; the answer
// brings that stamp back, with the watermark and age of the one that answered. What was answered was true after the stamp was
// sent, so it is counted from there: a message that was held up makes a state older, never younger. And it counts only once
// everything up to the watermark named is applied here.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>

#include <conclave/types.hpp>

#include "base/ids.hpp"
#include "engine/message.hpp"

namespace conclave::engine {

class FreshState {
 public:
  /// What to tell `to`: our own watermark and age, with a stamp for its answer, and the answer to its last stamp.
  [[nodiscard]] Freshness tell(MemberId to, Slot watermark, std::optional<std::chrono::nanoseconds> age,
                               std::optional<MemberId> leader, Instant now) const;
  /// Heard from `from`. `followed`: this node follows it. `applied`: as far as this node has applied.
  void on_freshness(MemberId from, const Freshness& said, bool followed, Slot applied, Instant now);
  /// Its stamps mean nothing any more.
  void on_link_closed(MemberId member) { stamps_.erase(member); }
  void on_applied(Slot applied);

  /// At that time everything that was chosen in the cluster is in the state here. Nothing: unknown.
  [[nodiscard]] std::optional<Instant> proven() const { return proven_; }
  /// Who leads, by the word of the one that is followed.
  [[nodiscard]] std::optional<MemberId> leader() const { return leader_; }

  friend bool operator==(const FreshState&, const FreshState&) = default;
  template <class H>
  friend void hash_append(H& h, const FreshState& state) {
    h(state.stamps_, state.waiting_, state.proven_, state.leader_);
  }

 private:
  struct Proof {
    Slot watermark;
    Instant at;

    friend bool operator==(const Proof&, const Proof&) = default;
    template <class H>
    friend void hash_append(H& h, const Proof& proof) {
      h(proof.watermark, proof.at);
    }
  };

  /// The last of each peer; to be brought back.
  std::map<MemberId, std::uint64_t> stamps_;
  /// Not applied yet as far as it says. Later ones wait behind it: under load they would never end.
  std::optional<Proof> waiting_;
  std::optional<Instant> proven_;
  std::optional<MemberId> leader_;
};

}  // namespace conclave::engine
