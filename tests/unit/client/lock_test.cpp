// A lock from the call to the release: who gets it, who waits, and what its holder sees.
#include <doctest/doctest.h>

#include "unit/client/members.hpp"

using namespace conclave;
using namespace conclave::client;

TEST_CASE("try_acquire takes a free lock and is refused a taken one") {
  Members members(3);
  Answer<Lock> first;
  Answer<Lock> second;
  members.lock("1", "jobs").try_acquire(first.taker());
  REQUIRE(members.until(first));
  CHECK(first.ok());
  members.lock("2", "jobs").try_acquire(second.taker());
  REQUIRE(members.until(second));
  CHECK(second.error() == errc::not_acquired);
  // A refused one leaves nothing behind: the lock is free after its holder, for whoever asks then.
  first.drop();
  Answer<Lock> third;
  (void)members.lock("3", "jobs").acquire({}, third.taker());
  REQUIRE(members.until(third));
  CHECK(third.ok());
}

TEST_CASE("acquire waits its turn: first come, first served") {
  Members members(3);
  auto held = std::make_unique<Lock>(members.take("1", "jobs"));
  std::vector<std::string> order;
  const auto wait = [&](const std::string& node, const std::string& who) {
    (void)members.lock(node, "jobs").acquire({}, [&order, who](const Result<Lock>& lock) {
      if (lock) order.push_back(who);  // and the lock goes with the result
    });
    members.world.run_for(50ms);
  };
  wait("3", "third of three");
  wait("1", "the holder's own second request");
  wait("2", "second of three");
  members.world.run_for(1s);
  CHECK(order.empty());
  held.reset();
  REQUIRE(members.until([&] { return order.size() == 3; }));
  CHECK(order == std::vector<std::string>{"third of three", "the holder's own second request", "second of three"});
}

TEST_CASE("release answers when it is chosen, and the lock is free then") {
  Members members(3);
  auto held = members.take("1", "jobs");
  Answer<void> released;
  held.release(released.taker());
  CHECK_FALSE(released.came());
  REQUIRE(members.until(released));
  CHECK(released.ok());
  CHECK_FALSE(held.held());
  CHECK(members.world.engine("1").state().resources().empty());

  Answer<void> again;
  held.release(again.taker());
  REQUIRE(members.until(again));
  CHECK(again.error() == errc::lock_lost);
}

TEST_CASE("a lock that goes out of scope is released in the background") {
  Members members(3);
  { const auto held = members.take("1", "jobs"); }
  CHECK(members.until([&] { return members.world.engine("1").state().resources().empty(); }, 1s));
}

TEST_CASE("a lock that is assigned over is released, the new one is not") {
  Members members(1);
  auto held = members.take("1", "old");
  held = members.take("1", "new");
  members.world.run_for(1s);
  CHECK(held.held());
  CHECK(held.name() == "new");
  REQUIRE(members.world.engine("1").state().resources().size() == 1);
  CHECK(members.world.engine("1").state().resources().begin()->first.name == "new");
}

TEST_CASE("a deadline for waiting withdraws the request before it answers timeout") {
  Members members(3);
  auto held = std::make_unique<Lock>(members.take("1", "jobs"));
  const auto asked_at = members.world.now();
  Answer<Lock> waiting;
  (void)members.lock("2", "jobs").acquire({.timeout = 300ms}, waiting.taker());
  REQUIRE(members.until(waiting));
  CHECK(waiting.error() == errc::timeout);
  CHECK(waiting.error().detail.find("jobs") != std::string::npos);
  CHECK(members.world.now() - asked_at >= 300ms);
  CHECK(members.world.now() - asked_at < 400ms);
  // By the time it is told, nobody stands in the queue.
  CHECK(members.world.engine("2").state().resources().begin()->second.waiters.empty());
  held.reset();
  members.world.run_for(1s);
  CHECK(members.world.engine("1").state().resources().empty());
}

TEST_CASE("without a majority a withdrawal cannot be made certain: outcome unknown after another timeout") {
  Members members(3);
  members.world.kill("2");
  members.world.kill("3");
  Answer<Lock> waiting;
  (void)members.lock("1", "jobs").acquire({.timeout = 500ms}, waiting.taker());
  REQUIRE(members.until(waiting));
  CHECK(waiting.error() == errc::outcome_unknown);
  CHECK(waiting.calls() == 1);
}

TEST_CASE("a stop token withdraws a waiting request") {
  Members members(3);
  const auto held = members.take("1", "jobs");
  std::stop_source stop;
  Answer<Lock> waiting;
  (void)members.lock("2", "jobs").acquire({.stop = stop.get_token()}, waiting.taker());
  members.world.run_for(100ms);
  CHECK_FALSE(waiting.came());
  stop.request_stop();
  REQUIRE(members.until(waiting));
  CHECK(waiting.error() == errc::cancelled);
  CHECK(members.world.engine("2").state().resources().begin()->second.waiters.empty());
}

TEST_CASE("a stop token that fired before the call cancels it") {
  Members members(1);
  std::stop_source stop;
  stop.request_stop();
  Answer<Lock> waiting;
  (void)members.lock("1", "jobs").acquire({.stop = stop.get_token()}, waiting.taker());
  REQUIRE(members.until(waiting));
  members.world.run_for(1s);
  CHECK(waiting.error() == errc::cancelled);
  CHECK(members.world.engine("1").state().resources().empty());
}

TEST_CASE("everybody sees who holds a lock, with which token, version and note") {
  Members members(3);
  { const auto first = members.take("1", "jobs"); }
  members.world.run_for(100ms);
  const auto held = members.take("2", "jobs", {.note = "report 7"});
  CHECK(held.version() == 2);
  members.world.run_for(100ms);
  for (const auto* node : {"1", "2", "3"}) {
    const auto status = members.world.process(node).status();
    REQUIRE(status.locks.size() == 1);
    CHECK(status.locks[0].name == "jobs");
    CHECK(status.locks[0].holder == "2");
    CHECK(status.locks[0].token == held.token());
    CHECK(status.locks[0].version == 2);
    CHECK(status.locks[0].note == "report 7");
  }
}

TEST_CASE("every grant's token is larger than all before, of any lock") {
  Members members(3);
  Token last{};
  for (const auto* node : {"1", "2", "3", "1"}) {
    const auto one = members.take(node, "a");
    const auto two = members.take(node, "b");
    CHECK(one.token() > last);
    CHECK(two.token() > one.token());
    last = two.token();
    members.world.run_for(100ms);
  }
}
