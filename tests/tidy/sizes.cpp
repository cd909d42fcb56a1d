#include "tidy/sizes.hpp"

#include <cctype>
#include <sstream>

namespace tidy {

namespace {

/// Walks over C++ text and hands out what is neither comment nor literal.
class CodeReader {
 public:
  explicit CodeReader(const SourceFile& file) {
    for (const auto& line : file.lines) text_ += (line.starts_with('#') ? "" : line) + '\n';
  }

  /// The next character of code; '\0' at the end. A literal comes as one space.
  char next() {
    if (at_ >= text_.size()) return '\0';
    if (starts("//")) return skip_to("\n", 0);
    if (starts("/*")) return skip_to("*/", 2);
    if (starts("R\"")) return skip_to(")" + text_.substr(at_ + 2, text_.find('(', at_) - at_ - 2) + "\"", 1);
    if (text_[at_] == '"' || (text_[at_] == '\'' && !inside_number())) return skip_literal(text_[at_]);
    return step();
  }

  [[nodiscard]] std::size_t line() const { return line_; }

 private:
  [[nodiscard]] bool starts(std::string_view what) const { return text_.compare(at_, what.size(), what) == 0; }
  /// A digit separator is no character literal.
  [[nodiscard]] bool inside_number() const {
    return at_ > 0 && std::isxdigit(static_cast<unsigned char>(text_[at_ - 1]));
  }

  char step() {
    if (text_[at_] == '\n') ++line_;
    return text_[at_++];
  }

  char skip_to(const std::string& end, std::size_t beyond) {
    const auto stop = std::min(text_.find(end, at_ + 1), text_.size());
    while (at_ < std::min(stop + beyond, text_.size())) step();
    return ' ';
  }

  char skip_literal(char quote) {
    step();
    while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n') {
      if (text_[at_] == '\\') step();
      if (at_ < text_.size()) step();
    }
    if (at_ < text_.size() && text_[at_] == quote) step();
    return ' ';
  }

  std::string text_;
  std::size_t at_{0};
  std::size_t line_{1};
};

/// What stands before a brace makes it a function's body: a parameter list, and no type or namespace.
bool opens_function(std::string_view head) {
  for (std::string_view word : {"namespace ", "enum ", "union ", "extern "})
    if (head.find(word) != std::string_view::npos) return false;
  const auto parameters = head.find('(');
  if (parameters == std::string_view::npos) return false;
  // `class [[nodiscard]] __attribute__((x)) Name {` has no closing parenthesis at its end.
  for (std::string_view word : {"class ", "struct "})
    if (head.substr(0, parameters).find(word) != std::string_view::npos && !head.ends_with(")")) return false;
  return true;
}

/// The name before the parameter list: "Replica::step" of "Effects Replica::step(Event event) const".
std::string name_in(std::string_view head) {
  const auto end = head.find('(');
  auto begin = end;
  const auto is_name = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == ':' || c == '~';
  };
  while (begin > 0 && is_name(head[begin - 1])) --begin;
  return std::string(head.substr(begin, end - begin));
}

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \n");
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \n") - begin + 1);
}

void add_long_functions(const SourceFile& file, Oversize& found) {
  CodeReader reader(file);
  std::string head;
  std::size_t head_line = 1;
  std::string name;
  // Depth of braces inside the function being read; 0: between functions.
  std::size_t depth = 0;
  for (char c = reader.next(); c != '\0'; c = reader.next()) {
    if (depth > 0) {
      if (c == '{') ++depth;
      if (c == '}' && --depth == 0) {
        const auto lines = reader.line() - head_line + 1;
        if (lines > function_lines_max) found[file.path + " " + name] = lines;
      }
      continue;
    }
    if (c == '{' && opens_function(trimmed(head))) {
      name = name_in(trimmed(head));
      depth = 1;
    }
    if (c == '{' || c == '}' || c == ';') {
      head.clear();
    } else {
      if (trimmed(head).empty()) head_line = reader.line();
      head += c;
    }
  }
}

}  // namespace

Oversize oversize(const SourceFile& file) {
  Oversize found;
  if (!is_cpp(file)) return found;
  if (file.lines.size() > file_lines_max) found[file.path] = file.lines.size();
  add_long_functions(file, found);
  return found;
}

Oversize parse_ratchet(const SourceFile& ratchet) {
  Oversize granted;
  for (const auto& line : ratchet.lines) {
    std::istringstream words(line);
    std::size_t lines = 0;
    std::string path, function;
    if (line.starts_with('#') || !(words >> lines >> path)) continue;
    words >> function;
    granted[function.empty() ? path : path + " " + function] = lines;
  }
  return granted;
}

Complaints judge_sizes(const Oversize& found, const Oversize& granted) {
  Complaints complaints;
  for (const auto& [what, lines] : found) {
    const auto grant = granted.find(what);
    if (grant == granted.end())
      complaints.push_back(what + ": " + std::to_string(lines) + " lines: look for a seam");
    else if (lines > grant->second)
      complaints.push_back(what + ": grew to " + std::to_string(lines) + " lines; it was granted " +
                           std::to_string(grant->second));
  }
  for (const auto& [what, lines] : granted) {
    const auto now = found.find(what);
    if (now == found.end())
      complaints.push_back(what + ": is within its limit now; take it out of ratchet.txt");
    else if (now->second < lines)
      complaints.push_back(what + ": shrank to " + std::to_string(now->second) + " lines; lower it in ratchet.txt");
  }
  return complaints;
}

}  // namespace tidy
