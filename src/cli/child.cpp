#include "cli/child.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
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

// In the child, between fork and exec: only what is safe there, for other threads of this process may have held any lock.
[[noreturn]] void become(const std::vector<char*>& arguments, const std::vector<char*>& environment, pid_t parent, int failure) {
  // A group of its own, so that whatever the command starts is stopped with it.
  ::setpgid(0, 0);
  // Whoever holds the lock is gone when its process is: a command that went on would run beside the next holder's.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  // No signal blocked or ignored by us.
  struct sigaction usual {};
  usual.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &usual, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execvpe(arguments.front(), arguments.data(), environment.data());
  const int error = errno;
  (void)!::write(failure, &error, sizeof error);
  ::_exit(127);
}

}  // namespace

Result<Child> Child::start(const std::vector<std::string>& command, const std::map<std::string, std::string>& environment) {
  auto words = command;
  auto variables = merged(environment);
  const auto arguments = pointers(words);
  const auto settings = pointers(variables);
  int failure[2];
  if (::pipe2(failure, O_CLOEXEC) != 0) return Error(std::error_code(errno, std::generic_category()), "cannot make a pipe");
  const auto parent = ::getpid();
  const auto pid = ::fork();
  if (pid == 0) become(arguments, settings, parent, failure[1]);
  int error = pid < 0 ? errno : 0;
  ::close(failure[1]);
  // The end of the pipe is the success of exec; until then the group may not exist.
  (void)!::read(failure[0], &error, sizeof error);
  ::close(failure[0]);
  const int pidfd = error == 0 ? static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)) : -1;
  if (error == 0 && pidfd >= 0) return Child(pid, pidfd);
  if (error == 0) error = errno;
  if (pid > 0) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  return Error(error == ENOENT ? errc::not_found : errc::not_supported,
               "cannot run '" + command.front() + "': " + std::generic_category().message(error));
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
