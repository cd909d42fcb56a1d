// Where and in which order the user hears: never inside his own call, never on the node's thread, each handle in order.
#include <doctest/doctest.h>

#include "unit/client/answer.hpp"
#include "unit/client/stage.hpp"

using namespace conclave;
using namespace conclave::client;
using Thread = StageHost::Thread;

namespace {

coordination::Revoke revoke(const std::string& name, Token token) {
  return {.resource = {.kind = coordination::ResourceKind::lock, .name = name}, .token = token};
}

/// Somebody else's command.
void choose_other(Stage& stage, SessionId session, std::uint64_t sequence, coordination::Op op) {
  stage.host->choose(coordination::Submission{
      .session = session, .sequence = Sequence{sequence}, .answered_below = Sequence{1}, .op = std::move(op)});
}

}  // namespace

TEST_CASE("no callback runs inside the call that it answers, not even for a bad argument") {
  Stage stage;
  int calls = 0;
  const auto count = [&](const auto&) { ++calls; };
  (void)stage.lock("").acquire({}, count);
  (void)stage.lock("jobs").acquire({}, count);
  stage.lock("jobs").try_acquire(count);
  (void)stage.election("boss").observe(count);
  stage.election("boss").leader(std::chrono::milliseconds(1), count);
  CHECK(calls == 0);
  stage.host->run_loop();
  CHECK(calls == 0);
}

TEST_CASE("callbacks run on the callback executor, stop callbacks on the signal thread, bodies on their own") {
  Stage stage;
  const auto& thread = stage.host->thread;
  std::vector<Thread> seen;
  std::optional<Lock> held;
  (void)stage.lock("jobs").acquire({}, [&](Result<Lock> lock) {
    seen.push_back(thread);
    held.emplace(std::move(*lock));
    held->on_lost([&](const Error&) { seen.push_back(thread); });
  });
  stage.settle();
  const std::stop_callback on_stop(held->stop_token(), [&] { seen.push_back(thread); });
  const auto observation = stage.election("boss").observe([&](const auto&) { seen.push_back(thread); });
  stage.settle();
  CHECK(seen == std::vector{Thread::callbacks, Thread::callbacks});
  seen.clear();
  stage.host->expire_session();
  CHECK(seen.empty());
  stage.host->run_signals();
  CHECK(seen == std::vector{Thread::signals});
  stage.host->run_callbacks();
  CHECK(seen == std::vector{Thread::signals, Thread::callbacks});
  seen.clear();
  const auto campaign = stage.election("boss").run([&](const Term&) { seen.push_back(thread); });
  stage.settle();
  stage.host->run_body();
  CHECK(std::ranges::count(seen, Thread::body) == 1);
}

TEST_CASE("the grant is told before the loss, though both have happened before either is told") {
  Stage stage;
  const auto other = stage.host->open_other();
  std::vector<std::string> told;
  std::optional<Lock> held;
  (void)stage.lock("jobs").acquire({}, [&](Result<Lock> lock) {
    told.emplace_back("granted");
    held.emplace(std::move(*lock));
    CHECK_FALSE(held->held());  // by the time he hears of it, it is over: he can see that
    held->on_lost([&](const Error&) { told.emplace_back("lost"); });
  });
  stage.host->run_loop();
  stage.host->choose();
  const auto token = stage.host->state().resources().begin()->second.holder->token;
  choose_other(stage, other, 1, revoke("jobs", token));
  stage.settle();
  CHECK(told == std::vector<std::string>{"granted", "lost"});
}

TEST_CASE("of one candidate: elected and revoked in turns, and no new term before the old one's callback has returned") {
  Stage stage;
  std::vector<std::string> told;
  auto campaign = stage.election("boss").campaign(
      {}, {.on_elected = [&](const Term&) { told.emplace_back("elected"); },
           .on_revoked = [&](const Term&, const Error&) { told.emplace_back("revoked"); }});
  stage.host->run_loop();
  stage.host->choose();
  // The session ends before the first callback has run, and the next one is open at once.
  stage.host->expire_session();
  stage.host->choose();
  stage.host->run_loop();
  CHECK(told.empty());
  CHECK(stage.host->commands() == 0);  // it does not stand again yet
  stage.host->run_callbacks();
  CHECK(told == std::vector<std::string>{"elected", "revoked"});
  stage.settle();
  CHECK(told == std::vector<std::string>{"elected", "revoked", "elected"});
  CHECK(campaign->term().has_value());
}

TEST_CASE("the resignation leaves only after on_revoked has returned") {
  Stage stage;
  bool revoked = false;
  auto campaign = stage.election("boss").campaign({}, {.on_revoked = [&](const Term& term, const Error&) {
                                                     revoked = true;
                                                     CHECK_FALSE(term.active());
                                                   }});
  stage.settle();
  REQUIRE(campaign->term().has_value());
  Answer<void> resigned;
  campaign->resign(resigned.taker());
  for (int i = 0; i < 3; ++i) stage.host->run_loop();
  CHECK_FALSE(campaign->term().has_value());
  CHECK(stage.host->commands() == 0);
  stage.host->run_callbacks();
  CHECK(revoked);
  stage.host->run_loop();
  CHECK(stage.host->commands() == 1);
  CHECK_FALSE(resigned.came());
  stage.settle();
  CHECK(resigned.ok());
}

TEST_CASE("blocking calls on the callback executor and the node's thread answer would_deadlock") {
  Stage stage;
  std::optional<Lock> held;
  (void)stage.lock("jobs").acquire({}, [&](Result<Lock> lock) { held.emplace(std::move(*lock)); });
  auto campaign = stage.election("boss").campaign({}, {});
  stage.settle();
  for (const auto thread : {Thread::callbacks, Thread::loop}) {
    stage.host->thread = thread;
    CHECK(stage.lock("x").try_acquire().error() == errc::would_deadlock);
    CHECK(stage.lock("x").acquire(std::chrono::seconds(1)).error() == errc::would_deadlock);
    CHECK(stage.lock("x").run([](Lock&) {}).error() == errc::would_deadlock);
    CHECK(held->release().error() == errc::would_deadlock);
    CHECK(campaign->resign().error() == errc::would_deadlock);
    CHECK(campaign->hand_over("x").error() == errc::would_deadlock);
    CHECK(campaign->cancel().error() == errc::would_deadlock);
    CHECK(stage.election("boss").leader(std::chrono::seconds(1)).error() == errc::would_deadlock);
  }
  stage.host->thread = Thread::outside;
  stage.settle();
  // Nothing of it was begun.
  CHECK(held->held());
  CHECK(campaign->term().has_value());
  CHECK(stage.host->state().resources().size() == 2);
}
