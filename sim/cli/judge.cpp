// Histories from files: of a simulator, of real processes, of anybody who writes the format.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>

#include "sim/checkers/check.hpp"
#include "sim/checkers/contents.hpp"
#include "sim/checkers/json_lines.hpp"
#include "sim/cli/commands.hpp"

namespace conclave::sim::cli {
namespace {

namespace fs = std::filesystem;

/// The files that are meant, in order; nothing: one of `paths` is a folder without any.
std::optional<std::vector<fs::path>> find_files(const std::vector<std::string>& paths) {
  std::vector<fs::path> files;
  for (const auto& path : paths) {
    if (!fs::is_directory(path)) {
      files.emplace_back(path);
      continue;
    }
    const auto before = files.size();
    for (const auto& entry : fs::directory_iterator(path))
      if (entry.path().extension() == ".jsonl") files.push_back(entry.path());
    std::sort(files.begin() + static_cast<std::ptrdiff_t>(before), files.end());
    if (files.size() > before) continue;
    std::cerr << path << ": no histories (*.jsonl) here\n";
    return std::nullopt;
  }
  return files;
}

std::optional<History> read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  const auto refuse = [&](const std::string& why) {
    std::cerr << file.string() << ": " << why << '\n';
    return std::nullopt;
  };
  if (!in) return refuse("it cannot be read");
  auto history = read_history(in);
  if (!history) return refuse(history.error().detail);
  return std::move(*history);
}

std::string to_string(const Contents& held) {
  return std::to_string(held.operations) + " operations on " + std::to_string(held.objects.size()) + " objects, " +
         std::to_string(held.grants) + " grants, " + std::to_string(held.leaders) + " leaders; worst: " + most_lost(held);
}

/// Whether `history` is sound, and rich enough where that is asked for.
bool judge(const std::string& name, const History& history, bool bar) {
  const auto held = contents(history);
  const auto violations = check(history);
  const auto missing = bar ? shortfalls(held, {}) : std::vector<std::string>();
  const bool passes = violations.empty() && missing.empty();
  std::cout << name << (passes ? ": ok: " : ": FAILED: ") << to_string(held) << '\n';
  for (const auto& violation : violations) std::cout << "  " << to_string(violation, history) << '\n';
  for (const auto& sentence : missing) std::cout << "  too little: " << sentence << '\n';
  return passes;
}

}  // namespace

int check(const CheckOptions& options) {
  const auto files = find_files(options.paths);
  if (!files) return wrong_use;
  std::size_t failures = 0;
  std::size_t refused = 0;
  for (const auto& file : *files) {
    const auto history = read(file);
    if (!history)
      ++refused;
    else if (!judge(file.string(), *history, options.bar))
      ++failures;
  }
  std::cout << "check: " << files->size() << " histories, " << failures << " failures";
  if (refused > 0) std::cout << ", " << refused << " not readable";
  std::cout << '\n';
  return refused > 0 ? wrong_use : failures > 0 ? found_something : all_well;
}

}  // namespace conclave::sim::cli
