// Runs the scenario files: `scenarios FOLDER` compares what happens with what each file says, `--rewrite` writes it down.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "sim/transcript.hpp"

namespace {

namespace fs = std::filesystem;

const std::string border = "----\n";

std::string read(const fs::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The first line in which the two differ, for a person.
std::string first_difference(const std::string& expected, const std::string& actual) {
  std::istringstream left(expected);
  std::istringstream right(actual);
  for (int number = 1;; ++number) {
    std::string one;
    std::string two;
    const bool more_left = static_cast<bool>(std::getline(left, one));
    const bool more_right = static_cast<bool>(std::getline(right, two));
    if (!more_left && !more_right) return "nowhere";
    if (one != two || more_left != more_right)
      return "line " + std::to_string(number) + "\n  expected: " + one + "\n  happened: " + two;
  }
}

bool check(const fs::path& path, bool rewrite) {
  const auto text = read(path);
  const auto at = text.find(border);
  const auto script = text.substr(0, at);
  const auto expected = at == std::string::npos ? "" : text.substr(at + border.size());
  const auto happened = conclave::sim::run_transcript(script);
  const auto name = path.filename().string();
  if (!happened) {
    std::cout << name << ": FAILED: " << happened.error().message() << '\n';
    return false;
  }
  if (rewrite) {
    std::ofstream(path) << script << border << *happened;
    std::cout << name << ": rewritten\n";
    return true;
  }
  // The same text gives the same lines, also the second time.
  const bool same = *happened == expected && *conclave::sim::run_transcript(script) == expected;
  std::cout << name << (same ? ": ok\n" : ": FAILED: differs at " + first_difference(expected, *happened) + "\n");
  return same;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const bool rewrite = std::ranges::find(arguments, "--rewrite") != arguments.end();
  if (arguments.empty() || arguments.front().starts_with("--")) {
    std::cerr << "usage: scenarios FOLDER [--rewrite]\n";
    return 64;
  }
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(arguments.front()))
    if (entry.path().extension() == ".txt" && entry.path().filename() != "CMakeLists.txt") files.push_back(entry.path());
  std::ranges::sort(files);
  bool all = !files.empty();
  for (const auto& file : files) all = check(file, rewrite) && all;
  std::cout << "scenarios: " << (all ? "ok" : "FAILED") << " (" << files.size() << " files)\n";
  return all ? 0 : 1;
}
