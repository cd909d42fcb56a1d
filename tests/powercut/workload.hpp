// What a voter stores, step by step: the records are the driver's own, their contents follow from a seed, and so does what
// a store must hold after each step.
#pragma once

#include <cstdint>
#include <vector>

#include <conclave/result.hpp>

#include "base/prng.hpp"
#include "driver/recovery.hpp"
#include "storage/lmdb/lmdb_storage.hpp"

namespace conclave::powercut {

class Workload {
 public:
  Workload(std::uint64_t seed, std::uint64_t steps);

  [[nodiscard]] std::uint64_t steps() const { return digests_.size() - 1; }
  /// Step `number`, from 1: a promise of that round, accepted entries, some of them again, now and then a trimmed log or a
  /// group that is larger than a turn of the journal. Its id is the caller's to choose.
  [[nodiscard]] storage::Batch batch(std::uint64_t number) const;
  /// Whether `recovered` is exactly what the steps up to the promise in it have stored.
  [[nodiscard]] bool explains(const engine::Recovered& recovered) const;

 private:
  [[nodiscard]] std::vector<engine::Record> records(std::uint64_t number) const;

  Prng draw_;
  std::vector<std::uint64_t> digests_;  ///< by step
};

/// The step whose promise it is.
[[nodiscard]] inline std::uint64_t step_of(const engine::Recovered& recovered) { return recovered.promised.round.value; }

/// A small store, so that turns of the journal go round and room is made often.
[[nodiscard]] Result<std::unique_ptr<storage::Storage>> open_store(const std::filesystem::path& folder);
/// The same for one look: it reserves no space ahead.
[[nodiscard]] Result<std::unique_ptr<storage::Storage>> open_store_briefly(const std::filesystem::path& folder);
/// The member whose store it is.
[[nodiscard]] driver::Life life();

}  // namespace conclave::powercut
