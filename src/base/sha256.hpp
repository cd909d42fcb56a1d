// SHA-256 (FIPS 180-4): names clusters and seals images.
#pragma once

#include <array>
#include <cstdint>

#include <conclave/types.hpp>

namespace conclave {

using Sha256 = std::array<std::uint8_t, 32>;

[[nodiscard]] Sha256 sha256(BytesView bytes);

}  // namespace conclave
