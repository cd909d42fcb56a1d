// What elections rest on and do not own: passed to every call, never kept.
#pragma once

#include "base/prng.hpp"
#include "paxos/liveness.hpp"
#include "paxos/quorum.hpp"

namespace conclave::paxos {

/// The rest of the replica, as elections need to see it at this moment.
struct Facts {
  MemberId self;
  Incarnation incarnation;
  /// False for an ephemeral node and for a store that lost its vote (P8, P9).
  bool has_vote{false};
  bool disk_healthy{true};
  std::uint8_t priority{0};
  /// The highest promise, synced or not yet.
  Ballot promised;
  /// Synced, these three: what may be said to others.
  Ballot promised_synced;
  Slot watermark;
  Slot last_accepted;
};

/// All that a decision may depend on beside the decider's own state.
struct Surroundings {
  const Tuning& tuning;
  const Facts& facts;
  /// The newest known chosen: it governs what comes next.
  const PlacedConfiguration& configuration;
  const Liveness& peers;
  Instant now;

  [[nodiscard]] const Configuration& voters() const { return configuration.configuration; }
  [[nodiscard]] bool is_voter(const MemberId& member) const { return find_voter(voters(), member) != nullptr; }
  /// E2: nobody else ever becomes a candidate.
  [[nodiscard]] bool may_stand() const { return facts.has_vote && facts.disk_healthy && is_voter(facts.self); }
};

/// How a voter is placed among candidates: the higher stands first (E6).
struct Placing {
  Slot last_accepted;
  std::uint8_t priority{0};
  MemberId member;

  friend bool operator==(const Placing&, const Placing&) = default;
  /// Of equals the smaller member stands first.
  friend auto operator<=>(const Placing& left, const Placing& right) {
    if (const auto order = left.last_accepted <=> right.last_accepted; order != 0) return order;
    if (const auto order = left.priority <=> right.priority; order != 0) return order;
    return right.member <=> left.member;
  }

  template <class H>
  friend void hash_append(H& h, const Placing& p) {
    h(p.last_accepted, p.priority, p.member);
  }
};

}  // namespace conclave::paxos
