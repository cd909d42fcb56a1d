// Runs a command for as long as something is held, and never longer.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <conclave/result.hpp>
#include <conclave/types.hpp>

namespace conclave::cli {

/// What the command rests on: a lock, a leadership.
struct Held {
  /// How much is certainly left of it; zero once it is lost.
  std::function<std::chrono::nanoseconds()> remaining;
  /// It was given up or lost, whatever its deadline says.
  std::function<bool()> ended;
};

/// How a command ended.
struct Ran {
  int code{0};
  /// It ended by itself while what it rests on was certainly held.
  bool kept{false};
};

/// Runs `command` with `environment` added. SIGTERM goes to its process group `margin` before the deadline, or at once when
/// `held` ended; SIGKILL at the deadline. The signals that `block_signals` names are passed on. This thread must have them
/// blocked.
[[nodiscard]] Result<Ran> run_while_held(const std::vector<std::string>& command,
                                         const std::map<std::string, std::string>& environment, const Held& held,
                                         std::chrono::nanoseconds margin);

/// Blocks SIGINT and SIGTERM, and SIGHUP and SIGQUIT unless they are ignored, for this thread and all that it starts, so that
/// they are read and not suffered.
void block_signals();
/// Waits for one of them, at most `patience`; which one came, if any.
[[nodiscard]] std::optional<int> wait_for_signal(std::chrono::milliseconds patience);

}  // namespace conclave::cli
