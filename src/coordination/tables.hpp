// Everything that the log has decided so far: the value that commands change. Rules live in `Step`, which changes it,
// and in the files of its parts.
#pragma once

#include <cstdint>

#include <conclave/types.hpp>

#include "base/cluster_time.hpp"
#include "coordination/flight_record.hpp"
#include "coordination/indices.hpp"
#include "coordination/limits.hpp"
#include "coordination/resource.hpp"
#include "coordination/session.hpp"
#include "coordination/timers.hpp"
#include "coordination/versions.hpp"

namespace conclave::coordination {

/// Numbers grants: one counter for all of a cluster, so that tokens of different resources compare too (C3).
struct Tokens {
  std::uint64_t lineage{0};
  std::uint64_t issued{0};

  [[nodiscard]] Token next() { return Token{lineage << token_counter_bits | ++issued}; }

  friend bool operator==(const Tokens&, const Tokens&) = default;
};

struct Tables {
  Slot applied;
  ClusterTime now;
  /// Of the last term-start (P12).
  Term term;
  Tokens tokens;
  Sessions sessions;
  Resources resources;
  Versions versions;
  FlightRecord losses;

  // Read off the above.
  Requests requests;
  Endings endings;
  Timers timers;

  friend bool operator==(const Tables&, const Tables&) = default;
};

/// When a grant's longest time to hold has passed; nothing: it has none, or is ending already.
[[nodiscard]] inline std::optional<ClusterTime> hold_due(const Grant& grant) {
  if (grant.max_hold.count() == 0 || grant.ending) return std::nullopt;
  return later(grant.time, grant.max_hold);
}

template <class H>
void hash_append(H& h, const Tokens& value) {
  h(value.lineage, value.issued);
}
template <class H>
void hash_append(H& h, const Tables& value) {
  h(value.applied, value.now, value.term, value.tokens, value.sessions, value.resources, value.versions, value.losses);
}

}  // namespace conclave::coordination
