// Events as lines of JSON and back: conclave-history/1.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <variant>

#include "sim/checkers/history.hpp"

namespace conclave::sim {

/// One line, without its end. Strings are UTF-8; bytes that are not are replaced by U+FFFD.
[[nodiscard]] std::string to_line(const Meta& meta);
[[nodiscard]] std::string to_line(const Event& event);

/// One line alone: `errc::invalid_argument` says what is wrong with it (no JSON, unknown type, missing or unknown key, a
/// value of another type or out of range).
[[nodiscard]] Result<std::variant<Meta, Event>> parse_line(std::string_view line);

/// Writes the events in order of `at`.
void write_history(std::ostream& out, History history);

/// Reads a whole file. `errc::invalid_argument` names the first bad line by its number, and the reason: besides what
/// `parse_line` refuses, a first line that is not `meta` and whatever `Grammar` refuses.
[[nodiscard]] Result<History> read_history(std::istream& in);

}  // namespace conclave::sim
