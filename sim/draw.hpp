// Values drawn from a key.
#pragma once

#include <cstdint>

#include "base/prng.hpp"

namespace conclave::sim {

/// A Uuid, or an id that is one.
template <class Id>
[[nodiscard]] Id draw_id(Prng& prng) {
  Id id;
  for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(prng.below(256));
  return id;
}

}  // namespace conclave::sim
