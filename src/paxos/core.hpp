// What all roles of one replica stand on: who it is, its log, who votes, and what is on disk.
#pragma once

#include "paxos/configuration.hpp"
#include "paxos/durable.hpp"
#include "paxos/identity.hpp"
#include "paxos/log.hpp"
#include "paxos/quorum.hpp"
#include "paxos/tuning.hpp"

namespace conclave::paxos {

struct Core {
  Identity identity;
  Tuning tuning;
  Log log;
  Configurations configurations;
  Durable durable;

  [[nodiscard]] const MemberId& self() const { return identity.self; }
  [[nodiscard]] Slot watermark() const { return log.watermark(); }
  /// The configuration that governs the first slot not known chosen.
  [[nodiscard]] const PlacedConfiguration& governing() const { return configurations.governing(watermark().next()); }
  /// This store's vote counts in `configuration`.
  [[nodiscard]] bool votes_in(const Configuration& configuration) const {
    const auto* voter = find_voter(configuration, self());
    return identity.has_vote && voter != nullptr && voter->incarnation == identity.incarnation;
  }

  friend bool operator==(const Core&, const Core&) = default;

  template <class H>
  friend void hash_append(H& h, const Core& core) {
    h(core.identity, core.tuning, core.log, core.configurations, core.durable);
  }
};

}  // namespace conclave::paxos
