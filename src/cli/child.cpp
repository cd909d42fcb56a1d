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

// tcgetpgrp fails where standard input is no terminal, or not the one that controls this session.
bool has_terminal(pid_t group) { return ::tcgetpgrp(STDIN_FILENO) == group; }

// SIGTTOU is ignored by whoever calls this, or a process in the background would be stopped by it.
void give_terminal(pid_t group) { ::tcsetpgrp(STDIN_FILENO, group); }

// In a pipeline the other commands may need the terminal too, so there it is given only once it is asked for.
bool gives_terminal_at_once() { return has_terminal(::getpgrp()) && ::isatty(STDOUT_FILENO) == 1; }

struct Origin {
  pid_t parent;
  bool gives_terminal;
};

// In the child, between fork and exec: only what is safe there, for other threads of this process may have held any lock.
[[noreturn]] void become(const std::vector<char*>& arguments, const std::vector<char*>& environment, Origin origin, int failure) {
  // A group of its own, so that whatever the command starts is stopped with it.
  ::setpgid(0, 0);
  if (origin.gives_terminal) give_terminal(::getpid());
  // A command that went on after its holder's death would run beside the next holder's. This reaches the command alone: what
  // it started goes on, and exec of a set-user-ID program takes it back. No other process could do better for certain, for
  // it may be killed as well; there the fencing token decides.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != origin.parent) ::_exit(127);
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
  // Nothing of the terminal stops this process while the command runs: it must renew, and tell the command when to end.
  for (const int stop : {SIGTSTP, SIGTTIN, SIGTTOU}) ::signal(stop, SIG_IGN);
  const Origin origin{.parent = ::getpid(), .gives_terminal = gives_terminal_at_once()};
  const auto pid = ::fork();
  if (pid == 0) become(arguments, settings, origin, failure[1]);
  int error = pid < 0 ? errno : 0;
  ::close(failure[1]);
  // The end of the pipe is the success of exec; until then the group may not exist.
  (void)!::read(failure[0], &error, sizeof error);
  ::close(failure[0]);
  const int pidfd = error == 0 ? static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)) : -1;
  if (error == 0 && pidfd >= 0) return Child(pid, pidfd);
  if (error == 0) error = errno;
  if (pid > 0) {
    Child failed(pid, -1);
    ::kill(pid, SIGKILL);
    (void)failed.wait();
  }
  return Error(std::error_code(error, std::generic_category()), "cannot run '" + command.front() + "'");
}

Child::Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, 0)), pidfd_(std::exchange(other.pidfd_, -1)) {}

Child::~Child() {
  if (pidfd_ >= 0) ::close(pidfd_);
}

void Child::signal_group(int signal) const {
  if (pid_ <= 0) return;
  ::kill(-pid_, signal);
  // One that is stopped would not hear of it.
  ::kill(-pid_, SIGCONT);
}

void Child::keep_going() const {
  siginfo_t stop{};
  // Not taken, so that it is told again until the command goes on.
  if (::waitid(P_PID, static_cast<id_t>(pid_), &stop, WSTOPPED | WNOHANG | WNOWAIT) != 0 || stop.si_pid == 0) return;
  const bool wants_terminal = stop.si_status == SIGTTIN || stop.si_status == SIGTTOU;
  if (!wants_terminal && stop.si_status != SIGTSTP) return;  // SIGSTOP: somebody's will
  if (wants_terminal) {
    if (!has_terminal(::getpgrp())) return;  // in the background, until the shell's `fg`
    give_terminal(pid_);
  }
  ::kill(-pid_, SIGCONT);
}

int Child::wait() {
  // While the command is not waited for, no other group can have its number.
  siginfo_t ended{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOWAIT) < 0 && errno == EINTR) {
  }
  if (has_terminal(pid_)) give_terminal(::getpgrp());
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  return 128 + WTERMSIG(status);
}

}  // namespace conclave::cli
