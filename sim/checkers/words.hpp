// The words of the format for the values of our enums, in the order of their values.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "sim/checkers/history.hpp"

namespace conclave::sim {

template <class Enum>
inline constexpr std::array<std::string_view, 0> words_of{};
template <>
inline constexpr auto words_of<Kind> = std::to_array<std::string_view>({"reg", "lock", "guard", "once"});
template <>
inline constexpr auto words_of<Op> =
    std::to_array<std::string_view>({"read", "write", "cas", "acquire", "release", "expire", "apply"});
template <>
inline constexpr auto words_of<Status> = std::to_array<std::string_view>({"ok", "no", "lost", "fail"});
template <>
inline constexpr auto words_of<What> = std::to_array<std::string_view>({"grant", "keep", "lost", "close", "expire"});

template <class Enum>
[[nodiscard]] constexpr std::string_view word(Enum value) {
  return words_of<Enum>[static_cast<std::size_t>(value)];
}

template <class Enum>
[[nodiscard]] constexpr std::optional<Enum> from_word(std::string_view text) {
  const auto found = std::ranges::find(words_of<Enum>, text);
  if (found == words_of<Enum>.end()) return std::nullopt;
  return static_cast<Enum>(found - words_of<Enum>.begin());
}

}  // namespace conclave::sim
