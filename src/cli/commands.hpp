// The commands of the command line. Each returns the exit code: 0, the held command's own, or one of `ExitCode`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/options.hpp"

namespace conclave::cli {

/// As in sysexits.h, where a shell script can tell them from its own command's.
enum ExitCode : int {
  usage_error = 64,
  not_available = 69,  ///< no cluster, no quorum, no answer
  lock_lost = 74,      ///< the command ended with 0, and the lock or leadership was lost before that
  not_acquired = 75,   ///< the lock was not free in time
};

struct HoldOptions {
  NodeOptions node;
  std::string name;
  std::vector<std::string> command;
  std::optional<unsigned> timeout_ms;
  bool try_once = false;

  void add_to(CLI::App& app, const char* about_name);
};

struct StatusOptions {
  std::vector<std::string> addresses;
  unsigned timeout_ms = 2000;

  void add_to(CLI::App& app);
};

[[nodiscard]] int run_member(const NodeOptions& options);
[[nodiscard]] int hold_lock(HoldOptions options);
[[nodiscard]] int hold_leadership(HoldOptions options);
[[nodiscard]] int show_status(const StatusOptions& options);

}  // namespace conclave::cli
