#include "tidy/words.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace tidy {

namespace {

/// Written in two halves, so that this file does not say them either.
const std::array<std::string, 14> nowhere = {
    "/ho"
    "me/",
    "/ro"
    "ot/",
    "/wo"
    "rk/",
    "/fa"
    "rm/",
    "proxy.gol"
    "ang",
    "crates"
    ".io",
    "pypi"
    ".org",
    "registry.np"
    "mjs",
    "deb.debi"
    "an",
    "maven"
    ".org",
    "TO"
    "DO",
    "FIX"
    "ME",
    "HA"
    "CK",
    "XX"
    "X"};

bool is_word_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

/// True if `line` has `word` with no letter, digit or underscore right before it (nor after it, if it ends with one).
bool has_word(std::string_view line, std::string_view word) {
  for (auto at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
    const auto end = at + word.size();
    const bool begins = at == 0 || !is_word_character(line[at - 1]) || !is_word_character(word.front());
    const bool ends = end == line.size() || !is_word_character(line[end]) || !is_word_character(word.back());
    if (begins && ends) return true;
  }
  return false;
}

std::string_view without_comment(std::string_view line) { return line.substr(0, line.find("//")); }

template <class Words>
void refuse(const SourceFile& file, const Words& words, std::string_view why, Complaints& found) {
  for (std::size_t i = 0; i < file.lines.size(); ++i)
    for (std::string_view word : words)
      if (has_word(without_comment(file.lines[i]), word))
        found.push_back(complaint(file, i + 1, std::string(word) + ": " + std::string(why)));
}

bool is_library(const SourceFile& file) {
  const auto layer = folder_below(file.path, "src/");
  return file.path.starts_with("include/") || (!layer.empty() && layer != "cli" && layer != "cmake");
}

bool tests_pure_code(const SourceFile& file) {
  if (file.path.starts_with("sim/cli/")) return false;  // tells how fast it is
  return std::ranges::any_of(std::array{"tests/unit/", "tests/scenarios/", "sim/"},
                             [&](const char* folder) { return file.path.starts_with(folder); });
}

}  // namespace

Complaints forbidden_text(const SourceFile& file) {
  Complaints found;
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    const auto& line = file.lines[i];
    for (const auto& word : nowhere)
      if (has_word(line, word)) found.push_back(complaint(file, i + 1, "says " + word));
    if (line.ends_with(' ')) found.push_back(complaint(file, i + 1, "a blank at the end"));
    if (line.ends_with('\r')) found.push_back(complaint(file, i + 1, "a carriage return"));
    if (line.find('\t') != std::string::npos && !file.path.ends_with(".go"))
      found.push_back(complaint(file, i + 1, "a tab"));
  }
  if (!file.ends_with_line_break) found.push_back(complaint(file, file.lines.size(), "no line break at the end"));
  return found;
}

Complaints forbidden_code(const SourceFile& file) {
  Complaints found;
  if (!is_cpp(file)) return found;
  if (file.path.ends_with(".hpp") && std::ranges::find(file.lines, "#pragma once") == file.lines.end())
    found.push_back(complaint(file, 1, "no #pragma once"));
  if (!file.path.starts_with("tests/")) refuse(file, std::array{"using namespace conclave"}, "in tests only", found);
  if (is_library(file))
    refuse(file, std::array{"std::cout", "std::cerr", "printf(", "exit(", "abort(", "terminate(", "assert("},
           "the library never prints and never exits", found);
  if (tests_pure_code(file))
    refuse(file, std::array{"sleep_for", "sleep_until", "system_clock", "steady_clock", "usleep(", "sleep("},
           "no sleeps and no real clock here", found);
  return found;
}

}  // namespace tidy
