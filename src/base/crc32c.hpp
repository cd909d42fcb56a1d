// CRC32C (Castagnoli, RFC 3720 appendix B.4): guards every frame and every stored record.
#pragma once

#include <cstdint>

#include <conclave/types.hpp>

namespace conclave {

/// The checksum of `bytes`, or of what gave `seed` followed by `bytes`.
[[nodiscard]] std::uint32_t crc32c(BytesView bytes, std::uint32_t seed = 0);

}  // namespace conclave
