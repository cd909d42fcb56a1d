#include "storage/record.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/crc32c.hpp"

namespace conclave::storage {
namespace {

enum class Kind : std::uint8_t { log = 1, meta = 2 };

std::array<std::byte, 8> little_endian(std::uint64_t number) {
  std::array<std::byte, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(number >> (8 * i));
  return bytes;
}

// The key's checksum seeds the value's. A length goes before a key, so that no byte can move from key to value unseen.
std::uint32_t key_checksum(Slot slot) {
  const std::array kind{static_cast<std::byte>(Kind::log)};
  return crc32c(little_endian(slot.value), crc32c(kind));
}

std::uint32_t key_checksum(std::string_view meta_key) {
  const std::array head{static_cast<std::byte>(Kind::meta), static_cast<std::byte>(meta_key.size())};
  return crc32c(std::as_bytes(std::span(meta_key)), crc32c(head));
}

template <class Key>
void write(std::span<std::byte> into, Key key, BytesView value) {
  const auto sum = little_endian(crc32c(value, key_checksum(key)));
  std::copy_n(sum.begin(), record_header_bytes, into.begin());
  std::ranges::copy(value, into.begin() + record_header_bytes);
}

template <class Key>
std::optional<BytesView> read(BytesView stored, Key key) {
  if (stored.size() < record_header_bytes) return std::nullopt;
  const BytesView value = stored.subspan(record_header_bytes);
  const auto sum = little_endian(crc32c(value, key_checksum(key)));
  if (!std::equal(stored.begin(), stored.begin() + record_header_bytes, sum.begin())) return std::nullopt;
  return value;
}

}  // namespace

void write_record(std::span<std::byte> into, Slot slot, BytesView value) { write(into, slot, value); }
void write_record(std::span<std::byte> into, std::string_view meta_key, BytesView value) {
  write(into, meta_key, value);
}

std::optional<BytesView> read_record(BytesView stored, Slot slot) { return read(stored, slot); }
std::optional<BytesView> read_record(BytesView stored, std::string_view meta_key) { return read(stored, meta_key); }

}  // namespace conclave::storage
