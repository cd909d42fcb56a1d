// The durations of the protocol, checked: by `validate`, and by the simulator.
#pragma once

#include <conclave/config.hpp>

namespace conclave::client {

/// `errc::invalid_argument` names the knob, its value and the change that mends it.
[[nodiscard]] Result<void> check_timing(const Timing& timing);

}  // namespace conclave::client
