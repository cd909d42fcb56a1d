// The end of a node: everything open is answered, once, and nothing new is taken.
#include <doctest/doctest.h>

#include "client/blocking.hpp"
#include "unit/client/answer.hpp"
#include "unit/client/members.hpp"
#include "unit/client/stage.hpp"

using namespace conclave;
using namespace conclave::client;

namespace {

class Echo final : public StateMachine {
 public:
  [[nodiscard]] std::string name() const override { return "echo/1"; }
  Bytes apply(const Applied&, BytesView command) override {
    ++applied;
    if (to_text(command) == "throw") throw std::runtime_error("no such table");
    return Bytes(command.begin(), command.end());
  }
  void snapshot(const std::function<void(BytesView)>&) const override {}
  Result<void> restore(const std::function<BytesView()>&) override { return {}; }
  [[nodiscard]] std::uint64_t digest() const override { return 0; }

  int applied = 0;
};

Client::Options with(std::shared_ptr<StateMachine> machine) {
  auto options = named_me();
  options.state_machine = std::move(machine);
  return options;
}

/// One call of each kind, none answered yet.
struct OpenCalls {
  explicit OpenCalls(Stage& stage) {
    (void)stage.lock("taken").acquire({}, waits.taker());
    stage.lock("free").try_acquire(tries.taker());
    stage.client->propose(to_bytes("x"), {}, on_executor<Bytes>(stage.host, proposes.taker()));
    stage.client->read(Consistency::linearizable, std::chrono::seconds(9), {},
                       on_executor<ReadPoint>(stage.host, reads.taker()));
    stage.election("boss").leader(std::chrono::seconds(9), asks.taker());
    stage.client->revoke({.kind = coordination::ResourceKind::lock, .name = "taken"}, Token{999},
                         on_executor<void>(stage.host, revokes.taker()));
    stage.host->run_loop();
  }

  Answer<Lock> waits;
  Answer<Lock> tries;
  Answer<Bytes> proposes;
  Answer<ReadPoint> reads;
  Answer<std::optional<Leader>> asks;
  Answer<void> revokes;
};

}  // namespace

TEST_CASE("close answers everything open once: unknown where a command was sent, closed where not") {
  Stage stage(with(std::make_shared<Echo>()));
  Answer<Lock> held;
  (void)stage.lock("taken").acquire({}, held.taker());
  std::vector<Error> revoked;
  auto campaign = stage.election("lead").campaign(
      {}, {.on_revoked = [&](const Term&, const Error& reason) { revoked.push_back(reason); }});
  stage.settle();
  std::vector<Error> lost;
  held->on_lost([&](const Error& reason) { lost.push_back(reason); });
  OpenCalls calls(stage);

  bool closed = false;
  stage.client->close(std::chrono::seconds(2), [&] { closed = true; });
  CHECK_FALSE(held->held());
  CHECK_FALSE(closed);
  stage.host->settle();
  CHECK(calls.waits.error() == errc::closed);
  CHECK(calls.tries.error() == errc::session_ended);
  CHECK(calls.proposes.error() == errc::outcome_unknown);
  CHECK(calls.reads.error() == errc::closed);
  CHECK(calls.asks.error() == errc::closed);
  CHECK(calls.revokes.error() == errc::outcome_unknown);
  REQUIRE(lost.size() == 1);
  CHECK(lost[0] == errc::closed);
  REQUIRE(revoked.size() == 1);
  CHECK(revoked[0] == errc::closed);

  // Its end is chosen, with all that was sent before: the locks are free at once, and nobody is told anything twice.
  stage.settle();
  CHECK(closed);
  CHECK(stage.host->state().resources().empty());
  CHECK(stage.host->state().sessions().empty());
  for (const int count : {calls.waits.calls(), calls.tries.calls(), calls.proposes.calls(), calls.reads.calls(),
                          calls.asks.calls(), calls.revokes.calls()})
    CHECK(count == 1);
  CHECK(lost.size() == 1);
  CHECK(revoked.size() == 1);
}

TEST_CASE("close waits for the end of its session no longer than it was told") {
  Stage stage;
  bool closed = false;
  stage.client->close(std::chrono::seconds(2), [&] { closed = true; });
  stage.host->advance(std::chrono::milliseconds(1999));
  CHECK_FALSE(closed);
  stage.host->advance(std::chrono::milliseconds(1));
  CHECK(closed);
}

