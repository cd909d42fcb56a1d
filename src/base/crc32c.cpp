#include "base/crc32c.hpp"

#include <isa-l/crc.h>

namespace conclave {

std::uint32_t crc32c(BytesView bytes, std::uint32_t seed) {
  // The library takes a mutable pointer that it does not write through, and an int length: go by pieces.
  constexpr std::size_t piece_max = std::size_t{1} << 30;
  auto crc = ~seed;
  while (!bytes.empty()) {
    const auto piece = bytes.first(std::min(bytes.size(), piece_max));
    auto* data = reinterpret_cast<unsigned char*>(const_cast<std::byte*>(piece.data()));
    crc = crc32_iscsi(data, static_cast<int>(piece.size()), crc);
    bytes = bytes.subspan(piece.size());
  }
  return ~crc;
}

}  // namespace conclave
