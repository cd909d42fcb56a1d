// `conclave run`: options, the configuration file, and how it ends.
#include <doctest/doctest.h>

#include <signal.h>

#include <fstream>
#include <sstream>

#include "process/cli/command_line.hpp"
#include "process/support/listener.hpp"

using namespace conclave;
using namespace conclave::process;

TEST_CASE("run --single founds a cluster of one, and SIGTERM, SIGINT and SIGQUIT end it well") {
  CommandLine shell;
  const auto address = shell.ports().address(0);
  for (const int number : {SIGTERM, SIGINT, SIGQUIT}) {
    auto member = shell.begin({"run", "--name", "one", "--data-dir", shell.file("data"), "--listen", address, "--single"});
    REQUIRE(eventually([&] { return has(member.said(), "conclave: 'one' is ready"); }));
    CHECK(has(shell.run({"status", address}).said, "1 voter"));
    CHECK(shell.run({"lock", "jobs", "--join", address, "--", "sh", "-c", "exit 9"}).code == 9);
    member.signal(number);
    CHECK(shell.end(member).code == 0);
  }
}

TEST_CASE("run --config: the file's settings hold, and the command line wins") {
  CommandLine shell;
  const auto address = shell.ports().address(0);
  const auto config = shell.configure("name = 'from-file'\ncluster = 'paper'\nlisten = '127.0.0.1:1'\nsingle = true\n"
                                      "data-dir = '" + shell.file("data").string() + "'\nttl-ms = 3000\n");
  auto member = shell.begin({"run", "--config", config, "--listen", address});
  REQUIRE(eventually([&] { return has(member.said(), "conclave: 'from-file' is ready"); }));
  CHECK(has(shell.run({"status", address}).said, "cluster 'paper'"));
}

TEST_CASE("run --config: the command line wins also with what is the default") {
  CommandLine shell;
  const auto address = shell.ports().address(0);
  const auto config = shell.configure("name = 'one'\ncluster = 'paper'\nlisten = '" + address + "'\nsingle = true\nadvertise = '" +
                                      shell.ports().address(1) + "'\nttl-ms = 10\ndata-dir = '" +
                                      shell.file("data").string() + "'\n");
  auto member = shell.begin({"run", "--config", config, "--cluster", "conclave", "--advertise", "", "--ttl-ms", "4000"});
  REQUIRE(eventually([&] { return !member.runs() || has(member.said(), "is ready"); }));
  CAPTURE(member.said());
  CHECK(member.runs());
  const auto status = shell.run({"status", address});
  CHECK(has(status.said, "cluster 'conclave'"));
  CHECK_FALSE(has(status.said, shell.ports().address(1)));

  const auto refused = shell.run({"run", "--config", config, "--ttl-ms", "4000", "--single=false"});
  CHECK(refused.code == 64);
  CHECK(has(refused.said, "set exactly one of them"));
  CHECK(has(shell.run({"run", "--config", config, "--ttl-ms", "0"}).said, "ttl-ms: is 0 ms"));
}

TEST_CASE("run --config: of single, founders and join, the one that the command line names replaces the file's") {
  CommandLine shell;
  const auto address = shell.ports().address(0);
  const auto file = [&](const std::string& way) {
    return shell.configure("name = 'one'\nlisten = '" + address + "'\ndata-dir = '" + shell.file("data").string() + "'\n" + way);
  };
  const std::string founders = "founders = ['" + address + "', '" + shell.ports().address(1) + "']\n";
  auto one = shell.begin({"run", "--config", file(founders), "--single"});
  REQUIRE(eventually([&] { return !one.runs() || has(one.said(), "is ready"); }));
  CAPTURE(one.said());
  CHECK(one.runs());
  // A file for a visitor may be a cluster's own, as far as it is not a member's.
  const auto config = shell.file("visitor.toml");
  std::ofstream(config) << "single = true\n";
  const auto visit = shell.run({"lock", "jobs", "--config", config, "--join", address, "--", "sh", "-c", "exit 9"});
  CAPTURE(visit.said);
  CHECK(visit.code == 9);
  one.signal(SIGTERM);
  CHECK(shell.end(one).code == 0);
  // Once it has its cluster they are harmless, so it starts again with the file's own and with another.
  for (const std::vector<std::string>& way : {std::vector<std::string>{"--founders", address}, {"--join", shell.ports().address(1)}}) {
    CAPTURE(way.front());
    std::vector<std::string> words{"run", "--config", file("single = true\n")};
    words.insert(words.end(), way.begin(), way.end());
    one = shell.begin(words);
    REQUIRE(eventually([&] { return !one.runs() || has(one.said(), "is ready"); }));
    CAPTURE(one.said());
    CHECK(one.runs());
    one.signal(SIGTERM);
    CHECK(shell.end(one).code == 0);
  }
  const auto both = shell.run({"run", "--config", file(""), "--single", "--join", address});
  CHECK(both.code == 64);
  CHECK(has(both.said, "set exactly one of them"));
}

