// Each call of a store that changes its disk fails once, for ever, or does half of its work, and the store must say so, never
// acknowledge what was not synced, and have everything acknowledged when it is opened again.
#pragma once

#include <cstdint>

#include "powercut/failures.hpp"
#include "powercut/workload.hpp"

namespace conclave::powercut {

struct FailingOptions {
  std::uint64_t seed = 1;
  /// One call in so many is tried with each fault; the seed says with which it begins.
  std::uint64_t every = 1;
};

struct FailingCounts {
  std::size_t calls = 0;      ///< that a life of this store makes
  std::size_t runs = 0;
  std::size_t refused = 0;    ///< ended with an error, nothing uncertain
  std::size_t uncertain = 0;  ///< ended with the vote lost
  std::size_t overcome = 0;   ///< went round it, and finished
  std::size_t images = 0;
};

[[nodiscard]] FailingCounts fail_calls(const FailingOptions& options, Failures& failures);

}  // namespace conclave::powercut
