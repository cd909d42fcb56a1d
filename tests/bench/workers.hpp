// Workers inside a node's process, each of which begins its next operation when the last is done.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <future>

#include <conclave/conclave.hpp>

#include <nlohmann/json.hpp>

#include "bench/row.hpp"

namespace conclave::bench {

/// Tells how an operation ended.
using Done = std::function<void(const Result<void>&)>;
/// Begins one operation of the worker with this number; `done` runs on the callback executor.
using Operation = std::function<void(std::size_t worker, Done done)>;

/// Proposes a command.
[[nodiscard]] Operation command_operation(Node& node);
/// Locks and unlocks the name `prefix`, followed by the worker's number if `numbered`.
[[nodiscard]] Operation lock_operation(Node& node, std::string prefix, bool numbered);
/// Reads linearizably.
[[nodiscard]] Operation read_operation(Node& node);

class Workers {
 public:
  using Clock = std::chrono::steady_clock;

  Workers(std::size_t many, std::chrono::milliseconds period) : many_(many), period_(period) {}

  /// Returns when the last operation that began within the period is done. A failed operation is a failed measurement:
  /// throws.
  [[nodiscard]] nlohmann::json run(Operation operation);

 private:
  void begin(std::size_t worker);
  void end(std::size_t worker, Clock::time_point began, const Result<void>& result);

  const std::size_t many_;
  const std::chrono::milliseconds period_;
  Operation operation_;
  Clock::time_point began_;
  // From here on only the callback executor, which runs one callback at a time, until `all_done_` is set.
  std::size_t idle_{0};
  Latencies latencies_;
  std::optional<Error> failure_;
  std::promise<void> all_done_;
};

}  // namespace conclave::bench
