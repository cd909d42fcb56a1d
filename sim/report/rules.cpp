#include "sim/report/rules.hpp"

#include <algorithm>
#include <cctype>
#include <map>

namespace conclave::sim {
namespace {

const std::map<std::string_view, std::vector<std::string>> of_histories = {
    {"single-believer", {"S2", "S5"}}, {"single-leader", {"L1", "L2"}}, {"terms-rise", {"P12", "C3"}},
    {"tokens-rise", {"C3"}},           {"fencing", {"C6"}},             {"exactly-once", {"S6"}},
    {"session-ttl", {"S1", "S3"}},     {"session-trust", {"S2"}},       {"state-digest", {"C1"}},
    {"linearizable", {"R1", "P5"}},    {"back-after-healing", {"E2"}},  {"pending-operations-answered", {"S6"}},
    {"equal-state-soon-after", {"P10"}},
};

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

/// A capital letter and one or two digits, alone.
std::vector<std::string> cited(std::string_view text) {
  std::vector<std::string> rules;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (std::isupper(static_cast<unsigned char>(text[i])) == 0 || (i > 0 && is_word(text[i - 1]))) continue;
    auto end = i + 1;
    while (end < text.size() && is_digit(text[end])) ++end;
    const bool alone = end == text.size() || !is_word(text[end]);
    if (alone && end - i >= 2 && end - i <= 3) rules.emplace_back(text.substr(i, end - i));
  }
  return rules;
}

}  // namespace

std::vector<std::string> rules_of(const Violation& violation) {
  auto rules = cited(violation.sentence);
  const auto known = of_histories.find(violation.check);
  if (rules.empty() && known != of_histories.end()) return known->second;
  std::ranges::sort(rules);
  rules.erase(std::unique(rules.begin(), rules.end()), rules.end());
  return rules;
}

std::string text_of(std::string_view rule, std::string_view protocol) {
  const auto head = "\n- **" + std::string(rule) + "** ";
  const auto found = protocol.find(head);
  if (found == std::string_view::npos) return {};
  auto rest = protocol.substr(found + head.size());
  // A paragraph of a list goes on where lines begin with two blanks.
  std::string text;
  for (;;) {
    const auto end = std::min(rest.find('\n'), rest.size());
    text += rest.substr(0, end);
    rest.remove_prefix(end);
    if (!rest.starts_with("\n  ")) break;
    text += ' ';
    rest.remove_prefix(3);
  }
  std::erase_if(text, [](char c) { return c == '*' || c == '`'; });
  return text;
}

}  // namespace conclave::sim
