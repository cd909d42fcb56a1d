// A withdrawal against a grant that is on its way: the caller gets one of the two, and the lock is never left with nobody.
#include <doctest/doctest.h>

#include "unit/client/answer.hpp"
#include "unit/client/stage.hpp"

using namespace conclave;
using namespace conclave::client;

namespace {

std::size_t held(const Stage& stage) { return stage.host->state().resources().size(); }

}  // namespace

TEST_CASE("C4: a request that is granted before its cancellation is chosen is given back in that very step") {
  Stage stage;
  Answer<Lock> answer;
  auto pending = stage.lock("jobs").acquire({}, answer.taker());
  stage.host->run_loop();
  pending.cancel();
  stage.host->run_loop();
  REQUIRE(stage.host->commands() == 2);
  stage.host->choose_one();  // the grant
  CHECK(held(stage) == 1);
  stage.host->settle();
  CHECK_FALSE(answer.came());  // nobody believes in it
  stage.host->choose_one();  // the cancellation
  CHECK(held(stage) == 0);
  stage.host->settle();
  CHECK(answer.error() == errc::cancelled);
  CHECK(answer.calls() == 1);
}

TEST_CASE("a cancellation after the grant was told changes nothing") {
  Stage stage;
  Answer<Lock> answer;
  auto pending = stage.lock("jobs").acquire({}, answer.taker());
  stage.host->run_loop();
  stage.host->choose();
  pending.cancel();
  stage.settle();
  REQUIRE(answer.ok());
  CHECK(answer->held());
  CHECK(answer.calls() == 1);
  answer.drop();
  stage.settle();
  CHECK(held(stage) == 0);
}

TEST_CASE("a grant and a cancellation chosen in one batch: cancelled, and nothing is held") {
  Stage stage;
  Answer<Lock> answer;
  auto pending = stage.lock("jobs").acquire({}, answer.taker());
  stage.host->run_loop();
  pending.cancel();
  stage.host->run_loop();
  stage.host->choose();
  stage.settle();
  // The grant came first in the log, and is told to nobody.
  CHECK(answer.error() == errc::cancelled);
  CHECK(held(stage) == 0);
}

TEST_CASE("the deadline passes while the grant is on its way: timeout, and the grant goes back") {
  Stage stage;
  Answer<Lock> answer;
  (void)stage.lock("jobs").acquire({.timeout = std::chrono::seconds(1)}, answer.taker());
  stage.host->run_loop();
  stage.host->advance(std::chrono::seconds(1));
  stage.settle();
  CHECK(answer.error() == errc::timeout);
  CHECK(held(stage) == 0);
}

TEST_CASE("an unconfirmed withdrawal goes on after outcome unknown was told") {
  Stage stage;
  Answer<Lock> answer;
  (void)stage.lock("jobs").acquire({.timeout = std::chrono::seconds(1)}, answer.taker());
  stage.host->run_loop();
  stage.host->advance(std::chrono::seconds(1));
  stage.host->advance(std::chrono::seconds(1));
  stage.host->run_callbacks();
  CHECK(answer.error() == errc::outcome_unknown);
  stage.settle();
  CHECK(answer.calls() == 1);
  CHECK(held(stage) == 0);
}

TEST_CASE("a cancellation before there is a session sends nothing") {
  Stage stage(named_me(), false);
  Answer<Lock> answer;
  auto pending = stage.lock("jobs").acquire({}, answer.taker());
  stage.host->run_loop();
  pending.cancel();
  stage.host->settle();
  CHECK(answer.error() == errc::cancelled);
  stage.settle();
  CHECK(held(stage) == 0);
  CHECK(stage.host->state().applied() == Slot{2});  // the term's start and the session's opening alone
}

TEST_CASE("a lock whose callback nobody gave is released, not leaked") {
  Stage stage;
  (void)stage.lock("jobs").acquire({}, {});
  stage.settle();
  CHECK(held(stage) == 0);
}

TEST_CASE("the longest timeout is no overflow") {
  Stage stage;
  const auto other = stage.host->open_other();
  stage.host->choose(coordination::Submission{
      .session = other,
      .sequence = Sequence{1},
      .answered_below = Sequence{1},
      .op = coordination::Acquire{.resource = {.kind = coordination::ResourceKind::lock, .name = "jobs"}}});
  Answer<Lock> answer;
  (void)stage.lock("jobs").acquire({.timeout = std::chrono::milliseconds::max()}, answer.taker());
  stage.settle();
  stage.host->advance(std::chrono::hours(24 * 365));
  stage.settle();
  CHECK_FALSE(answer.came());
}
