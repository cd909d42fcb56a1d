#include "cli/supervise.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>

#include <conclave/node.hpp>

#include "cli/child.hpp"

namespace conclave::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

sigset_t watched() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGINT);
  ::sigaddset(&set, SIGTERM);
  // Its closing and Ctrl-\ come from the terminal; whoever was started to ignore them, with nohup or in the background of a
  // script, is not to hear of them.
  for (const int signal : {SIGHUP, SIGQUIT}) {
    struct sigaction inherited {};
    ::sigaction(signal, nullptr, &inherited);
    if (inherited.sa_handler != SIG_IGN) ::sigaddset(&set, signal);
  }
  return set;
}

/// When to stop the command: the deadline as last known, which only a living lease moves on.
class Sentence {
 public:
  Sentence(const Held& held, nanoseconds margin) : held_(held), margin_(margin), deadline_(boot_time() + held.remaining()) {}

  void look() {
    const auto now = boot_time();
    if (!held_.ended()) deadline_ = now + held_.remaining();
    over_ = held_.ended() || deadline_ - now <= margin_;
    passed_ = now >= deadline_;
  }
  [[nodiscard]] bool over() const { return over_; }
  [[nodiscard]] bool passed() const { return passed_; }
  /// Until the next look is due; renewals are frequent, so it never waits long.
  [[nodiscard]] milliseconds patience() const {
    const auto left = deadline_ - boot_time() - (over_ ? nanoseconds(0) : margin_);
    return std::clamp(std::chrono::ceil<milliseconds>(left), milliseconds(1), milliseconds(50));
  }

 private:
  const Held& held_;
  const nanoseconds margin_;
  Instant deadline_;
  bool over_ = false;
  bool passed_ = false;
};

std::optional<int> read_signal(int fd) {
  signalfd_siginfo info{};
  if (::read(fd, &info, sizeof info) != sizeof info) return std::nullopt;
  return static_cast<int>(info.ssi_signo);
}

}  // namespace

void block_signals() {
  const auto set = watched();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

std::optional<int> wait_for_signal(milliseconds patience) {
  const auto set = watched();
  const timespec wait{.tv_sec = patience.count() / 1000, .tv_nsec = patience.count() % 1000 * 1'000'000};
  const int signal = ::sigtimedwait(&set, nullptr, &wait);
  return signal > 0 ? std::optional(signal) : std::nullopt;
}

Result<Ran> run_while_held(const std::vector<std::string>& command, const std::map<std::string, std::string>& environment,
                           const Held& held, nanoseconds margin) {
  auto child = Child::start(command, environment);
  if (!child) return child.error();
  const auto set = watched();
  const int signals = ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  Sentence sentence(held, margin);
  bool terminated = false;
  while (true) {
    std::array<pollfd, 2> waiting{pollfd{child->ended_fd(), POLLIN, 0}, pollfd{signals, POLLIN, 0}};
    (void)::poll(waiting.data(), waiting.size(), static_cast<int>(sentence.patience().count()));
    if (waiting[0].revents != 0) break;
    if (const auto signal = read_signal(signals)) child->signal_group(*signal);
    child->keep_going();
    sentence.look();
    if (sentence.over() && !terminated) {
      child->signal_group(SIGTERM);
      terminated = true;
    }
    if (sentence.passed()) child->signal_group(SIGKILL);
  }
  // Looked at before anything else: what comes later, such as a release that nobody answers, says nothing of the command.
  sentence.look();
  const bool kept = !terminated && !sentence.passed() && !held.ended();
  ::close(signals);
  // What the command left behind does not outlive the lock either. Before the command is waited for: until then no other
  // process can have its number.
  child->signal_group(SIGKILL);
  return Ran{.code = child->wait(), .kept = kept};
}

}  // namespace conclave::cli
