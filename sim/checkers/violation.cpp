#include "sim/checkers/violation.hpp"

#include <algorithm>

#include "sim/checkers/json_lines.hpp"

namespace conclave::sim {

Violation violation(std::string_view check, std::string subject, const History& history,
                    std::vector<std::size_t> events, std::string sentence) {
  std::ranges::sort(events);
  const auto [repeated, end] = std::ranges::unique(events);
  events.erase(repeated, end);
  const auto from = events.empty() ? TrueTime{} : at(history.events[events.front()]);
  const auto to = events.empty() ? TrueTime{} : at(history.events[events.back()]);
  return {check, std::move(subject), Verdict::broken, from, to, std::move(events), std::move(sentence)};
}

std::string to_string(const Violation& violation, const History& history) {
  std::string text = std::string(violation.check) + ", " + violation.subject + ", at " +
                     std::to_string(violation.from.count()) + " to " + std::to_string(violation.to.count()) + ": " +
                     (violation.verdict == Verdict::undecided ? "undecided: " : "") + violation.sentence;
  // The first line of a file is its meta line.
  for (const auto index : violation.events)
    text += "\n  line " + std::to_string(index + 2) + ": " + to_line(history.events[index]);
  return text;
}

}  // namespace conclave::sim
