// A lock that cannot be renewed: the command is told a margin before the deadline, and killed at it.
#include <doctest/doctest.h>

#include <signal.h>

#include <fstream>
#include <iterator>

#include "process/cli/command_line.hpp"

using namespace conclave;
using namespace conclave::process;
using namespace std::chrono_literals;

namespace {

constexpr auto ttl = 2000ms;
constexpr auto margin = 500ms;  // a quarter of it

/// The last whole line of a file that /proc/uptime was appended to: the time since the machine's start, in hundredths of a
/// second.
std::chrono::milliseconds last_moment(const std::filesystem::path& path) {
  std::ifstream file(path);
  double seconds = 0;
  for (std::string line; std::getline(file, line) && !file.eof();) seconds = std::stod(line);
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

/// A holder whose members go: `on_term` is its command's answer to SIGTERM.
struct Loss {
  Loss(const std::string& verb, int number, const std::string& on_term) {
    Members members;
    auto child = members.hold(verb, "jobs",
                              "trap 'cat /proc/uptime >> $FOLDER/term; " + on_term + "' TERM; sleep 1000 & echo $! > $FOLDER/pid; " +
                                  "touch $FOLDER/in; while :; do cat /proc/uptime >> $FOLDER/alive; sleep 0.01; done",
                              {"--ttl-ms", std::to_string(ttl.count())});
    REQUIRE(eventually([&] { return std::filesystem::exists(members.file("in")); }));
    members.signal_all(number);
    cut = last_moment("/proc/uptime");
    ended = members.end(child);
    told = last_moment(members.file("term"));
    alive = last_moment(members.file("alive"));
    std::ifstream(members.file("pid")) >> left_behind;
  }

  Ended ended;
  std::chrono::milliseconds cut;
  std::chrono::milliseconds told;
  std::chrono::milliseconds alive;
  int left_behind{0};
};

void check_deadline(const Loss& loss) {
  CHECK(loss.ended.code == 128 + SIGKILL);
  CHECK(has(loss.ended.said, "was lost before the command had ended"));
  CHECK(eventually([&] { return is_gone(loss.left_behind); }));
  // The last renewal was sent before the members had gone: after its TTL the lock is another's.
  CHECK(loss.alive <= loss.cut + ttl + 10ms);  // 10 ms: the clock's hundredths
  // Told a margin before; what a busy machine takes of it is not half of it.
  CHECK(loss.told > loss.cut);
  CHECK(loss.alive - loss.told >= margin / 2);
}

}  // namespace

TEST_CASE("a command that ignores SIGTERM is killed at the deadline: the members are dead") {
  check_deadline(Loss("lock", SIGKILL, ":"));
}

TEST_CASE("a command that ignores SIGTERM is killed at the deadline: the members are silent") {
  check_deadline(Loss("elect", SIGSTOP, ":"));
}

TEST_CASE("a command that obeys SIGTERM has the margin to end in, and its exit code is passed on") {
  const Loss loss("lock", SIGKILL, "exit 5");
  CHECK(loss.ended.code == 5);
  CHECK(has(loss.ended.said, "the lock 'jobs' was lost before the command had ended"));
  CHECK(eventually([&] { return is_gone(loss.left_behind); }));
}

TEST_CASE("a command that ends well after its lock was lost is not called a success") {
  CHECK(Loss("lock", SIGKILL, "exit 0").ended.code == 74);
  CHECK(Loss("elect", SIGKILL, "exit 0").ended.code == 74);
}

TEST_CASE("a command that ended while it held is not called lost, though the cluster goes before the release is answered") {
  for (const std::string verb : {"lock", "elect"}) {
    for (const int code : {0, 3}) {
      CAPTURE(verb);
      Members members;
      std::string all;
      for (const auto& member : members.members()) all += " " + std::to_string(member.pid());
      // Far longer than the test may take.
      const auto ended = members.held(verb, "jobs", "kill -KILL" + all + "; exit " + std::to_string(code), {"--ttl-ms", "3600000"});
      CAPTURE(ended.said);
      CHECK(ended.code == code);
      CHECK(has(ended.said, "nobody has confirmed that the "));
      CHECK_FALSE(has(ended.said, "was lost"));
    }
  }
}

TEST_CASE("a signal ends the wait for a release that nobody answers") {
  for (const std::string verb : {"lock", "elect"}) {
    CAPTURE(verb);
    Members members;
    auto child = members.hold(verb, "jobs", "echo $$ > $FOLDER/pid; until [ -e $FOLDER/go ]; do sleep 0.01; done; exit 3",
                              {"--ttl-ms", "3600000"});
    pid_t command = 0;
    REQUIRE(eventually([&] { return static_cast<bool>(std::ifstream(members.file("pid")) >> command); }));
    members.signal_all(SIGSTOP);
    std::ofstream{members.file("go")};
    REQUIRE(eventually([&] { return is_gone(command); }));
    // Else it waits 5 seconds for the release, and 2 for the end of its session.
    CHECK(eventually([&] { return child.signal(SIGTERM), !child.runs(); }, 4s));
    CHECK(members.end(child).code == 3);
  }
}
