// A body that runs while its node leads, and the ends of a candidacy: nothing is given back before callbacks and body ended.
#include <doctest/doctest.h>

#include "unit/client/answer.hpp"
#include "unit/client/stage.hpp"

using namespace conclave;
using namespace conclave::client;

namespace {

const coordination::Grant* boss(const Stage& stage) {
  const auto* resource =
      stage.host->state().resource({.kind = coordination::ResourceKind::election, .name = "boss"});
  return resource ? &*resource->holder : nullptr;
}

coordination::Revoke revocation(Token token) {
  return {.resource = {.kind = coordination::ResourceKind::election, .name = "boss"}, .token = token};
}

}  // namespace

TEST_CASE("run: the body is stopped and waited for before the leadership is given back") {
  Stage stage;
  std::optional<Term> term;
  auto campaign = stage.election("boss").run([&](const Term& mine) { term = mine; });
  stage.settle();
  REQUIRE(stage.host->bodies() == 1);
  Answer<void> resigned;
  campaign->resign(resigned.taker());
  stage.settle();
  CHECK_FALSE(campaign->term().has_value());
  CHECK_FALSE(resigned.came());
  const auto token = boss(stage)->token;  // still, for everybody else
  stage.host->run_body();
  CHECK_FALSE(term->active());
  CHECK(term->stop_token().stop_requested());
  stage.settle();
  CHECK(resigned.ok());
  // It stands again, and its next body runs.
  CHECK(boss(stage)->token > token);
  CHECK(stage.host->bodies() == 1);
}

TEST_CASE("run: a body that returns of itself gives the leadership back, and the candidate stands again") {
  Stage stage;
  auto campaign = stage.election("boss").run([](const Term& term) { CHECK(term.active()); });
  stage.settle();
  const auto first = boss(stage)->token;
  stage.host->run_body();
  stage.settle();
  CHECK(boss(stage)->token > first);
  CHECK(stage.host->bodies() == 1);
}

TEST_CASE("S5: of a revoked leadership the body ends before the next grant") {
  Stage stage;
  auto campaign = stage.election("boss").run([](const Term&) {});
  stage.settle();
  const auto token = boss(stage)->token;
  const auto other = stage.host->open_other();
  stage.host->choose(coordination::Submission{
      .session = other, .sequence = Sequence{1}, .answered_below = Sequence{1}, .op = revocation(token)});
  stage.settle();
  CHECK_FALSE(campaign->term().has_value());
  REQUIRE(boss(stage) != nullptr);
  CHECK(boss(stage)->token == token);
  stage.host->run_body();
  stage.settle();
  REQUIRE(boss(stage) != nullptr);
  CHECK(boss(stage)->token > token);
}

TEST_CASE("S5: on_revoked has returned before the leadership is given back") {
  Stage stage;
  std::vector<Error> reasons;
  auto campaign = stage.election("boss").campaign(
      {}, {.on_revoked = [&](const Term&, const Error& reason) { reasons.push_back(reason); }});
  stage.settle();
  const auto token = boss(stage)->token;
  const auto other = stage.host->open_other();
  stage.host->choose(coordination::Submission{
      .session = other, .sequence = Sequence{1}, .answered_below = Sequence{1}, .op = revocation(token)});
  stage.host->run_loop();
  stage.host->run_signals();
  stage.host->run_loop();
  CHECK(stage.host->commands() == 0);
  stage.host->run_callbacks();
  REQUIRE(reasons.size() == 1);
  CHECK(reasons[0] == errc::lock_lost);
  stage.host->run_loop();
  CHECK(stage.host->commands() == 1);
}

TEST_CASE("cancel answers when a demotion under way has really ended") {
  Stage stage;
  auto campaign = stage.election("boss").run([](const Term&) {});
  stage.settle();
  Answer<void> resigned;
  campaign->resign(resigned.taker());
  stage.settle();
  Answer<void> cancelled;
  campaign->cancel(cancelled.taker());
  stage.settle();
  CHECK_FALSE(cancelled.came());  // the body still runs
  stage.host->run_body();
  stage.host->settle();
  CHECK_FALSE(cancelled.came());  // the resignation is not chosen yet
  stage.settle();
  CHECK(cancelled.ok());
  CHECK(resigned.ok());
  CHECK(boss(stage) == nullptr);
  CHECK(stage.host->bodies() == 0);
}

TEST_CASE("each of several cancellations answers at the end, once") {
  Stage stage;
  auto campaign = stage.election("boss").run([](const Term&) {});
  stage.settle();
  Answer<void> first;
  Answer<void> second;
  campaign->cancel(first.taker());
  campaign->cancel(second.taker());
  stage.settle();
  CHECK_FALSE(first.came());
  CHECK_FALSE(second.came());
  stage.host->run_body();
  stage.settle();
  CHECK(first.calls() == 1);
  CHECK(second.calls() == 1);
  CHECK(boss(stage) == nullptr);
  Answer<void> afterwards;
  campaign->cancel(afterwards.taker());
  stage.settle();
  CHECK(afterwards.ok());
}

TEST_CASE("a candidacy that is cancelled while its grant is on its way leads never") {
  Stage stage;
  int elected = 0;
  auto campaign = stage.election("boss").campaign({}, {.on_elected = [&](const Term&) { ++elected; }});
  stage.host->run_loop();
  Answer<void> cancelled;
  campaign->cancel(cancelled.taker());
  stage.host->run_loop();
  stage.host->choose_one();
  stage.host->settle();
  CHECK_FALSE(cancelled.came());
  stage.settle();
  CHECK(cancelled.ok());
  CHECK(elected == 0);
  CHECK(boss(stage) == nullptr);
}

TEST_CASE("a body whose session ended is waited for before the candidate stands again") {
  Stage stage;
  auto campaign = stage.election("boss").run([](const Term&) {});
  stage.settle();
  stage.host->expire_session();
  stage.settle();
  CHECK(stage.client->session().has_value());
  CHECK(boss(stage) == nullptr);
  stage.host->run_body();
  stage.settle();
  CHECK(boss(stage) != nullptr);
  CHECK(campaign->term().has_value());
}
