#include "cli/child.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

extern char** environ;

namespace conclave::cli {
namespace {

std::vector<std::string> merged(const std::map<std::string, std::string>& added) {
  std::vector<std::string> merged;
  for (char** entry = environ; *entry; ++entry) {
    const std::string text = *entry;
    if (!added.contains(text.substr(0, text.find('=')))) merged.push_back(text);
  }
  for (const auto& [name, value] : added) merged.push_back(name + "=" + value);
  return merged;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Result<Child> Child::start(const std::vector<std::string>& command, const std::map<std::string, std::string>& environment) {
  auto arguments = command;
  auto variables = merged(environment);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  // A group of its own, so that whatever the command starts is stopped with it; and no signal blocked or ignored by us.
  sigset_t none;
  sigset_t all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  pid_t pid = 0;
  const int failed =
      ::posix_spawnp(&pid, arguments.front().c_str(), nullptr, &attributes, pointers(arguments).data(), pointers(variables).data());
  ::posix_spawnattr_destroy(&attributes);
  if (failed != 0)
    return Error(errc::not_found, "cannot run '" + command.front() + "': " + std::generic_category().message(failed));
  const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  return Child(pid, pidfd);
}

Child::Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, 0)), pidfd_(std::exchange(other.pidfd_, -1)) {}

Child::~Child() {
  if (pidfd_ >= 0) ::close(pidfd_);
}

void Child::signal_group(int signal) const {
  if (pid_ > 0) ::kill(-pid_, signal);
}

int Child::wait() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  return 128 + WTERMSIG(status);
}

}  // namespace conclave::cli
