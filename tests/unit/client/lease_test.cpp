// A held lock over time: its deadline, its stop token, and who may take it away.
#include <doctest/doctest.h>

#include "unit/client/members.hpp"

using namespace conclave;
using namespace conclave::client;

namespace {

coordination::ResourceName lock_named(const std::string& name) {
  return {.kind = coordination::ResourceKind::lock, .name = name};
}

}  // namespace

TEST_CASE("S2: the deadline only moves on, and renewals keep it ahead of the clock") {
  Members members(3);
  const auto held = members.take("2", "jobs");
  auto last = held.deadline();
  for (int i = 0; i < 100; ++i) {
    members.world.run_for(100ms);
    CHECK(held.deadline() >= last);
    last = held.deadline();
    CHECK(held.held());
  }
  CHECK(held.remaining() > 3s);
  CHECK(held.remaining() <= 4s);
}

TEST_CASE("S8: that a process is known to be dead shortens no lease") {
  Members members(3);
  const auto holder = members.follower();
  const auto other = holder == "3" ? "2" : "3";
  std::optional<Lock> held(members.take(holder, "jobs"));
  Answer<Lock> next;
  (void)members.lock(other, "jobs").acquire({}, next.taker());
  members.world.run_for(1s);
  const auto deadline = held->deadline();
  // Its links are closed and dialling it is refused: everybody knows at once.
  members.world.kill(holder);
  held.reset();
  REQUIRE(members.until(next));
  REQUIRE(next.ok());
  CHECK(members.world.now() > deadline);
  CHECK(members.world.now() < deadline + 1s);
}

TEST_CASE("S2: a lock that is not renewed is over for its holder before anybody else has it") {
  Members members(3);
  // One that follows, so that the others go on at once; its clock may be wrong within the bound.
  const auto holder = members.follower();
  const auto other = holder == "3" ? "2" : "3";
  const auto held = members.take(holder, "jobs");
  std::vector<std::string> order;
  Answer<Lock> next;
  (void)members.lock(other, "jobs").acquire({}, [&, taker = next.taker()](Result<Lock> lock) {
    order.emplace_back("granted");
    taker(std::move(lock));
  });
  members.world.run_for(500ms);
  const std::stop_callback on_stop(held.stop_token(), [&] { order.emplace_back("stopped"); });
  std::set<std::string> rest{"1", "2", "3"};
  rest.erase(holder);
  members.world.network().partition({{holder}, rest});
  REQUIRE(members.until([&] { return !held.held(); }));
  const auto ended_at = members.world.now();
  // The token fires with the deadline, not with the next look at it.
  members.world.run_for(1ms);
  CHECK(held.stop_token().stop_requested());
  CHECK(held.remaining() == 0ns);
  REQUIRE(members.until(next));
  CHECK(next.ok());
  CHECK(members.world.now() > ended_at);
  CHECK(order == std::vector<std::string>{"stopped", "granted"});
  CHECK(next->token() > held.token());
}

TEST_CASE("S5: a revoked lock is lost, and the next in the queue has it at once") {
  Members members(3);
  auto held = members.take("1", "jobs");
  std::vector<Error> lost;
  held.on_lost([&](const Error& reason) { lost.push_back(reason); });
  Answer<Lock> next;
  (void)members.lock("2", "jobs").acquire({}, next.taker());
  members.world.run_for(100ms);
  Answer<void> revoked;
  members.world.client("3").revoke(lock_named("jobs"), held.token(), revoked.taker());
  REQUIRE(members.until(next, 1s));
  CHECK(next.ok());
  CHECK(revoked.ok());
  CHECK_FALSE(held.held());
  CHECK(held.stop_token().stop_requested());
  REQUIRE(lost.size() == 1);
  CHECK(lost[0] == errc::lock_lost);
  CHECK(lost[0].detail.find("revoked") != std::string::npos);
  // What the loser does with it is refused, and takes nothing from the new holder.
  Answer<void> released;
  held.release(released.taker());
  REQUIRE(members.until(released));
  CHECK(released.error() == errc::lock_lost);
  CHECK(next->held());
}

TEST_CASE("revoking with a token that is not current changes nothing") {
  Members members(1);
  const auto held = members.take("1", "jobs");
  Answer<void> revoked;
  members.world.client("1").revoke(lock_named("jobs"), Token{held.token().value + 1}, revoked.taker());
  REQUIRE(members.until(revoked));
  CHECK(revoked.error() == errc::not_found);
  members.world.run_for(5s);
  CHECK(held.held());
}

TEST_CASE("a revocation without a session waits for one, and answers timeout when none comes: it never runs") {
  Members members(3);
  const auto held = members.take("1", "jobs");
  const auto revoke_from_2 = [&](std::chrono::milliseconds timeout) {
    Answer<void> answer;
    members.world.client("2").revoke_lock("jobs", held.token(), timeout, answer.taker());
    return answer;
  };
  CHECK(members.world.client("2").session().has_value());
  members.world.network().partition({{"1", "3"}, {"2"}});
  REQUIRE(members.until([&] { return !members.world.client("2").session().has_value(); }, 30s));
  const auto late = revoke_from_2(1s);
  REQUIRE(members.until(late));
  CHECK(late.error() == errc::timeout);
  const auto patient = revoke_from_2(1min);
  members.world.network().heal();
  REQUIRE(members.until(patient, 1min));
  CHECK(patient.ok());
  REQUIRE(members.until([&] { return !held.held(); }));
}

TEST_CASE("S5: max_hold takes the lock away when its time has passed, not before") {
  Members members(3);
  auto held = members.take("2", "jobs", {.max_hold = 3s});
  const auto since = members.world.now();
  std::vector<Error> lost;
  held.on_lost([&](const Error& reason) { lost.push_back(reason); });
  Answer<Lock> next;
  (void)members.lock("3", "jobs").acquire({}, next.taker());
  members.world.run_for(2900ms);
  CHECK(held.held());
  REQUIRE(members.until(next, 1s));
  CHECK(next.ok());
  CHECK(members.world.now() - since < 3200ms);
  CHECK_FALSE(held.held());
  REQUIRE(lost.size() == 1);
  CHECK(lost[0] == errc::lock_lost);
}

TEST_CASE("on_lost is not called for a release, and called at once for what is lost already") {
  Members members(1);
  int calls = 0;
  auto released = members.take("1", "a");
  released.on_lost([&](const Error&) { ++calls; });
  released.release([](const Result<void>&) {});
  members.world.run_for(1s);
  CHECK(calls == 0);

  auto lost = members.take("1", "b");
  members.world.client("1").revoke(lock_named("b"), lost.token(), [](const Result<void>&) {});
  members.world.run_for(1s);
  lost.on_lost([&](const Error&) { ++calls; });
  CHECK(calls == 0);  // not inside the call
  members.world.run_for(1ms);
  CHECK(calls == 1);
}
