// Members that cannot start: each says what to do, and whoever was there before loses nothing.
#include <doctest/doctest.h>

#include <signal.h>

#include <fstream>

#include "process/cli/command_line.hpp"

using namespace conclave;
using namespace conclave::process;

namespace {

/// A working cluster of one, whose lock tokens tell whether it still is what it was.
class One : public CommandLine {
 public:
  One() : member_(start("one", "data", ports().address(0))) { REQUIRE(is_ready(member_)); }

  [[nodiscard]] Child start(const std::string& name, const std::string& data, const std::string& listen) {
    return begin({"run", "--name", name, "--data-dir", file(data), "--listen", listen, "--single"});
  }
  [[nodiscard]] Ended try_start(const std::string& name, const std::filesystem::path& data, const std::string& listen,
                                std::vector<std::string> more = {"--single"}) {
    std::vector<std::string> words{"run", "--name", name, "--data-dir", data, "--listen", listen};
    words.insert(words.end(), more.begin(), more.end());
    return run(std::move(words));
  }
  /// Takes a lock: its token.
  [[nodiscard]] std::uint64_t token() {
    const auto ended = run({"lock", "jobs", "--join", ports().address(0), "--", "sh", "-c", "echo $CONCLAVE_TOKEN"});
    return ended.code == 0 ? std::stoull(ended.said) : 0;
  }
  void stop() {
    member_.signal(SIGTERM);
    CHECK(end(member_).code == 0);
  }
  [[nodiscard]] pid_t pid() const { return member_.pid(); }

  [[nodiscard]] static bool is_ready(Child& member) {
    return eventually([&] { return has(member.said(), "is ready"); });
  }

 private:
  Child member_;
};

}  // namespace

TEST_CASE("a port in use") {
  One one;
  const auto before = one.token();
  const auto address = one.ports().address(0);
  const auto ended = one.try_start("two", one.file("two"), address);
  CHECK(ended.code == 69);
  CHECK(has(ended.said, address));
  CHECK(has(ended.said, "in use"));
  CHECK(has(ended.said, "choose another"));
  CHECK_FALSE(std::filesystem::exists(one.file("two")));
  CHECK(one.token() > before);
}

TEST_CASE("a data folder in use by another process") {
  One one;
  const auto before = one.token();
  const auto ended = one.try_start("one", one.file("data"), one.ports().address(1));
  CHECK(ended.code == 69);
  CHECK(has(ended.said, one.file("data")));
  CHECK(has(ended.said, "is open in process " + std::to_string(one.pid())));
  CHECK(one.token() > before);
}

TEST_CASE("a data folder that cannot be made or read") {
  One one;
  std::ofstream(one.file("file")) << "mine";
  for (const auto& bad : {one.file("file"), one.file("file") / "below", std::filesystem::path("/proc/no/such/folder")}) {
    const auto ended = one.try_start("two", bad, one.ports().address(1));
    CHECK(ended.code == 69);
    CHECK(has(ended.said, bad));
    CHECK(has(ended.said, "name a folder that this user may create, read and write"));
  }
  std::ifstream file(one.file("file"));
  std::string kept;
  file >> kept;
  CHECK(kept == "mine");
}

TEST_CASE("a data folder, or a file in it, whose permissions forbid this user to read it") {
  One one;
  const auto before = one.token();
  one.stop();
  const auto address = one.ports().address(0);
  using std::filesystem::perms;
  for (const auto& locked : {one.file("data"), one.file("data") / "data.mdb", one.file("data") / "journal"}) {
    CAPTURE(locked);
    const auto usual = std::filesystem::status(locked).permissions();
    std::filesystem::permissions(locked, perms::none);
    auto child = one.begin_bound({"run", "--name", "one", "--data-dir", one.file("data"), "--listen", address, "--single"});
    const auto ended = CommandLine::end(child);
    std::filesystem::permissions(locked, usual);
    CHECK(ended.code == 69);
    CHECK(has(ended.said, one.file("data")));
    CHECK(has(ended.said, "name a folder that this user may create, read and write"));
  }
  auto again = one.start("one", "data", address);
  REQUIRE(One::is_ready(again));
  CHECK(one.token() > before);
}

TEST_CASE("a data folder of another member or of another cluster is left as it is") {
  One one;
  const auto before = one.token();
  one.stop();
  const auto address = one.ports().address(0);
  const auto other_member = one.try_start("two", one.file("data"), address);
  CHECK(other_member.code == 64);
  CHECK(has(other_member.said, "belongs to the member called 'one', the configuration says 'two'; give this node its own folder"));
  const auto other_cluster = one.try_start("one", one.file("data"), address, {"--single", "--cluster", "paper"});
  CHECK(other_cluster.code == 64);
  CHECK(has(other_cluster.said, "belongs to the cluster called 'conclave', the configuration says 'paper'; give this node"));
  auto again = one.start("one", "data", address);
  REQUIRE(One::is_ready(again));
  CHECK(one.token() > before);
}

