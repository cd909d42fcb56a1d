// Bare segments word by word, for messages that our own encoder never writes. The layout is Cap'n Proto's encoding
// specification.
#pragma once

#include <cstdint>
#include <vector>

#include <conclave/types.hpp>

namespace conclave::test {

using Words = std::vector<std::uint64_t>;

[[nodiscard]] Words to_words(BytesView body);
[[nodiscard]] Bytes to_body(const Words& words);

/// Element sizes of lists, as the pointer names them.
enum class Element : std::uint64_t {
  nothing = 0,
  bit = 1,
  byte = 2,
  two = 3,
  four = 4,
  eight = 5,
  pointer = 6,
  composite = 7
};

/// A pointer whose target begins `offset` words after the pointer's own word.
[[nodiscard]] std::uint64_t struct_pointer(std::int32_t offset, std::uint64_t data_words, std::uint64_t pointers);
[[nodiscard]] std::uint64_t list_pointer(std::int32_t offset, Element element, std::uint64_t count);
/// Where the pointer in word `at` leads.
[[nodiscard]] std::size_t target(const Words& words, std::size_t at);

/// The same message as a later version of the schema would write it: each struct has a word of data and a text more.
[[nodiscard]] Bytes as_newer(BytesView body);

}  // namespace conclave::test