TEST_CASE("S9: close ends its session only after the body of a leadership has returned") {
  Stage stage;
  std::optional<Term> term;
  auto campaign = stage.election("boss").run([&](const Term& mine) { term = mine; });
  stage.settle();
  bool closed = false;
  stage.client->close(std::chrono::seconds(2), [&] { closed = true; });
  stage.settle();
  CHECK_FALSE(closed);
  CHECK(stage.host->state().sessions().size() == 1);
  stage.host->run_body();
  CHECK(term->stop_token().stop_requested());
  stage.settle();
  CHECK(closed);
  CHECK(stage.host->state().sessions().empty());
}

TEST_CASE("S9: close ends its session only after on_revoked has returned") {
  Stage stage;
  int revoked = 0;
  auto campaign = stage.election("boss").campaign({}, {.on_revoked = [&](const Term&, const Error&) { ++revoked; }});
  stage.settle();
  stage.client->close(std::chrono::seconds(2), [] {});
  for (int i = 0; i < 3; ++i) {
    stage.host->run_signals();
    stage.host->run_loop();
  }
  CHECK(stage.host->commands() == 0);
  stage.host->run_callbacks();
  CHECK(revoked == 1);
  stage.host->run_loop();
  CHECK(stage.host->commands() == 1);
}

TEST_CASE("S9: close ends its session only after the stop tokens of held locks have fired") {
  Stage stage;
  Answer<Lock> held;
  (void)stage.lock("jobs").acquire({}, held.taker());
  stage.settle();
  stage.client->close(std::chrono::seconds(2), [] {});
  stage.host->run_loop();
  stage.host->run_callbacks();
  CHECK(stage.host->commands() == 0);
  stage.host->run_signals();
  CHECK(held->stop_token().stop_requested());
  stage.host->run_loop();
  CHECK(stage.host->commands() == 1);
}

TEST_CASE("S9: close ends its session only after the body of NamedLock::run has returned") {
  Stage stage;
  Answer<Lock> held;
  (void)stage.lock("jobs").acquire({}, held.taker());
  stage.settle();
  stage.client->begin_body(*held);
  bool closed = false;
  stage.client->close(std::chrono::seconds(2), [&] { closed = true; });
  stage.settle();
  CHECK(held->stop_token().stop_requested());
  CHECK_FALSE(closed);
  Answer<void> ended;
  stage.client->end_body(Client::grant_of(*held), ended.taker());
  CHECK(ended.error() == errc::lock_lost);
  stage.settle();
  CHECK(closed);
  CHECK(stage.host->state().sessions().empty());
}

TEST_CASE("S9: what still runs when close gives up keeps its session, which runs to its TTL") {
  Stage stage;
  auto campaign = stage.election("boss").run([](const Term&) {});
  stage.settle();
  int closed = 0;
  stage.client->close(std::chrono::seconds(2), [&] { ++closed; });
  stage.settle();
  stage.host->advance(std::chrono::seconds(2));
  CHECK(closed == 1);
  stage.host->run_body();
  stage.settle();
  CHECK(closed == 1);
  CHECK(stage.host->state().sessions().size() == 1);
}

TEST_CASE("close without a session answers what waits for one, with closed") {
  Stage stage(with(std::make_shared<Echo>()), false);
  Answer<void> ready;
  stage.client->ready(std::chrono::seconds(9), ready.taker());
  OpenCalls calls(stage);
  CHECK(calls.revokes.came() == false);
  bool closed = false;
  stage.client->close(std::chrono::seconds(2), [&] { closed = true; });
  CHECK(closed);
  stage.host->settle();
  CHECK(ready.error() == errc::closed);
  CHECK(calls.waits.error() == errc::closed);
  CHECK(calls.tries.error() == errc::closed);
  CHECK(calls.proposes.error() == errc::closed);
  CHECK(calls.reads.error() == errc::closed);
  CHECK(calls.revokes.error() == errc::not_ready);
  // No timer of theirs is left to answer again.
  stage.host->advance(std::chrono::minutes(2));
  stage.host->settle();
  CHECK(calls.waits.calls() == 1);
  CHECK(calls.proposes.calls() == 1);
  CHECK(ready.calls() == 1);
}

