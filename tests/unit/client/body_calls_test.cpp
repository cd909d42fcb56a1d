// What the body of an election may call: a call that would wait for that body, and so for itself, says so at once.
#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "unit/client/answer.hpp"
#include "unit/client/stage.hpp"

using namespace conclave;
using namespace conclave::client;
using Thread = StageHost::Thread;

namespace {

/// What the blocking forms answer on this thread.
std::vector<Error> blocking_calls(Campaign& campaign) {
  return {campaign.cancel().error(), campaign.resign().error(), campaign.hand_over("other").error()};
}

const std::vector<Error> refused(3, Error(errc::would_deadlock));

bool same_codes(const std::vector<Error>& left, const std::vector<Error>& right) {
  return std::ranges::equal(left, right, {}, &Error::code, &Error::code);
}

}  // namespace

TEST_CASE("a body that cancels, resigns or hands over its own campaign and waits for that is told would_deadlock") {
  Stage stage;
  std::optional<Result<Campaign>> campaign;
  int bodies = 0;
  campaign.emplace(stage.election("boss").run([&](const Term& term) {
    ++bodies;
    CHECK(same_codes(blocking_calls(**campaign), refused));
    stage.host->settle();
    CHECK(term.active());  // nothing of it was begun
    CHECK(stage.host->commands() == 0);
  }));
  stage.settle();
  stage.host->run_body();
  CHECK(bodies == 1);
}

TEST_CASE("a body may cancel its own campaign by the callback form, and by destroying it") {
  for (const bool destroy : {false, true}) {
    Stage stage;
    std::optional<Result<Campaign>> campaign;
    Answer<void> cancelled;
    campaign.emplace(stage.election("boss").run([&](const Term& term) {
      if (destroy)
        campaign.reset();
      else
        (*campaign)->cancel(cancelled.taker());
      stage.host->settle();
      CHECK_FALSE(term.active());
      CHECK_FALSE(cancelled.came());  // it waits for the body
    }));
    stage.settle();
    stage.host->run_body();
    stage.settle();
    CHECK(cancelled.ok() == !destroy);
    CHECK(stage.host->state().resource({.kind = coordination::ResourceKind::election, .name = "boss"}) == nullptr);
  }
}

TEST_CASE("on a stop callback no campaign with a body can be waited for: no body is told to stop before that returns") {
  Stage stage;
  auto with_body = stage.election("a").run([](const Term&) {});
  stage.settle();
  stage.host->thread = Thread::signals;
  CHECK(same_codes(blocking_calls(*with_body), refused));
  stage.host->thread = Thread::outside;
  stage.settle();
  CHECK(with_body->term().has_value());
}
