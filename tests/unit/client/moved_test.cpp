// Handles that were moved away: each has an answer, and what was moved goes on where it went.
#include <doctest/doctest.h>

#include "unit/client/answer.hpp"
#include "unit/client/stage.hpp"

using namespace conclave;
using namespace conclave::client;

TEST_CASE("a lock that was moved away holds nothing and says so; the new one is held") {
  Stage stage;
  Answer<Lock> held;
  (void)stage.lock("jobs").acquire({}, held.taker());
  stage.settle();
  Lock& old = *held;
  const auto lock = std::move(old);
  CHECK(lock.held());
  CHECK(old.name().empty());
  CHECK(old.token() == Token{0});
  CHECK(old.version() == 0);
  CHECK_FALSE(old.held());
  CHECK(old.deadline() == Instant());
  CHECK(old.remaining() == std::chrono::nanoseconds(0));
  CHECK(old.stop_token().stop_requested());
  bool lost = false;
  old.on_lost([&](const Error&) { lost = true; });
  CHECK(old.release().error() == errc::invalid_argument);
  Answer<void> released;
  old.release(released.taker());
  CHECK(released.error() == errc::invalid_argument);
  CHECK(released.calls() == 1);
  stage.host->expire_session();
  stage.settle();
  CHECK_FALSE(lock.held());
  CHECK_FALSE(lost);
}

TEST_CASE("a campaign that is empty or was moved away answers invalid_argument; the new one goes on") {
  Stage stage;
  auto first = stage.election("boss").campaign({}, {});
  stage.settle();
  const auto campaign = std::move(*first);
  CHECK(campaign.term().has_value());
  Campaign empty;
  for (auto* none : {&*first, &empty}) {
    CHECK_FALSE(none->term().has_value());
    CHECK(none->resign().error() == errc::invalid_argument);
    CHECK(none->hand_over("x").error() == errc::invalid_argument);
    CHECK(none->cancel().error() == errc::invalid_argument);
    Answer<void> answers[3];
    none->resign(answers[0].taker());
    none->hand_over("x", answers[1].taker());
    none->cancel(answers[2].taker());
    for (const auto& answer : answers) CHECK(answer.error() == errc::invalid_argument);
  }
  CHECK(campaign.term().has_value());
}

TEST_CASE("moving a term, a named lock or a named election copies it") {
  Stage stage;
  auto lock = stage.lock("jobs");
  auto election = stage.election("boss");
  const auto other_lock = std::move(lock);
  auto other_election = std::move(election);
  Answer<Lock> held;
  lock.try_acquire(held.taker());
  auto campaign = election.campaign({}, {});
  stage.settle();
  CHECK(held.ok());
  CHECK(other_lock.name() == "jobs");
  CHECK(other_election.name() == "boss");
  auto term = *campaign->term();
  const auto other = std::move(term);
  CHECK(term.election() == "boss");
  CHECK(term.active());
  CHECK(term.token() == other.token());
}
