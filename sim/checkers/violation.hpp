// What a check has against a history.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/checkers/history.hpp"

namespace conclave::sim {

/// `undecided`: the check gave up at a bound; that is neither a fault found nor a history accepted.
enum class Verdict { broken, undecided };

struct Violation {
  /// The check's name, as in assertion messages and the mutant table.
  std::string_view check;
  /// What it is about: an object, a lock or election, a session, a slot.
  std::string subject;
  Verdict verdict{Verdict::broken};
  /// When the contradiction began and ended to be one.
  TrueTime from{};
  TrueTime to{};
  /// The events that contradict each other: places in `History::events`, in order.
  std::vector<std::size_t> events;
  /// One sentence for a person.
  std::string sentence;
  friend bool operator==(const Violation&, const Violation&) = default;
};
using Violations = std::vector<Violation>;

/// `events` in any order; from the first of them to the last.
[[nodiscard]] Violation violation(std::string_view check, std::string subject, const History& history,
                                  std::vector<std::size_t> events, std::string sentence);

/// The finding, and below it the lines of the history file that it cites.
[[nodiscard]] std::string to_string(const Violation& violation, const History& history);

}  // namespace conclave::sim
