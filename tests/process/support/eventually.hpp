// Waiting for a condition in a world of real processes: as long as it takes, within a generous limit.
#pragma once

#include <chrono>
#include <thread>

namespace conclave::process {

/// Asks `condition` again and again; false when it was still not met after `limit`.
template <class Condition>
[[nodiscard]] bool eventually(Condition condition, std::chrono::seconds limit = std::chrono::seconds(60)) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace conclave::process
