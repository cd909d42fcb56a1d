#include "sim/script.hpp"

#include <array>
#include <charconv>
#include <sstream>

namespace conclave::sim {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};
// From the longest on.
constexpr auto units = std::to_array<Unit>({{"h", 3'600'000'000'000},
                                            {"m", 60'000'000'000},
                                            {"s", 1'000'000'000},
                                            {"ms", 1'000'000},
                                            {"us", 1'000},
                                            {"ns", 1}});

}  // namespace

Words split(std::string_view line) {
  std::istringstream in{std::string(line.substr(0, line.find('#')))};
  Words words;
  for (std::string word; in >> word;) {
    for (std::string more; word.front() == '{' && word.back() != '}' && in >> more;) word += ' ' + more;
    words.push_back(std::move(word));
  }
  return words;
}

std::string join(const Words& words) {
  std::string line;
  for (const auto& word : words) line += (line.empty() ? "" : " ") + word;
  return line;
}

std::optional<std::int64_t> parse_count(std::string_view word) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), count);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return count;
}

std::optional<BootClock::duration> parse_duration(std::string_view word) {
  const auto digits = std::min(word.find_first_not_of("0123456789"), word.size());
  const auto count = parse_count(word.substr(0, digits));
  if (!count) return std::nullopt;
  for (const auto& unit : units)
    if (unit.name == word.substr(digits) && *count <= INT64_MAX / unit.nanoseconds)
      return std::chrono::nanoseconds(*count * unit.nanoseconds);
  return std::nullopt;
}

std::string to_string(BootClock::duration duration) {
  for (const auto& unit : units)
    if (duration.count() % unit.nanoseconds == 0 && duration.count() != 0)
      return std::to_string(duration.count() / unit.nanoseconds) + std::string(unit.name);
  return "0s";
}

std::optional<std::set<std::string>> parse_group(std::string_view word) {
  if (word.size() < 2 || word.front() != '{' || word.back() != '}') return std::nullopt;
  const auto names = split(word.substr(1, word.size() - 2));
  return std::set<std::string>(names.begin(), names.end());
}

}  // namespace conclave::sim
