// What a process saw in the log, and what it did not hear the end of, as a line between those of conclave-history/1.
#pragma once

#include <optional>
#include <string>

#include "sim/checkers/history.hpp"

namespace conclave::process {

struct LogLine {
  /// `left`: the acquire of this number goes on in another session than this one, which is over.
  enum class What { granted, ungranted, ended, left };
  sim::TrueTime at{};
  What what{};
  std::string lock{"-"};
  std::string session{"-"};
  /// Of a grant; or the number of an acquire.
  std::int64_t token{0};
  /// Ungranted with its session; ended because it had expired.
  bool flag{false};

  friend bool operator==(const LogLine&, const LogLine&) = default;
};

[[nodiscard]] std::string to_text(const LogLine& line);
/// Nothing: it is no such line.
[[nodiscard]] std::optional<LogLine> parse_log_line(const std::string& text);

/// CLOCK_MONOTONIC.
[[nodiscard]] sim::TrueTime true_now();

}  // namespace conclave::process