TEST_CASE("every key of the file is a flag of the same name, and told by --help") {
  CommandLine shell;
  const auto refused = shell.run({"run", "--config", shell.configure("nonsense = 1\n")}).said;
  auto names = refused.substr(refused.find("there are ") + 10);
  const auto help = shell.run({"run", "--help"}).said;
  std::size_t count = 0;
  for (std::istringstream list(names); list >> names; ++count) {
    if (names.back() == ',') names.pop_back();
    CAPTURE(names);
    CHECK(has(help, "--" + names + " "));
  }
  CHECK(count == 14);
  // Any key of the file, given as a flag.
  auto one = shell.begin({"run", "--name", "one", "--data-dir", shell.file("data"), "--single", "--priority", "7", "--heartbeat-ms", "40",
                          "--election-timeout-min-ms", "130", "--election-timeout-max-ms", "900", "--gossip-period-ms", "500"});
  REQUIRE(eventually([&] { return !one.runs() || has(one.said(), "is ready"); }));
  CHECK(one.runs());
  CHECK(has(shell.run({"run", "--single", "--data-dir", shell.file("two"), "--heartbeat-ms", "60"}).said,
            "election-timeout-min-ms: is 150 ms, but must be at least 3 heartbeats: 180 ms"));
}

TEST_CASE("run --config: what is wrong with the file is named, with its place") {
  CommandLine shell;
  const auto complaint = [&](const std::string& text) {
    const auto ended = shell.run({"run", "--config", shell.configure(text)});
    CHECK(ended.code == 64);
    return ended.said;
  };
  CHECK(has(complaint("nmae = 'a'\n"), "conclave.toml: there is no setting called 'nmae'; there are name, cluster, join, founders,"));
  CHECK(has(complaint("name = 5\n"), "conclave.toml: 'name' has the wrong type"));
  CHECK(has(complaint("priority = -1\n"), "'priority' has the wrong type or range"));
  CHECK(has(complaint("priority = 300\n"), "priority: is 300; lower it"));
  CHECK(has(complaint("heartbeat-ms = 1\n single = true\n data-dir = 'd'\n"), ": heartbeat-ms: is 1 ms"));
  CHECK(has(complaint("name = 'a'\n= 3\n"), "conclave.toml, line 2"));
  CHECK(has(complaint("name = 'a'\nsingle = true\ndata-dir = 'd'\nttl-ms = 10\n"), "ttl-ms: is 10 ms; raise it to at least"));
  const auto missing = shell.run({"run", "--config", shell.file("none")});
  CHECK(missing.code == 64);
  CHECK(has(missing.said, shell.file("none")));
}

TEST_CASE("wrong options: exit code 64 and a sentence that says what to change") {
  CommandLine shell;
  const auto complaint = [&](const std::vector<std::string>& words) {
    const auto ended = shell.run(words);
    CHECK(ended.code == 64);
    return ended.said;
  };
  const auto address = shell.ports().address(0);
  const auto folder = shell.file("data").string();
  CHECK(has(complaint({}), "--help"));
  CHECK(has(complaint({"fly", "high"}), "there is no command or option 'fly'"));
  CHECK(has(complaint({"--fly"}), "there is no command or option '--fly'"));
  CHECK(has(complaint({"run", "--nonsense"}), "--nonsense"));
  CHECK(has(complaint({"run", "--name", "a"}), "set exactly one of them"));
  CHECK(has(complaint({"run", "--name", "a", "--data-dir", folder, "--single", "--join", address}), "set exactly one of them"));
  CHECK(has(complaint({"run", "--name", "a", "--single"}), "a founder needs a data folder"));
  CHECK(has(complaint({"run", "--name", "a", "--data-dir", folder, "--listen", address, "--founders", shell.ports().address(1)}),
            "own address " + address + " must be among them"));
  CHECK(has(complaint({"lock", "jobs", "--", "true"}), "--join ADDRESS"));
  CHECK(has(complaint({"lock", "jobs", "--join", address}), "COMMAND is required"));
  CHECK(has(complaint({"status"}), "ADDRESS is required"));
  CHECK_FALSE(std::filesystem::exists(folder));
  CHECK(shell.run({"--help"}).code == 0);
  for (const std::string verb : {"lock", "elect"})
    CHECK(has(shell.run({verb, "--help"}).said, "but not what the command started"));
  CHECK(has(shell.run({"--version"}).said, "conclave "));
}

TEST_CASE("SIGINT ends the wait for a cluster that does not answer") {
  CommandLine shell;
  const Listener silent(shell.ports().port(0));
  auto waiting = shell.begin({"lock", "jobs", "--join", silent.address(), "--", "true"});
  REQUIRE(eventually([&] { return silent.is_called(); }));
  waiting.signal(SIGINT);
  CHECK(shell.end(waiting).code == 128 + SIGINT);
}

TEST_CASE("a member that waits for the others with its goodbye ends at once when it is told again") {
  Members members;
  for (const std::size_t at : {0, 1}) members.members()[at].kill();
  auto& last = members.members()[2];
  CHECK(eventually([&] { return last.signal(SIGTERM), !last.runs(); }));
  CHECK(members.end(last).code == 128 + SIGTERM);
}
