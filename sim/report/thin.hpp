// Leaves out of the facts what nobody would look at, so that a page stays small.
#pragma once

#include <cstddef>
#include <vector>

#include "sim/report/facts.hpp"

namespace conclave::sim {

struct Thinning {
  /// With at most so many messages all are kept.
  std::size_t messages_max{80'000};
  /// This close to `interesting` all are kept, if that leaves no more.
  TrueTime vicinity{std::chrono::milliseconds(1500)};
  /// Steps of the log that are closer to each other than this are one, but near to `interesting`.
  TrueTime level_step{std::chrono::milliseconds(10)};
};

struct Thinned {
  /// Evidence of life and renewals that arrived in time.
  std::size_t messages{0};
  std::size_t levels{0};
};

/// `interesting`: when something was violated. What was left out, in numbers.
Thinned thin(Facts& facts, const std::vector<Span>& interesting, const Thinning& thinning = {});

}  // namespace conclave::sim
