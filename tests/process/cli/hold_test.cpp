// `conclave lock` and `conclave elect`: a command that runs while something is held.
#include <doctest/doctest.h>

#include <signal.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "process/cli/command_line.hpp"

using namespace conclave;
using namespace conclave::process;

namespace {

// Holds until the file `go` is there.
const std::string until_go = "until [ -e $FOLDER/go ]; do sleep 0.01; done; ";

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void touch(const std::filesystem::path& path) { std::ofstream{path}; }

std::size_t waiters(const Members& members, const std::string& lock) {
  for (const auto& resource : members.status().locks)
    if (resource.name == lock) return resource.waiters;
  return 0;
}

std::size_t waiting_candidates(const Members& members, const std::string& election) {
  for (const auto& resource : members.status().elections)
    if (resource.name == election) return resource.waiters;
  return 0;
}

}  // namespace

TEST_CASE("the command's exit code is passed on, also of one killed by a signal") {
  Members members;
  for (const std::string verb : {"lock", "elect"}) {
    CAPTURE(verb);
    CHECK(members.held(verb, "jobs", "exit 0").code == 0);
    CHECK(members.held(verb, "jobs", "exit 7").code == 7);
    CHECK(members.held(verb, "jobs", "kill -TERM $$").code == 128 + SIGTERM);
    CHECK(members.held(verb, "jobs", "kill -KILL $$").code == 128 + SIGKILL);
    const auto missing = members.run({verb, "jobs", "--join", members.founders(), "--", "/no/such/command"});
    CHECK(missing.code == 127);
    CHECK(has(missing.said, "conclave: No such file or directory: cannot run '/no/such/command'"));
    const auto no_program = members.run({verb, "jobs", "--join", members.founders(), "--", members.folder()});
    CHECK(no_program.code == 126);
    CHECK(has(no_program.said, "conclave: Permission denied: cannot run"));
  }
}

TEST_CASE("name and token are in the command's environment, and tokens grow") {
  Members members;
  std::uint64_t last = 0;
  for (const std::string verb : {"lock", "elect", "lock", "elect"}) {
    std::istringstream said(members.held(verb, "a name", "echo $CONCLAVE_TOKEN $CONCLAVE_NAME").said);
    std::uint64_t token = 0;
    std::string name;
    std::getline(said >> token >> std::ws, name);
    CHECK(name == "a name");
    CHECK(token > last);
    last = token;
  }
}

TEST_CASE("a second one waits until the first is done, or gives up when it was told how long") {
  Members members;
  for (const std::string verb : {"lock", "elect"}) {
    CAPTURE(verb);
    const auto order = members.file("order." + verb);
    std::filesystem::remove(members.file("go"));
    const auto note = [&](const std::string& text) { return "echo " + text + " >> " + order.string() + "; "; };
    auto first = members.hold(verb, "jobs", note("first-in") + until_go + note("first-out"));
    REQUIRE(eventually([&] { return has(text_of(order), "first-in"); }));
    const auto tried = members.held(verb, "jobs", "exit 0", {"--try"});
    CHECK(tried.code == 75);
    CHECK(has(tried.said, verb == "lock" ? "conclave: the lock is taken" : "' leads 'jobs'"));
    CHECK_FALSE(has(tried.said, "not in time"));
    const auto not_waiting = members.held(verb, "jobs", "exit 0", {"--timeout-ms", "0"});
    CHECK(not_waiting.code == 75);
    CHECK(has(not_waiting.said, verb == "lock" ? "conclave: the lock is taken" : "' leads 'jobs'"));
    const auto late = members.held(verb, "jobs", "exit 0", {"--timeout-ms", "2000"});
    CHECK(late.code == 75);
    CHECK(has(late.said, "somebody else had 'jobs' for all of the 2000 ms of --timeout-ms"));
    auto second = members.hold(verb, "jobs", note("second"));
    REQUIRE(eventually([&] { return waiters(members, "jobs") + waiting_candidates(members, "jobs") == 1; }));
    auto told_to_stop = members.hold(verb, "jobs", "exit 0");
    REQUIRE(eventually([&] { return waiters(members, "jobs") + waiting_candidates(members, "jobs") == 2; }));
    told_to_stop.signal(SIGINT);
    CHECK(members.end(told_to_stop).code == 128 + SIGINT);
    CHECK(text_of(order) == "first-in\n");
    touch(members.file("go"));
    CHECK(members.end(first).code == 0);
    CHECK(members.end(second).code == 0);
    CHECK(text_of(order) == "first-in\nfirst-out\nsecond\n");
    CHECK(members.held(verb, "jobs", "exit 5", {"--try"}).code == 5);
    CHECK(members.held(verb, "jobs", "exit 6", {"--timeout-ms", "0"}).code == 6);
  }
}

