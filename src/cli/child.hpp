// A command run while a lock is held: in a process group of its own, stopped in time, its exit code passed on.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include <conclave/result.hpp>

namespace conclave::cli {

class Child {
 public:
  /// Starts `command` with `environment` added to this process's own. When the calling thread ends, however that comes, the
  /// command is killed, but not what it started, and not a set-user-ID program. An error is the system's own: ENOENT when there
  /// is no such command.
  [[nodiscard]] static Result<Child> start(const std::vector<std::string>& command,
                                           const std::map<std::string, std::string>& environment);

  /// Lets the command go on after a stop by the terminal: it gets the terminal when it asked for it and this process's group
  /// has it; after Ctrl-Z it just goes on, for a shell would wait in vain for a process that has to watch a lease. To be
  /// called every now and then.
  void keep_going() const;
  /// A descriptor that becomes readable when the command has ended.
  [[nodiscard]] int ended_fd() const { return pidfd_; }
  /// Sends `signal` to the whole process group.
  void signal_group(int signal) const;
  /// Waits for the command and takes the terminal back; its exit code, or 128 + the signal that ended it.
  [[nodiscard]] int wait();

  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  ~Child();

 private:
  Child(pid_t pid, int pidfd) : pid_(pid), pidfd_(pidfd) {}

  pid_t pid_;
  int pidfd_;
};

}  // namespace conclave::cli
