// Processes that are measured: this program, executed again in another role, with a line of JSON in for each line out.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/counts.hpp"

namespace conclave::bench {

/// What a process has used since it began (or since its counts file was made).
struct Usage {
  std::chrono::nanoseconds cpu{0};
  std::uint64_t flushes{0};
  std::uint64_t sent_bytes{0};

  friend Usage operator-(const Usage& later, const Usage& earlier) {
    return {later.cpu - earlier.cpu, later.flushes - earlier.flushes, later.sent_bytes - earlier.sent_bytes};
  }
  Usage& operator+=(const Usage& other) {
    cpu += other.cpu;
    flushes += other.flushes;
    sent_bytes += other.sent_bytes;
    return *this;
  }
};

/// Puts the counter before this process by executing it once more with LD_PRELOAD; returns only in that second life.
void preload_counter(char** arguments);

/// A child. Killed with SIGKILL when this object goes. Failures throw std::runtime_error.
class Process {
 public:
  /// Executes this program with `arguments`; what it counts goes to the file `counts`, made anew.
  Process(const std::vector<std::string>& arguments, const std::filesystem::path& counts);
  Process(Process&&) noexcept;
  Process& operator=(Process&&) noexcept;
  ~Process();

  void write(const nlohmann::json& line);
  /// Waits for the child's next line; throws when it has ended instead, or says {"error": ...}.
  [[nodiscard]] nlohmann::json read();
  [[nodiscard]] nlohmann::json ask(const nlohmann::json& line);

  [[nodiscard]] pid_t pid() const;
  [[nodiscard]] Usage usage() const;
  [[nodiscard]] double resident_mib() const;
  /// SIGKILL, and returns when the process has gone.
  void kill();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The same of this very process.
[[nodiscard]] Usage own_usage();

}  // namespace conclave::bench
