// The shared fields.
#include "wire/fields.hpp"

#include <endian.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/utf8.hpp"
#include "wire/limits.hpp"

namespace conclave::schema {
namespace {

std::uint64_t big_endian(const std::uint8_t* bytes) {
  std::uint64_t value;
  std::memcpy(&value, bytes, sizeof value);
  return be64toh(value);
}

void big_endian(std::uint64_t value, std::uint8_t* bytes) {
  value = htobe64(value);
  std::memcpy(bytes, &value, sizeof value);
}

}  // namespace

std::uint64_t high_half(const conclave::Uuid& value) { return big_endian(value.bytes.data()); }

std::uint64_t low_half(const conclave::Uuid& value) { return big_endian(value.bytes.data() + 8); }

conclave::Uuid join_halves(std::uint64_t high, std::uint64_t low) {
  conclave::Uuid value;
  big_endian(high, value.bytes.data());
  big_endian(low, value.bytes.data() + 8);
  return value;
}

std::string sentence(const std::string& value) {
  auto clean = value.substr(0, wire::detail_bytes_max);
  // The cut may fall within a character, which has at most four bytes.
  for (int i = 0; i < 3 && clean.size() < value.size() && !is_utf8(clean); ++i) clean.pop_back();
  if (!is_utf8(clean))
    std::ranges::replace_if(
        clean, [](char c) { return c <= 0 || c > '~'; }, '?');
  return clean;
}

std::string take_text(capnp::Text::Reader in, std::size_t bytes_max, const char* field) {
  if (in.size() > bytes_max) too_long(in.size(), bytes_max, field);
  const std::string_view value(in.begin(), in.size());
  if (!is_utf8(value)) throw wire::Malformed{std::string(field) + " is no UTF-8, or has a NUL inside"};
  return std::string(value);
}

Bytes take_bytes(capnp::Data::Reader in, std::size_t bytes_max, const char* field) {
  if (in.size() > bytes_max) too_long(in.size(), bytes_max, field);
  const auto* first = reinterpret_cast<const std::byte*>(in.begin());
  return {first, first + in.size()};
}

std::string take_string(capnp::Data::Reader in, std::size_t bytes_max, const char* field) {
  if (in.size() > bytes_max) too_long(in.size(), bytes_max, field);
  return {reinterpret_cast<const char*>(in.begin()), in.size()};
}

Sha256 take_sha256(capnp::Data::Reader in, const char* field) {
  Sha256 value;
  if (in.size() != value.size())
    throw wire::Malformed{std::string(field) + " has " + std::to_string(in.size()) + " bytes, not 32"};
  std::copy(in.begin(), in.end(), value.begin());
  return value;
}

void too_long(std::size_t found, std::size_t most, const char* field) {
  throw wire::Malformed{std::string(field) + " has " + std::to_string(found) + " bytes, at most " +
                        std::to_string(most)};
}

void too_many(std::size_t found, std::size_t most, const char* field) {
  throw wire::Malformed{std::string(field) + " has " + std::to_string(found) + " elements, at most " +
                        std::to_string(most)};
}

}  // namespace conclave::schema
