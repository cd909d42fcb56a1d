// Too many calls at once are refused as overloaded: memory stays bounded, and what gives back is taken all the same.
#include <doctest/doctest.h>

#include "unit/client/answer.hpp"
#include "unit/client/members.hpp"
#include "unit/client/stage.hpp"

using namespace conclave;
using namespace conclave::client;

namespace {

Client::Options at_most(std::size_t calls) {
  auto options = named_me();
  options.pending_calls_max = calls;
  return options;
}

}  // namespace

TEST_CASE("one call more than pending_calls_max is refused as overloaded, and the knob is named") {
  Stage stage(at_most(3));
  std::vector<Answer<Lock>> answers(4);
  for (std::size_t i = 0; i < 4; ++i) stage.lock("jobs").try_acquire(answers[i].taker());
  stage.host->settle();
  CHECK_FALSE(answers[0].came());
  CHECK_FALSE(answers[2].came());
  CHECK(answers[3].error() == errc::overloaded);
  CHECK(is_retryable(answers[3].error()));
  CHECK(answers[3].error().detail.find("pending_calls_max") != std::string::npos);
  // Answers make room.
  stage.settle();
  CHECK(answers[0].ok());
  Answer<Lock> next;
  stage.lock("other").try_acquire(next.taker());
  stage.settle();
  CHECK(next.ok());
}

TEST_CASE("reads and calls that wait for a session count, too") {
  Stage stage(at_most(2), false);
  Answer<Lock> waiting;
  (void)stage.lock("jobs").acquire({.timeout = std::chrono::seconds(1)}, waiting.taker());
  Answer<std::optional<Leader>> asking;
  stage.election("boss").leader(std::chrono::seconds(1), asking.taker());
  Answer<Lock> third;
  (void)stage.lock("jobs").acquire({}, third.taker());
  Answer<std::optional<Leader>> fourth;
  stage.election("boss").leader(std::chrono::seconds(1), fourth.taker());
  stage.host->settle();
  CHECK(third.error() == errc::overloaded);
  CHECK(fourth.error() == errc::overloaded);
  // What gave up waiting takes no room any more.
  stage.host->advance(std::chrono::seconds(1));
  stage.host->settle();
  CHECK(waiting.error() == errc::timeout);
  CHECK(asking.error() == errc::timeout);
  Answer<Lock> fifth;
  (void)stage.lock("jobs").acquire({}, fifth.taker());
  Answer<Lock> sixth;
  (void)stage.lock("other").acquire({}, sixth.taker());
  stage.settle();
  CHECK(fifth.ok());
  CHECK(sixth.ok());
}

TEST_CASE("a full queue takes releases and cancellations: no lock is left with nobody") {
  Stage stage(at_most(2));
  Answer<Lock> held;
  (void)stage.lock("held").acquire({}, held.taker());
  stage.settle();
  const auto fill = [&] {
    for (int i = 0; i < 2; ++i) stage.client->revoke({.kind = coordination::ResourceKind::lock, .name = "none"}, Token{1}, [](const auto&) {});
  };
  fill();
  Answer<void> released;
  held->release(released.taker());
  stage.settle();
  CHECK(released.ok());
  CHECK(stage.host->state().resources().empty());

  Answer<Lock> cancelled;
  auto pending = stage.lock("jobs").acquire({}, cancelled.taker());
  stage.host->run_loop();
  fill();
  pending.cancel();
  stage.settle();
  CHECK(cancelled.error() == errc::cancelled);
  CHECK(stage.host->state().resources().empty());
}

TEST_CASE("a node without a majority: its calls are refused at the limit, and all others are answered") {
  Members members(3, [](sim::Machine& machine) { machine.config.limits.pending_calls_max = 50; });
  auto held = members.take("1", "held");
  members.world.kill("2");
  members.world.kill("3");
  std::vector<Answer<Lock>> answers(60);
  for (std::size_t i = 0; i < answers.size(); ++i)
    (void)members.lock("1", "lock " + std::to_string(i)).acquire({.timeout = 1s}, answers[i].taker());
  Answer<void> released;
  held.release(released.taker());
  members.world.run_for(100ms);
  CHECK(std::ranges::count_if(answers, [](const auto& one) { return one.error() == errc::overloaded; }) == 10);
  CHECK_FALSE(released.came());  // taken, and on its way
  for (const auto* node : {"2", "3"}) REQUIRE(members.world.start(node));
  REQUIRE(members.until([&] { return std::ranges::all_of(answers, [](const auto& one) { return one.came(); }); }, 60s));
  for (auto& answer : answers) answer.drop();
  CHECK(members.until([&] { return released.came() && members.world.engine("1").state().resources().empty(); }, 60s));
}
