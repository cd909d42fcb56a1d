// The work on images that is done aside from the protocol (P11, O2): encoding and hashing, and the way back.
//
// Pure functions, safe on any thread. Their cost grows with the state.
#pragma once

#include "engine/image.hpp"

namespace conclave::driver {

[[nodiscard]] engine::ImageSealed seal(engine::SealImage work);
[[nodiscard]] engine::ImageOpened open(engine::OpenImage work);

}  // namespace conclave::driver
