// How a record lies in a store: CRC32C over its kind, key and value (4 bytes, little-endian), then the value. The key
// is summed up too, so a sound value under a wrong key (a misdirected write) is damaged as well (P9).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include <conclave/types.hpp>

namespace conclave::storage {

inline constexpr std::size_t record_header_bytes = 4;

/// Writes the record into `into`, whose size is `record_header_bytes + value.size()`.
void write_record(std::span<std::byte> into, Slot slot, BytesView value);
void write_record(std::span<std::byte> into, std::string_view meta_key, BytesView value);

/// The value of a stored record, as a view into it; nothing when the checksum says that key or value is damaged.
[[nodiscard]] std::optional<BytesView> read_record(BytesView stored, Slot slot);
[[nodiscard]] std::optional<BytesView> read_record(BytesView stored, std::string_view meta_key);

}  // namespace conclave::storage
