// From what a store holds to what an engine starts with: decodes the records, judges the damage (P8, P9), and writes down
// this opening (I5).
#pragma once

#include <conclave/result.hpp>

#include "engine/engine.hpp"
#include "storage/storage.hpp"

namespace conclave::driver {

/// What recovery needs from outside: it has no randomness and no machine of its own.
struct Life {
  /// For a store that is opened for the first time (I1).
  MemberId fresh_member;
  Uuid fresh_founding_nonce;
  /// Drawn for this opening.
  std::uint64_t store_nonce{0};
  /// S4: names this boot of the machine.
  Uuid machine_boot;
  std::string name;
  std::string cluster_name;
};

struct Recovery {
  engine::Recovered recovered;
  /// To be stored, and synced, before the engine takes its first step (I5).
  storage::Batch opening;
};

/// Loads `store`. `errc::data_damaged` when the store is damaged or in doubt and does not say who this member is, or of which
/// cluster: it is never taken for an empty one. Where it does, damage costs the vote instead. `errc::invalid_argument` when the store belongs to a cluster of another name.
[[nodiscard]] Result<Recovery> recover(storage::Storage& store, const Life& life);

}  // namespace conclave::driver