TEST_CASE("--timeout-ms bounds the wait for the cluster and for the turn together") {
  Members members;
  auto holder = members.hold("lock", "jobs", "touch $FOLDER/in; " + until_go, {"--ttl-ms", "3600000"});
  auto leader = members.hold("elect", "jobs", "touch $FOLDER/leads; " + until_go, {"--ttl-ms", "3600000"});
  REQUIRE(eventually([&] { return std::filesystem::exists(members.file("in")) && std::filesystem::exists(members.file("leads")); }));
  members.signal_all(SIGSTOP);
  const auto begun = std::chrono::steady_clock::now();
  std::vector<Child> late;
  for (const std::string verb : {"lock", "elect"}) late.push_back(members.hold(verb, "jobs", "exit 0", {"--timeout-ms", "6000"}));
  REQUIRE(eventually([&] { return std::chrono::steady_clock::now() - begun >= std::chrono::seconds(4); }));
  members.signal_all(SIGCONT);
  for (auto& one : late) CHECK(members.end(one).code == 75);
  // Each on its own, they would be 10 seconds.
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(9));
  touch(members.file("go"));
  CHECK(members.end(holder).code == 0);
  CHECK(members.end(leader).code == 0);
}

TEST_CASE("one that waits for its turn while the cluster goes does not say that somebody else has it") {
  Members members;
  auto holder = members.hold("lock", "jobs", "touch $FOLDER/in; " + until_go, {"--ttl-ms", "3600000"});
  REQUIRE(eventually([&] { return std::filesystem::exists(members.file("in")); }));
  auto waiting = members.hold("lock", "jobs", "exit 0", {"--timeout-ms", "4000"});
  REQUIRE(eventually([&] { return waiters(members, "jobs") == 1; }));
  for (auto& member : members.members()) member.kill();
  const auto ended = members.end(waiting);
  CAPTURE(ended.said);
  CHECK(ended.code == 69);
  touch(members.file("go"));
  CHECK(members.end(holder).code == 0);
}

TEST_CASE("signals are passed on to the command, and everything that it started goes with it") {
  Members members;
  for (const int number : {SIGTERM, SIGHUP, SIGQUIT}) {
    CAPTURE(number);
    auto child = members.hold("lock", "jobs", "sleep 1000 & echo $! > $FOLDER/pid.new; mv $FOLDER/pid.new $FOLDER/pid; wait");
    REQUIRE(eventually([&] { return std::filesystem::exists(members.file("pid")); }));
    child.signal(number);
    CHECK(members.end(child).code == 128 + number);
    const auto pid = std::stoi(text_of(members.file("pid")));
    CHECK(eventually([&] { return is_gone(pid); }));
    CHECK(members.held("lock", "jobs", "exit 3", {"--try"}).code == 3);
    std::filesystem::remove(members.file("pid"));
  }
}

TEST_CASE("why nobody was met at the addresses to join is said, for each") {
  CommandLine shell;
  const auto nobody = shell.ports().address(0);
  for (const std::string verb : {"lock", "elect"}) {
    const auto ended = shell.run({verb, "jobs", "--timeout-ms", "1000", "--join", nobody + ",no-such-host.invalid:1", "--", "true"});
    CAPTURE(ended.said);
    CHECK(ended.code == 69);
    CHECK(has(ended.said, "Connection refused: cannot connect to " + nobody));
    CHECK(has(ended.said, "cannot resolve no-such-host.invalid"));
  }
}