TEST_CASE("P9: a single node whose first records are damaged founds nothing anew") {
  constexpr std::streamoff first_group = 512;
  CommandLine shell;
  const auto address = shell.ports().address(0);
  const auto start = [&] {
    return shell.begin({"run", "--name", "one", "--data-dir", shell.file("data"), "--listen", address, "--single"});
  };
  auto member = start();
  REQUIRE(One::is_ready(member));
  member.kill();
  const auto flip = [&] {
    std::fstream journal(shell.file("data") / "journal", std::ios::in | std::ios::out | std::ios::binary);
    const auto byte = journal.seekg(first_group + 100).get();
    journal.seekp(first_group + 100).put(static_cast<char>(byte ^ 1));
  };
  flip();
  for (int again = 0; again < 2; ++again) {
    auto damaged = start();
    const auto ended = shell.end(damaged);
    CAPTURE(ended.said);
    CHECK(ended.code == 69);
    CHECK(has(ended.said, "which member this store belongs to is missing or damaged: the journal is damaged"));
    CHECK(has(ended.said, "give the node an empty folder"));
    CHECK_FALSE(has(ended.said, "is ready"));
  }
}

TEST_CASE("an address that nobody can dial") {
  CommandLine shell;
  const auto complaint = [&](const std::string& listen, const std::vector<std::string>& more) {
    std::vector<std::string> words{"run", "--name", "one", "--data-dir", shell.file("data"), "--listen", listen};
    words.insert(words.end(), more.begin(), more.end());
    const auto ended = shell.run(words);
    CHECK(ended.code == 64);
    return ended.said;
  };
  const auto port = std::to_string(shell.ports().port(0));
  CHECK(has(complaint("0.0.0.0:" + port, {"--single"}), "nobody can dial 0.0.0.0:" + port + "; set advertise to an address"));
  CHECK(has(complaint("[::]:" + port, {"--single"}), "nobody can dial [::]:" + port));
  CHECK(has(complaint("127.0.0.1:" + port, {"--single", "--advertise", "0.0.0.0:" + port}), "advertise: "));
  CHECK(has(complaint("127.0.0.1:" + port, {"--founders", "127.0.0.1:" + port + ",0.0.0.0:1,127.0.0.1:2"}), "founders: "));
  CHECK(has(complaint("127.0.0.1", {"--single"}), "has no port: write host:port"));
}

TEST_CASE("a lock's name that is too long, empty or no text") {
  One one;
  const auto complaint = [&](const std::string& name) {
    const auto ended = one.run({"lock", name, "--join", one.ports().address(0), "--", "true"});
    CHECK(ended.code == 64);
    return ended.said;
  };
  CHECK(has(complaint(std::string(129, 'x')), "name has 1 to 128 bytes"));
  CHECK(has(complaint("bad \xff byte"), "UTF-8"));
  CHECK(one.run({"lock", std::string(128, 'x'), "--join", one.ports().address(0), "--", "true"}).code == 0);
}

TEST_CASE("founders that disagree found nothing, say who names whom, and found when they are set right") {
  CommandLine shell;
  const auto address = [&](std::uint16_t at) { return shell.ports().address(at); };
  const auto founder = [&](std::uint16_t at, const std::string& founders) {
    const std::string name{static_cast<char>('a' + at)};
    return shell.begin({"run", "--name", name, "--data-dir", shell.file(name), "--listen", address(at), "--founders", founders});
  };
  const auto agreed = address(0) + "," + address(1) + "," + address(2);
  auto a = founder(0, agreed);
  auto b = founder(1, agreed);
  auto c = founder(2, address(0) + "," + address(1) + "," + address(2) + "," + address(3));
  for (auto* member : {&a, &b, &c}) {
    REQUIRE(eventually([&] { return has(member->said(), "give all of them the same list"); }));
    CHECK(has(member->said(), "names the founders " + address(0) + ", " + address(1) + ", " + address(2)));
    CHECK_FALSE(has(member->said(), "is ready"));
  }
  const auto waiting = shell.run({"status", address(0)});
  CAPTURE(waiting.said);
  CHECK(waiting.code == 0);
  CHECK_FALSE(has(waiting.said, "led by"));
  c.signal(SIGTERM);
  CHECK(shell.end(c).code == 0);
  c = founder(2, agreed);
  for (auto* member : {&a, &b, &c}) CHECK(One::is_ready(*member));
}

TEST_CASE("a node that asks the wrong cluster in is told which is which") {
  One one;
  // At once: waiting does not mend it.
  const auto ended = one.run({"lock", "jobs", "--timeout-ms", "3600000", "--cluster", "paper", "--join", one.ports().address(0), "--", "true"});
  CHECK(ended.code == 69);
  CHECK(has(ended.said, "belongs to the cluster called"));
  CHECK(has(ended.said, "'conclave'"));
  CHECK(has(ended.said, "'paper'"));
}
