// Planted bugs.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>

#include "sim/cli/commands.hpp"

namespace conclave::sim::cli {

int mutants(const std::string& folder, const std::vector<std::string>& arguments) {
  const auto script = std::filesystem::absolute(folder) / "sim/mutants/hunt.sh";
  if (!std::filesystem::exists(script)) {
    std::cerr << script.string() << ": not there; `--tree` names a source tree of Conclave\n";
    return wrong_use;
  }
  auto words = arguments;
  words.insert(words.begin(), script.string());
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  // The script builds, measures and counts; this process becomes it.
  ::execv(argv.front(), argv.data());
  std::cerr << script.string() << ": " << std::strerror(errno) << '\n';
  return wrong_use;
}

}  // namespace conclave::sim::cli
