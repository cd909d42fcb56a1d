// `conclave status`: a sentence and a table, from any member, and nothing is changed by asking.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "process/cli/command_line.hpp"

using namespace conclave;
using namespace conclave::process;

namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

// P9: a member that finds this has forgotten what it may have promised.
void damage_the_end(const std::filesystem::path& journal) {
  std::fstream file(journal, std::ios::in | std::ios::out | std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const auto at = bytes.find_last_not_of('\0') - 40;
  file.clear();
  file.seekp(static_cast<std::streamoff>(at)).put(static_cast<char>(bytes[at] ^ 1));
}

}  // namespace

TEST_CASE("status: one sentence, members with their roles, then locks and elections") {
  Members members;
  for (std::uint16_t at = 0; at < 3; ++at) {
    const auto ended = members.run({"status", members.ports().address(at)});
    CAPTURE(ended.said);
    CHECK(ended.code == 0);
    CHECK(has(ended.said, "cluster 'conclave': 3 voters, "));
    CHECK(has(ended.said, "led by "));
    CHECK(count(ended.said, "\n") > 4);
    CHECK(count(ended.said, "  leader ") == 1);
    CHECK(count(ended.said, "  voter ") == 2);
    CHECK_FALSE(has(ended.said, "\nlock "));
    for (std::uint16_t other = 0; other < 3; ++other) CHECK(has(ended.said, members.ports().address(other)));
  }
  const std::string script = "touch $FOLDER/$CONCLAVE_NAME; until [ -e $FOLDER/go ]; do sleep 0.01; done";
  auto lock = members.hold("lock", "paper", script, {"--name", "writer"});
  auto election = members.hold("elect", "chair", script, {"--name", "speaker"});
  REQUIRE(eventually([&] {
    return std::filesystem::exists(members.file("paper")) && std::filesystem::exists(members.file("chair"));
  }));
  for (std::uint16_t at = 0; at < 3; ++at) {
    std::string said;
    // A follower may hear of the grant a moment later than its holder.
    CHECK(eventually([&] {
      said = members.run({"status", members.ports().address(at)}).said;
      return has(said, "\npaper  writer  ") && has(said, "\nchair     speaker  ");
    }));
    CAPTURE(said);
    CHECK_FALSE(has(said, " \n"));  // nothing in the last column is no space either
    CHECK(has(said, "\nlock   holder  token"));
    CHECK(has(said, "\nelection  leader   token"));
  }
  std::ofstream{members.file("go")};
  CHECK(members.end(lock).code == 0);
  CHECK(members.end(election).code == 0);
}

TEST_CASE("status: what others have named reaches the terminal as text, and no more") {
  Members members;
  // Sets the title, goes up a line, and breaks UTF-8; what is only foreign stays as it is.
  const std::string name = "\x1b]0;owned\a\r\n\x7f \xc2\x9b" "1A \xe2\x80\xae" "back\\slash \xc3\xbc\xe6\x97\xa5";
  const std::string shown = "\\x1b]0;owned\\x07\\x0d\\x0a\\x7f \\xc2\\x9b1A \\xe2\\x80\\xae" "back\\\\slash \xc3\xbc\xe6\x97\xa5";
  auto lock = members.hold("lock", name, "touch $FOLDER/in; until [ -e $FOLDER/go ]; do sleep 0.01; done", {"--name", "\x1b[2Jyou"});
  REQUIRE(eventually([&] { return std::filesystem::exists(members.file("in")); }));
  std::string said;
  CHECK(eventually([&] { return has(said = members.run({"status", members.ports().address(0)}).said, "\n" + shown + "  \\x1b[2Jyou  "); }));
  CAPTURE(said);
  CHECK_FALSE(has(said, "\x1b"));
  const auto refused = members.run({"status", "no\xff" "where"});
  CHECK(refused.code == 64);
  CHECK(has(refused.said, "no\\xffwhere"));
  std::ofstream{members.file("go")};
  CHECK(members.end(lock).code == 0);
}

TEST_CASE("status joins nothing, and whoever held a lock is forgotten at once after its goodbye") {
  Members members;
  // What the members do by themselves must be over first: three sessions, everything applied everywhere.
  REQUIRE(eventually([&] { return members.status(0).sessions == 3 && members.status(0).applied == members.status(2).applied; }));
  const auto before = members.status();
  for (int asked = 0; asked < 5; ++asked) CHECK(members.run({"status", members.ports().address(1)}).code == 0);
  const auto after = members.status();
  CHECK(after.chosen == before.chosen);
  CHECK(after.sessions == 3);
  CHECK(after.members.size() == 3);

  // Far longer than the test may take.
  CHECK(members.held("lock", "jobs", "exit 0", {"--ttl-ms", "3600000"}).code == 0);
  for (std::uint16_t at = 0; at < 3; ++at) {
    CAPTURE(at);
    Status status;
    CHECK(eventually([&] { return status = members.status(at), status.sessions == 3 && status.members.size() == 3; }));
    for (const auto& member : status.members) CHECK(member.role == Role::voter);
    CHECK(status.locks.empty());
  }
}

TEST_CASE("status: the first that answers is asked, and nobody there is said so") {
  Members members;
  const auto nobody = members.ports().address(5);
  CHECK(members.run({"status", nobody, members.ports().address(0)}).code == 0);
  const auto silent = members.run({"status", nobody});
  CHECK(silent.code == 69);
  CHECK(has(silent.said, "nobody answers at " + nobody));
  const auto nonsense = members.run({"status", "nonsense"});
  CHECK(nonsense.code == 64);
  CHECK(has(nonsense.said, "write host:port"));
}

TEST_CASE("status: a voter that has lost its vote is not shown as one that votes, neither by itself nor by others") {
  Members members;
  members.members()[2].kill();
  damage_the_end(members.file("c") / "journal");
  const auto address = members.ports().address(2);
  members.members()[2] =
      members.begin({"run", "--name", "c", "--data-dir", members.file("c"), "--listen", address, "--founders", members.founders()});
  std::string own;
  CHECK(eventually([&] { return has(own = members.run({"status", address}).said, "led by "); }));
  CAPTURE(own);
  CHECK(has(own, "3 voters, 3 alive, lost its vote: c, led by "));
  CHECK(has(own, "\n'c' has lost its vote: "));
  CHECK(count(own, "voter, has lost its vote  alive") == 1);
  CHECK(eventually([&] { return has(members.run({"status", members.ports().address(0)}).said, "3 alive, lost its vote: c, led by "); }));
}
