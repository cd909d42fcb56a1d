// The one place where a user's time to wait is made one that can be added to a clock.
#pragma once

#include <algorithm>
#include <chrono>

#include <conclave/types.hpp>

namespace conclave {

/// `wait` within [0, `longest_wait`]: sums of several, and with any clock, are no overflow.
[[nodiscard]] constexpr std::chrono::milliseconds bounded(std::chrono::milliseconds wait) {
  return std::clamp(wait, std::chrono::milliseconds(0), longest_wait);
}

}  // namespace conclave