TEST_CASE("a folder is no configuration file") {
  CommandLine shell;
  const auto ended = shell.run({"run", "--config", shell.folder()});
  CHECK(ended.code == 64);
  CHECK(has(ended.said, "is a folder; name a TOML file"));
}

TEST_CASE("a configuration file that cannot be reached is told, with the reason") {
  CommandLine shell;
  for (const std::string verb : {"run", "lock"}) {
    std::vector<std::string> words{verb, "--config", std::string(300, 'x')};
    if (verb == "lock") words.insert(words.end(), {"jobs", "--", "true"});
    const auto ended = shell.run(words);
    CAPTURE(ended.said);
    CHECK(ended.code == 64);
    CHECK(has(ended.said, "cannot be read: File name too long"));
  }
}

TEST_CASE("a stopped command hears a signal too") {
  Members members;
  auto child = members.hold("lock", "jobs", "echo $$ > $FOLDER/pid; kill -STOP $$; exit 4");
  REQUIRE(eventually([&] {
    pid_t pid = 0;
    return std::ifstream(members.file("pid")) >> pid && is_stopped(pid);
  }));
  child.signal(SIGTERM);
  CHECK(members.end(child).code == 128 + SIGTERM);
}

TEST_CASE("a holder killed with SIGKILL takes its command along, and its lock comes free after its TTL") {
  Members members;
  auto child = members.hold("lock", "jobs", "echo $$ > $FOLDER/pid.new; mv $FOLDER/pid.new $FOLDER/pid; while :; do sleep 0.05; done",
                            {"--ttl-ms", "1000"});
  REQUIRE(eventually([&] { return std::filesystem::exists(members.file("pid")); }));
  const auto pid = std::stoi(text_of(members.file("pid")));
  child.kill();
  CHECK(eventually([&] { return is_gone(pid); }));
  CHECK(members.held("lock", "jobs", "exit 0").code == 0);
}

TEST_CASE("the margin is a quarter of the TTL in force: one from the configuration file leaves the command its time") {
  Members members;
  const auto config = members.configure("ttl-ms = 1000\n");
  const std::string a_while = "n=0; while [ $n -lt 20 ]; do n=$((n + 1)); sleep 0.01; done; exit 3";
  for (const std::string verb : {"lock", "elect"}) {
    CAPTURE(verb);
    const auto ended = members.held(verb, "jobs", a_while, {"--config", config});
    CAPTURE(ended.said);
    CHECK(ended.code == 3);
  }
}

TEST_CASE("a TTL too short for a margin is refused") {
  CommandLine shell;
  const auto config = shell.configure("heartbeat-ms = 5\nelection-timeout-min-ms = 15\nttl-ms = 399\n");
  for (const std::string verb : {"lock", "elect"}) {
    const auto ended = shell.run({verb, "jobs", "--config", config, "--join", shell.ports().address(0), "--", "true"});
    CHECK(ended.code == 64);
    CHECK(has(ended.said, "ttl-ms: is 399 ms; raise it to at least 400 ms"));
  }
}

TEST_CASE("a member's configuration file is refused: whoever holds something for a command keeps nothing") {
  CommandLine shell;
  const auto config = shell.configure("data-dir = '" + shell.file("data").string() + "'\n");
  for (const std::string verb : {"lock", "elect"}) {
    const auto ended = shell.run({verb, "jobs", "--config", config, "--join", shell.ports().address(0), "--", "true"});
    CHECK(ended.code == 64);
    CHECK(has(ended.said, config + " is a member's"));
    CHECK(has(ended.said, "Give it a file without data-dir"));
  }
  CHECK_FALSE(std::filesystem::exists(shell.file("data")));
}
