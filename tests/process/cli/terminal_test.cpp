// A command under `conclave lock` and `conclave elect` that uses the terminal: it runs in a process group of its own.
#include <doctest/doctest.h>

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <system_error>

#include "process/cli/command_line.hpp"

using namespace conclave::process;

namespace {

/// A shell that runs `script` on a terminal of its own.
class Terminal {
 public:
  explicit Terminal(const std::string& script) : pid_(::forkpty(&keys_, nullptr, nullptr, nullptr)) {
    if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "forkpty");
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::execl("/bin/sh", "sh", "-c", script.c_str(), nullptr);
      ::_exit(127);
    }
    ::fcntl(keys_, F_SETFL, O_NONBLOCK);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    // The shell is the first of its group: whatever it started goes too, and takes its command along.
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    ::close(keys_);
  }

  void type(const std::string& text) const {
    REQUIRE(::write(keys_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  /// Whether `text` appears in time.
  [[nodiscard]] bool shows(const std::string& text) {
    return eventually([&] {
      std::array<char, 256> part{};
      for (ssize_t size = 0; (size = ::read(keys_, part.data(), part.size())) > 0;) shown_.append(part.data(), static_cast<std::size_t>(size));
      return has(shown_, text);
    }, std::chrono::seconds(20));
  }

 private:
  int keys_{-1};
  pid_t pid_;
  std::string shown_;
};

/// `conclave VERB jobs ... -- COMMAND`, for a shell.
std::string line(const Members& members, const std::string& verb, const std::string& command) {
  return (own_program().parent_path() / "conclave").string() + " " + verb + " jobs --join " + members.founders() + " -- " + command;
}

const std::string asks = "sh -c 'echo asks >&2; read word; echo got-$word; exit 3'";
const std::string shell_asks = "; echo code-$?; read word; echo then-$word";

}  // namespace

TEST_CASE("terminal: the command reads it, and the shell has it back afterwards") {
  Members members;
  for (const std::string verb : {"lock", "elect"}) {
    CAPTURE(verb);
    Terminal terminal(line(members, verb, asks) + shell_asks);
    REQUIRE(terminal.shows("asks"));
    terminal.type("one\n");
    CHECK(terminal.shows("got-one"));
    REQUIRE(terminal.shows("code-3"));
    terminal.type("two\n");
    CHECK(terminal.shows("then-two"));
  }
}

TEST_CASE("terminal: the shell has it back after a command that cannot be run") {
  Members members;
  Terminal terminal(line(members, "lock", "/no/such/command") + shell_asks);
  REQUIRE(terminal.shows("code-127"));
  terminal.type("two\n");
  CHECK(terminal.shows("then-two"));
}

TEST_CASE("terminal: Ctrl-Z does not stop the command, Ctrl-C ends it") {
  Members members;
  Terminal stopped(line(members, "lock", asks) + shell_asks);
  REQUIRE(stopped.shows("asks"));
  stopped.type("\x1aone\n");
  CHECK(stopped.shows("got-one"));
  REQUIRE(stopped.shows("code-3"));

  Terminal interrupted(line(members, "lock", asks) + shell_asks);
  REQUIRE(interrupted.shows("asks"));
  interrupted.type("\x03");
  REQUIRE(interrupted.shows("code-130"));
  interrupted.type("two\n");
  CHECK(interrupted.shows("then-two"));
}

TEST_CASE("terminal: in a pipeline the command gets it when it asks, and until then the others have it") {
  Members members;
  Terminal asking(line(members, "lock", asks) + " | cat" + shell_asks);
  REQUIRE(asking.shows("asks"));
  asking.type("one\n");
  CHECK(asking.shows("got-one"));
  REQUIRE(asking.shows("code-0"));
  asking.type("two\n");
  CHECK(asking.shows("then-two"));

  const auto go = members.file("go").string();
  Terminal other(line(members, "lock", "sh -c 'echo runs; until [ -e " + go + " ]; do sleep 0.01; done'") +
                 " | (read said; echo $said >&2; read word < /dev/tty; echo got-$word)" + shell_asks);
  REQUIRE(other.shows("runs"));
  other.type("one\n");
  CHECK(other.shows("got-one"));
  std::ofstream{go};
  CHECK(other.shows("code-0"));
}

TEST_CASE("terminal: a command in the background waits for `fg` when it asks") {
  Members members;
  const auto go = members.file("go").string();
  const auto pid = members.file("pid").string();
  Terminal terminal("set -m; " + line(members, "lock", "sh -c 'echo $$ > " + pid + "; read word; echo got-$word'") +
                    " & until [ -e " + go + " ]; do sleep 0.01; done; fg" + shell_asks);
  REQUIRE(eventually([&] {
    pid_t command = 0;
    return std::ifstream(pid) >> command && is_stopped(command);
  }));
  std::ofstream{go};
  terminal.type("one\n");
  CHECK(terminal.shows("got-one"));
  REQUIRE(terminal.shows("code-0"));
  terminal.type("two\n");
  CHECK(terminal.shows("then-two"));
}
