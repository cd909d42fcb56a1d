/// \file
/// The version of the library and the range of protocol versions that it speaks.
#pragma once

#include <cstdint>

#define CONCLAVE_VERSION_MAJOR 0
#define CONCLAVE_VERSION_MINOR 1
#define CONCLAVE_VERSION_PATCH 0
#define CONCLAVE_VERSION "0.1.0"

namespace conclave {

/// The oldest and the newest wire protocol that this build speaks (PROTOCOL.md, "Versions").
inline constexpr std::uint16_t protocol_version_min = 1;
inline constexpr std::uint16_t protocol_version_max = 1;

}  // namespace conclave
