// S5: a grant that is being taken away ends for its holder at once, however he learns of it, and goes back before its deadline.
#include <doctest/doctest.h>

#include "unit/client/answer.hpp"
#include "unit/client/stage.hpp"

using namespace conclave;
using namespace conclave::client;

namespace {

/// This client holds the lock `jobs`.
struct Holding : Stage {
  Holding() {
    (void)lock("jobs").acquire({}, answer.taker());
    settle();
    answer->on_lost([this](const Error& reason) { lost.push_back(reason); });
    token = answer->token();
    other = host->open_other();
  }

  /// Somebody else's command.
  [[nodiscard]] coordination::Submission revocation() const {
    return {.session = other,
            .sequence = Sequence{1},
            .answered_below = Sequence{1},
            .op = coordination::Revoke{.resource = {.kind = coordination::ResourceKind::lock, .name = "jobs"}, .token = token}};
  }

  Answer<Lock> answer;
  std::vector<Error> lost;
  Token token;
  SessionId other;
};

}  // namespace

TEST_CASE("S5: the stop token has fired before a revoked lock is given back") {
  Holding stage;
  stage.host->choose(stage.revocation());
  CHECK_FALSE(stage.answer->held());
  // Whatever the loop has to do: nothing of it depends on it alone.
  for (int i = 0; i < 3; ++i) stage.host->run_loop();
  CHECK(stage.host->commands() == 0);
  stage.host->run_signals();
  CHECK(stage.answer->stop_token().stop_requested());
  stage.host->run_loop();
  CHECK(stage.host->commands() == 1);
  stage.settle();
  CHECK(stage.host->state().resources().empty());
  CHECK(stage.lost.size() == 1);
}

TEST_CASE("S5: a revoked lock is given back when the body that runs under it has ended") {
  Holding stage;
  stage.client->begin_body(*stage.answer);
  stage.host->choose(stage.revocation());
  stage.host->settle();
  CHECK(stage.answer->stop_token().stop_requested());
  CHECK(stage.host->commands() == 0);
  Answer<void> ended;
  stage.client->end_body(Client::grant_of(*stage.answer), ended.taker());
  CHECK(stage.host->commands() == 1);
  stage.settle();
  CHECK(ended.error() == errc::lock_lost);
  CHECK(stage.host->state().resources().empty());
}

TEST_CASE("S5: an acknowledged renewal that names the token ends the grant, ahead of the log") {
  Holding stage;
  const auto deadline = stage.answer->deadline();
  stage.host->look_away();
  stage.host->choose(stage.revocation());
  stage.host->tell(engine::SessionExtended{.session = *stage.client->session(),
                                           .deadline = deadline + std::chrono::seconds(1),
                                           .ending = {stage.token}});
  CHECK(stage.answer->deadline() == deadline);
  CHECK_FALSE(stage.answer->held());
  stage.host->settle();
  CHECK(stage.answer->stop_token().stop_requested());
  REQUIRE(stage.lost.size() == 1);
  CHECK(stage.lost[0] == errc::lock_lost);
  CHECK(stage.host->commands() == 1);
}

TEST_CASE("S2: an acknowledged renewal moves the deadline of what is not named, and never back") {
  Holding stage;
  const auto deadline = stage.answer->deadline();
  const auto tell = [&](Instant at) {
    stage.host->tell(engine::SessionExtended{.session = *stage.client->session(), .deadline = at, .ending = {}});
  };
  tell(deadline + std::chrono::seconds(1));
  CHECK(stage.answer->deadline() == deadline + std::chrono::seconds(1));
  tell(deadline);
  CHECK(stage.answer->deadline() == deadline + std::chrono::seconds(1));
  CHECK(stage.answer->held());
}

TEST_CASE("by the clock alone a lock is over at its deadline, before anybody is told") {
  Holding stage;
  stage.host->advance(stage.answer->remaining() - std::chrono::nanoseconds(1));
  CHECK(stage.answer->held());
  CHECK(stage.answer->remaining() == std::chrono::nanoseconds(1));
  stage.host->advance(std::chrono::nanoseconds(1));
  CHECK_FALSE(stage.answer->held());
  CHECK(stage.answer->remaining() == std::chrono::nanoseconds(0));
}

TEST_CASE("a release of what was taken away meanwhile answers lock_lost") {
  Holding stage;
  Answer<void> released;
  stage.answer->release(released.taker());
  stage.host->run_loop();
  // The leader's judgement is chosen before the release.
  stage.host->look_away();
  stage.host->choose(stage.revocation());
  stage.host->end_grant(stage.answer->name(), stage.token);
  stage.host->look_back();
  stage.settle();
  CHECK(released.error() == errc::lock_lost);
}
