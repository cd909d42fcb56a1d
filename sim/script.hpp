// Words and quantities of scenario files.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <conclave/types.hpp>

namespace conclave::sim {

using Words = std::vector<std::string>;

/// The words of a line; `#` begins a comment. A group `{1 2}` is one word.
[[nodiscard]] Words split(std::string_view line);
[[nodiscard]] std::string join(const Words& words);

/// `10us`, `250ms`, `3s`, `2m`, `1h`.
[[nodiscard]] std::optional<BootClock::duration> parse_duration(std::string_view word);
[[nodiscard]] std::string to_string(BootClock::duration duration);
/// A whole number, below zero with a `-`.
[[nodiscard]] std::optional<std::int64_t> parse_count(std::string_view word);
/// `{1 2}` as a set.
[[nodiscard]] std::optional<std::set<std::string>> parse_group(std::string_view word);

}  // namespace conclave::sim
