// A program run by a test: its output goes to a file, lines go in by a pipe, and it dies with the test.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace conclave::process {

/// Everything that is said to `execve`. `program` is a path.
struct Command {
  std::filesystem::path program;
  std::vector<std::string> arguments;
  /// Standard output and standard error together; appended to.
  std::filesystem::path output;
  /// Added to this process's own environment.
  std::map<std::string, std::string> environment{};
};

/// Killed with SIGKILL when this object goes, or when the thread that made it does. Failures throw std::system_error.
class Child {
 public:
  explicit Child(Command command);
  Child(Child&&) noexcept;
  Child& operator=(Child&&) noexcept;
  ~Child();

  [[nodiscard]] pid_t pid() const { return pid_; }
  /// Whether it has not ended yet.
  [[nodiscard]] bool runs();
  void signal(int number) const;
  /// SIGKILL, and returns when the process has gone: its files are unlocked then and its ports free.
  void kill();
  /// Waits for its end, which the test must be sure of; its exit code, or 128 + the signal that ended it.
  int wait();
  /// Writes a line to its standard input.
  void tell(const std::string& line) const;
  /// What it has said so far.
  [[nodiscard]] std::string said() const;

 private:
  void end();

  pid_t pid_{-1};
  int input_{-1};
  int code_{-1};
  std::filesystem::path output_;
};

/// Whether a process that the test did not start itself has ended.
[[nodiscard]] bool is_gone(pid_t pid);
/// Whether it was stopped and waits for SIGCONT.
[[nodiscard]] bool is_stopped(pid_t pid);

/// The path of this very program, for tests that run themselves in another role.
[[nodiscard]] std::filesystem::path own_program();

}  // namespace conclave::process
