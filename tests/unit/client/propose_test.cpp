// Commands for the user's state machine: exactly once, guarded, and read back.
#include <doctest/doctest.h>

#include "unit/client/journal.hpp"
#include "unit/client/stage.hpp"

using namespace conclave;
using namespace conclave::client;

TEST_CASE("propose returns what apply returned, on any node") {
  Journals members(3);
  int number = 0;
  for (const auto* node : {"1", "2", "3"}) {
    const auto answer = members.propose(node, node);
    REQUIRE(members.until(answer));
    REQUIRE(answer.ok());
    CHECK(to_text(*answer) == std::to_string(++number) + ":" + node);
  }
  members.world.run_for(100ms);
  for (const auto* node : {"1", "2", "3"}) CHECK(members.lines(node) == std::vector<std::string>{"1", "2", "3"});
}

TEST_CASE("commands of one node are applied in the order of the calls") {
  Journals members(3);
  const auto node = members.follower();
  std::vector<std::string> sent;
  for (int i = 0; i < 100; ++i) {
    sent.push_back(std::to_string(i));
    (void)members.propose(node, sent.back());
  }
  REQUIRE(members.until([&] { return members.lines(node).size() == 100; }));
  CHECK(members.lines(node) == sent);
}

TEST_CASE("S6: exactly once over a change of leader") {
  for (std::uint64_t pause = 0; pause < 20; ++pause) {
    CAPTURE(pause);
    Journals members(3);
    const auto node = members.follower();
    std::vector<Answer<Bytes>> answers;
    std::vector<std::string> sent;
    for (int i = 0; i < 50; ++i) {
      sent.push_back(std::to_string(i));
      answers.push_back(members.propose(node, sent.back()));
    }
    // The leader dies somewhere between the sending and the last answer.
    members.world.run_for(std::chrono::microseconds(50 * pause));
    members.world.kill(*members.world.leader());
    REQUIRE(members.until([&] { return std::ranges::all_of(answers, [](const auto& one) { return one.came(); }); }));
    for (const auto& answer : answers) {
      CHECK(answer.ok());
      CHECK(answer.calls() == 1);
    }
    CHECK(members.lines(node) == sent);
  }
}

TEST_CASE("outcome unknown: no majority answers in time; the command goes on") {
  Journals members(3);
  const auto leader = *members.world.leader();
  std::set<std::string> rest{"1", "2", "3"};
  rest.erase(leader);
  members.world.network().partition({{leader}, rest});
  const auto answer = members.propose(leader, "x", {.timeout = 200ms});
  REQUIRE(members.until(answer));
  CHECK(answer.error() == errc::outcome_unknown);
  CHECK(is_outcome_unknown(answer.error()));
  members.world.network().heal();
  REQUIRE(members.until([&] { return members.lines(leader).size() == 1; }));
  members.world.run_for(5s);
  CHECK(members.lines(leader) == std::vector<std::string>{"x"});
  CHECK(answer.calls() == 1);
}

TEST_CASE("outcome unknown: the session ends before the answer comes") {
  Journals members(3);
  const auto node = members.follower();
  std::set<std::string> rest{"1", "2", "3"};
  rest.erase(node);
  members.world.network().partition({{node}, rest});
  const auto answer = members.propose(node, "x", {.timeout = 60s});
  REQUIRE(members.until(answer));
  CHECK(answer.error() == errc::outcome_unknown);
  CHECK(answer.error().detail.find("session") != std::string::npos);
}

TEST_CASE("without a session a command is not sent, and says so when its time is up") {
  Journals members(3);
  const auto node = members.follower();
  std::set<std::string> rest{"1", "2", "3"};
  rest.erase(node);
  members.world.network().partition({{node}, rest});
  REQUIRE(members.until([&] { return !members.world.client(node).session(); }));
  const auto answer = members.propose(node, "x", {.timeout = 1s});
  REQUIRE(members.until(answer));
  CHECK(answer.error() == errc::timeout);
  members.world.network().heal();
  members.world.run_for(10s);
  CHECK(members.world.client(node).session().has_value());
  CHECK(members.lines(node).empty());
}

