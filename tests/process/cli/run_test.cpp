// `conclave run`: options, the configuration file, and how it ends.
#include <doctest/doctest.h>

#include <signal.h>

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
                                      "data_dir = '" + shell.file("data").string() + "'\nsession_ttl_ms = 3000\n");
  auto member = shell.begin({"run", "--config", config, "--listen", address});
  REQUIRE(eventually([&] { return has(member.said(), "conclave: 'from-file' is ready"); }));
  CHECK(has(shell.run({"status", address}).said, "cluster 'paper'"));
}

TEST_CASE("run --config: the command line wins also with what is the default") {
  CommandLine shell;
  const auto address = shell.ports().address(0);
  const auto config = shell.configure("name = 'one'\ncluster = 'paper'\nlisten = '" + address + "'\nsingle = true\nadvertise = '" +
                                      shell.ports().address(1) + "'\nsession_ttl_ms = 10\ndata_dir = '" +
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
  CHECK(has(shell.run({"run", "--config", config, "--ttl-ms", "0"}).said, "timing.session_ttl: is 0 ms"));
}

TEST_CASE("run --config: what is wrong with the file is named, with its place") {
  CommandLine shell;
  const auto complaint = [&](const std::string& text) {
    const auto ended = shell.run({"run", "--config", shell.configure(text)});
    CHECK(ended.code == 64);
    return ended.said;
  };
  CHECK(has(complaint("nmae = 'a'\n"), "conclave.toml: there is no setting called 'nmae'"));
  CHECK(has(complaint("name = 5\n"), "conclave.toml: 'name' has the wrong type"));
  CHECK(has(complaint("priority = 300\n"), "'priority' has the wrong type or range"));
  CHECK(has(complaint("name = 'a'\n= 3\n"), "conclave.toml, line 2"));
  CHECK(has(complaint("name = 'a'\nsingle = true\ndata_dir = 'd'\nsession_ttl_ms = 10\n"), "timing.session_ttl: is 10 ms; raise it to at least"));
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