TEST_CASE("after close every call answers closed at once") {
  Stage stage(with(std::make_shared<Echo>()));
  auto beside = stage.election("lead").campaign({}, {});
  stage.client->close(std::chrono::seconds(2), [] {});
  stage.settle();
  const OpenCalls calls(stage);
  Answer<void> ready;
  stage.client->ready(std::chrono::seconds(9), ready.taker());
  const auto campaign = stage.election("lead").campaign({}, {});
  REQUIRE_FALSE(campaign.has_value());
  CHECK(campaign.error() == errc::closed);
  // One that stood before the node was closed, and whose start came after.
  Answer<void> cancelled;
  beside->cancel(cancelled.taker());
  stage.host->settle();
  CHECK(calls.waits.error() == errc::closed);
  CHECK(calls.tries.error() == errc::closed);
  CHECK(calls.proposes.error() == errc::closed);
  CHECK(calls.reads.error() == errc::closed);
  CHECK(calls.asks.error() == errc::closed);
  CHECK(calls.revokes.error() == errc::closed);
  CHECK(ready.error() == errc::closed);
  CHECK(cancelled.ok());
  CHECK(stage.host->commands() == 0);
}

TEST_CASE("a node that stops itself reports its locks lost and answers everything with the reason") {
  const auto machine = std::make_shared<Echo>();
  Stage stage(with(machine));
  Answer<Lock> held;
  (void)stage.lock("taken").acquire({}, held.taker());
  stage.settle();
  std::vector<Error> lost;
  held->on_lost([&](const Error& reason) { lost.push_back(reason); });
  OpenCalls calls(stage);
  Answer<Bytes> fatal;
  stage.client->propose(to_bytes("throw"), {}, on_executor<Bytes>(stage.host, fatal.taker()));
  Answer<Bytes> after;
  stage.client->propose(to_bytes("y"), {}, on_executor<Bytes>(stage.host, after.taker()));
  while (stage.host->commands() > 0) stage.host->choose_one();
  stage.host->settle();
  // The state machine threw: it is given nothing more.
  CHECK(machine->applied == 2);
  REQUIRE(stage.host->stopped.has_value());
  CHECK(*stage.host->stopped == errc::stopped);
  CHECK(stage.host->stopped->detail.find("no such table") != std::string::npos);
  CHECK_FALSE(held->held());
  REQUIRE(lost.size() == 1);
  CHECK(lost[0] == errc::stopped);
  CHECK(calls.waits.error() == errc::stopped);
  CHECK(calls.reads.error() == errc::stopped);
  CHECK(fatal.error() == errc::outcome_unknown);
  CHECK(after.error() == errc::outcome_unknown);
  const OpenCalls late(stage);
  CHECK_FALSE(stage.election("lead").campaign({}, {}).has_value());
  stage.host->settle();
  CHECK(late.waits.error() == errc::stopped);
  CHECK(late.proposes.error() == errc::stopped);
}

TEST_CASE("a node whose disk failed answers `stopped`: the requests that were under way may have been granted") {
  Stage stage;
  Answer<Lock> held;
  (void)stage.lock("taken").acquire({}, held.taker());
  stage.settle();
  std::vector<Error> lost;
  held->on_lost([&](const Error& reason) { lost.push_back(reason); });
  const OpenCalls calls(stage);
  stage.client->on_notice(engine::Stopped{.reason = Error(errc::disk_failed, "EIO")});
  stage.host->settle();
  CHECK(*stage.host->stopped == errc::disk_failed);
  REQUIRE(lost.size() == 1);
  CHECK(lost[0] == errc::stopped);
  CHECK(lost[0].detail.find("EIO") != std::string::npos);
  CHECK(calls.waits.error() == errc::stopped);
  CHECK(calls.reads.error() == errc::stopped);
}

TEST_CASE("several nodes in one process: one closes, the others' locks and sessions stay") {
  Members members(3);
  const auto one = members.take("1", "a");
  const auto two = members.take("2", "b");
  const auto sessions = std::vector{members.world.client("1").session(), members.world.client("2").session(),
                                    members.world.client("3").session()};
  CHECK(sessions[0] != sessions[1]);
  CHECK(sessions[1] != sessions[2]);
  bool closed = false;
  members.world.client("1").close(2s, [&] { closed = true; });
  REQUIRE(members.until([&] { return closed; }));
  CHECK_FALSE(one.held());
  CHECK(two.held());
  CHECK(members.world.client("2").session() == sessions[1]);
  const auto& state = members.world.engine("2").state();
  REQUIRE(members.until([&] { return state.resources().size() == 1; }));
  CHECK(state.resources().begin()->first.name == "b");
}
