#include "tidy/rules.hpp"

#include <algorithm>
#include <cctype>

namespace tidy {

namespace {

constexpr std::string_view protocol_path = "schema/PROTOCOL.md";

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

/// A hyphen before the letter makes it an option of a compiler.
bool joins_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-'; }

bool is_transcript(const SourceFile& file) {
  return file.path.starts_with("tests/scenarios/") && file.path.ends_with(".txt");
}

bool may_cite(const SourceFile& file) {
  if (file.path.starts_with("tests/tidy/")) return false;
  return is_cpp(file) || is_transcript(file) || file.path.ends_with(".md") || file.path.ends_with(".capnp");
}

bool is_product(const SourceFile& file) {
  return is_cpp(file) && (file.path.starts_with("src/") || file.path.starts_with("include/"));
}

/// A test case's head: TEST_CASE("..."), STORAGE_CONTRACT("...").
bool names_test(const SourceFile& file, std::string_view line) {
  if (is_transcript(file)) return true;
  if (!file.path.starts_with("tests/")) return false;
  return line.find("TEST_CASE") != std::string_view::npos || line.find("_CONTRACT(\"") != std::string_view::npos;
}

}  // namespace

std::set<std::string> defined_rules(const SourceFile& protocol) {
  constexpr std::string_view head = "- **";
  std::set<std::string> rules;
  for (const std::string_view line : protocol.lines) {
    if (!line.starts_with(head)) continue;
    const auto end = line.find("**", head.size());
    const auto cited = cited_rules(line.substr(0, end));
    if (end != std::string_view::npos && cited.size() == 1) rules.insert(cited.front());
  }
  return rules;
}

std::vector<std::string> cited_rules(std::string_view line) {
  std::vector<std::string> rules;
  for (std::size_t at = 0; at + 1 < line.size(); ++at) {
    if (!std::isupper(static_cast<unsigned char>(line[at])) || (at > 0 && joins_word(line[at - 1]))) continue;
    auto end = at + 1;
    while (end < line.size() && is_digit(line[end])) ++end;
    const auto digits = end - at - 1;
    if (digits < 1 || digits > 2 || (end < line.size() && joins_word(line[end]) && line[end] != '-')) continue;
    rules.emplace_back(line.substr(at, end - at));
  }
  return rules;
}

Complaints judge_rules(const std::vector<SourceFile>& files) {
  const auto protocol = std::ranges::find(files, protocol_path, &SourceFile::path);
  if (protocol == files.end()) return {std::string(protocol_path) + " is missing"};
  const auto defined = defined_rules(*protocol);

  Complaints found;
  std::set<std::string> in_product, in_tests;
  for (const auto& file : files) {
    if (!may_cite(file)) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i)
      for (const auto& rule : cited_rules(file.lines[i])) {
        if (!defined.contains(rule)) found.push_back(complaint(file, i + 1, "there is no rule " + rule));
        if (is_product(file)) in_product.insert(rule);
        if (names_test(file, file.lines[i])) in_tests.insert(rule);
      }
  }
  for (const auto& rule : defined) {
    if (!in_product.contains(rule)) found.push_back("rule " + rule + " is cited by no code");
    if (!in_tests.contains(rule)) found.push_back("rule " + rule + " is named by no test");
  }
  return found;
}

}  // namespace tidy