TEST_CASE("C6: a guarded command runs only while its grant is current") {
  Journals members(3);
  auto held = std::make_unique<Lock>(members.take("1", "jobs"));
  const auto token = held->token();
  const auto with_guard = members.propose("1", "kept", {.locks = {{.lock = "jobs", .token = token}}});
  REQUIRE(members.until(with_guard));
  CHECK(with_guard.ok());
  held.reset();
  const auto after = members.propose("1", "late", {.locks = {{.lock = "jobs", .token = token}}});
  REQUIRE(members.until(after));
  CHECK(after.error() == errc::guard_failed);
  // One of several is enough to refuse it.
  const auto other = members.take("2", "other");
  const auto mixed = members.propose("1", "mixed",
                                     {.locks = {{.lock = "other", .token = other.token()}, {.lock = "jobs", .token = token}}});
  REQUIRE(members.until(mixed));
  CHECK(mixed.error() == errc::guard_failed);
  const auto wrong_kind = members.propose("1", "kind", {.elections = {{.election = "other", .token = other.token()}}});
  REQUIRE(members.until(wrong_kind));
  CHECK(wrong_kind.error() == errc::guard_failed);
  CHECK(members.lines("1") == std::vector<std::string>{"kept"});
}

TEST_CASE("a command that breaks a limit is refused with the limit") {
  Journals members(1);
  const auto large = members.propose("1", std::string((1 << 20) + 1, 'x'));
  REQUIRE(members.until(large));
  CHECK(large.error() == errc::invalid_argument);
  CHECK(large.error().detail.find("1048576") != std::string::npos);
  const auto guarded = members.propose("1", "x", {.locks = std::vector<LockGuard>(17)});
  REQUIRE(members.until(guarded));
  CHECK(guarded.error() == errc::invalid_argument);
  CHECK(guarded.error().detail.find("16") != std::string::npos);
  CHECK(members.lines("1").empty());
}

TEST_CASE("a node without a state machine proposes nothing") {
  Members members(1);
  Answer<Bytes> answer;
  members.world.client("1").propose(to_bytes("x"), {}, answer.taker());
  REQUIRE(members.until(answer, 0ms));
  CHECK(answer.error() == errc::not_supported);
}

TEST_CASE("R1: a linearizable read sees every command that had returned before it began") {
  Journals members(3);
  for (int i = 1; i <= 20; ++i) {
    const auto writer = std::to_string(1 + i % 3);
    const auto reader = std::to_string(1 + (i + 1) % 3);
    const auto written = members.propose(writer, "x");
    REQUIRE(members.until(written));
    std::size_t seen = 0;
    Answer<ReadPoint> read;
    members.world.client(reader).read(
        Consistency::linearizable, 1s, [&](const ReadPoint&) { seen = members.lines(reader).size(); }, read.taker());
    REQUIRE(members.until(read));
    REQUIRE(read.ok());
    CHECK(seen == static_cast<std::size_t>(i));
    CHECK(read->age == 0ms);
  }
}

TEST_CASE("a read's body never runs after its answer: late, it does not run; running, it is waited for") {
  auto options = named_me();
  options.state_machine = std::make_shared<Journal>();
  Stage stage(options);
  bool ran = false;
  Answer<ReadPoint> late;
  stage.client->read(Consistency::stale, 1s, [&](const ReadPoint&) { ran = true; }, late.taker());
  stage.host->advance(2s);
  CHECK(late.error() == errc::timeout);
  stage.settle();
  CHECK_FALSE(ran);
  CHECK(late.calls() == 1);

  Answer<ReadPoint> slow;
  bool answered_meanwhile = true;
  stage.client->read(
      Consistency::stale, 1s,
      [&](const ReadPoint&) {
        stage.host->advance(2s);
        answered_meanwhile = slow.came();
      },
      slow.taker());
  stage.settle();
  CHECK_FALSE(answered_meanwhile);
  CHECK(slow.ok());
  CHECK(slow.calls() == 1);
}

TEST_CASE("a linearizable read without a majority is answered timeout, a stale one at once with its age") {
  Journals members(3);
  const auto node = members.follower();
  const auto written = members.propose(node, "x");
  REQUIRE(members.until(written));
  std::set<std::string> rest{"1", "2", "3"};
  rest.erase(node);
  members.world.network().partition({{node}, rest});
  const auto more = members.propose(*members.world.leader(), "y");
  REQUIRE(members.until(more));
  members.world.run_for(1s);

  Answer<ReadPoint> linearizable;
  members.world.client(node).read(Consistency::linearizable, 500ms, {}, linearizable.taker());
  std::vector<std::string> seen;
  Answer<ReadPoint> stale;
  members.world.client(node).read(
      Consistency::stale, 500ms, [&](const ReadPoint&) { seen = members.lines(node); }, stale.taker());
  REQUIRE(members.until(stale, 1ms));
  REQUIRE(stale.ok());
  CHECK(seen == std::vector<std::string>{"x"});
  CHECK(stale->age >= 1s);
  CHECK(stale->slot > Slot{0});
  REQUIRE(members.until(linearizable));
  CHECK(linearizable.error() == errc::timeout);
}
