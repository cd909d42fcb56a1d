// Which of the states that a power cut may leave are looked at: all of them when they are few, otherwise a sample.
#pragma once

#include <vector>

#include "base/prng.hpp"
#include "powercut/disk_model.hpp"

namespace conclave::powercut {

struct StateLimits {
  /// All states are taken when they are no more than this.
  std::size_t all_max = 32;
  /// Otherwise so many are drawn, beside "nothing more" and "everything".
  std::size_t samples = 8;
};

struct States {
  bool all = false;
  std::vector<Picks> picks;
};

[[nodiscard]] States crash_states(const std::vector<Choice>& choices, const StateLimits& limits, Prng draw);

}  // namespace conclave::powercut
