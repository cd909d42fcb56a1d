// The end of a session: its locks are lost, never silently taken again, and the node opens another.
#include <doctest/doctest.h>

#include "unit/client/members.hpp"

using namespace conclave;
using namespace conclave::client;

namespace {

/// One follower is cut off until its session is over for itself and for the others.
struct CutOff : Members {
  CutOff() : Members(3), node(follower()) {}

  void cut() {
    std::set<std::string> rest{"1", "2", "3"};
    rest.erase(node);
    world.network().partition({{node}, rest});
  }

  const std::string node;
};

}  // namespace

TEST_CASE("S7: when the session ends its locks are lost, each is told once, and a new session takes none of them back") {
  CutOff members;
  const auto session = members.world.client(members.node).session();
  auto one = members.take(members.node, "a");
  auto two = members.take(members.node, "b");
  std::vector<std::string> lost;
  one.on_lost([&](const Error& reason) {
    CHECK(reason == errc::session_ended);
    CHECK_FALSE(two.held());  // all are over before anybody is told
    lost.emplace_back("a");
  });
  two.on_lost([&](const Error&) { lost.emplace_back("b"); });
  members.cut();
  REQUIRE(members.until([&] { return lost.size() == 2; }));
  CHECK_FALSE(one.held());
  CHECK(one.stop_token().stop_requested());
  members.world.run_for(3s);
  members.world.network().heal();
  REQUIRE(members.until([&] { return members.world.client(members.node).session().has_value(); }));
  CHECK(members.world.client(members.node).session() != session);
  members.world.run_for(5s);
  CHECK(lost.size() == 2);
  CHECK_FALSE(one.held());
  CHECK(members.world.engine(members.node).state().resources().empty());
  // The name is free for whoever asks, this node too.
  CHECK(members.take(members.node, "a").token() > two.token());
}

TEST_CASE("a waiting acquire outlives its session and waits in the next") {
  CutOff members;
  const auto other = *members.world.leader();
  auto held = std::make_unique<Lock>(members.take(other, "jobs"));
  Answer<Lock> waiting;
  (void)members.lock(members.node, "jobs").acquire({}, waiting.taker());
  members.world.run_for(100ms);
  members.cut();
  REQUIRE(members.until([&] { return !members.world.client(members.node).session(); }));
  members.world.run_for(3s);
  CHECK_FALSE(waiting.came());
  members.world.network().heal();
  REQUIRE(members.until([&] {
    const auto* jobs = members.world.engine(other).state().resource({.kind = coordination::ResourceKind::lock, .name = "jobs"});
    return jobs && jobs->waiters.size() == 1;
  }));
  held.reset();
  REQUIRE(members.until(waiting));
  CHECK(waiting.ok());
  CHECK(waiting->held());
  CHECK(waiting.calls() == 1);
}

TEST_CASE("a try whose session ends under it is not repeated: nothing is held") {
  CutOff members;
  members.cut();
  Answer<Lock> tried;
  members.lock(members.node, "jobs").try_acquire(tried.taker());
  REQUIRE(members.until(tried));
  CHECK(tried.error() == errc::session_ended);
  members.world.network().heal();
  members.world.run_for(10s);
  CHECK(members.world.engine(members.node).state().resources().empty());
}

TEST_CASE("a restart from disk frees the former life's lock at once") {
  CutOff members;
  const auto other = *members.world.leader();
  const auto held = members.take(members.node, "jobs");
  Answer<Lock> next;
  (void)members.lock(other, "jobs").acquire({}, next.taker());
  members.world.run_for(100ms);
  members.world.kill(members.node);
  members.world.run_for(100ms);
  CHECK_FALSE(next.came());
  REQUIRE(members.world.start(members.node));
  REQUIRE(members.until(next, 2s));
  CHECK(next.ok());
}

TEST_CASE("S4: a leader killed and back before the next one is elected frees its former life's lock all the same") {
  Members members(3);
  const auto leader = *members.world.leader();
  const auto held = members.take(leader, "jobs");
  Answer<Lock> next;
  (void)members.lock(members.follower(), "jobs").acquire({}, next.taker());
  members.world.run_for(100ms);
  members.world.kill(leader);
  REQUIRE(members.world.start(leader));
  REQUIRE(members.until(next, 2s));
  CHECK(next.ok());
}

TEST_CASE("ready answers once there is a session, and names what is missing when there is none in time") {
  Members members(3);
  Answer<void> at_once;
  members.world.client("1").ready(1s, at_once.taker());
  CHECK(at_once.ok());

  sim::World alone(1);
  alone.add("1").config.founders = {"node-1:7400", "node-2:7400"};
  alone.add("2");
  REQUIRE(alone.start("1"));
  Answer<void> late;
  alone.client("1").ready(1s, late.taker());
  alone.run_for(2s);
  CHECK(late.error() == errc::not_ready);
  CHECK(late.error().detail.find("waiting for") != std::string::npos);
  CHECK(late.calls() == 1);
}

TEST_CASE("ready waits for a leader also while a session lives") {
  Members members(3);
  for (const auto* name : {"2", "3"}) members.world.kill(name);
  const auto client = [&]() -> Client& { return members.world.client("1"); };
  REQUIRE(members.until([&] { return !members.world.engine("1").status({}).leader; }));
  REQUIRE(client().session().has_value());
  Answer<void> late;
  client().ready(100ms, late.taker());
  members.world.run_for(200ms);
  CHECK(late.error() == errc::not_ready);
  CHECK(late.error().detail.find("no majority") != std::string::npos);
  Answer<void> in_time;
  client().ready(10s, in_time.taker());
  for (const auto* name : {"2", "3"}) REQUIRE(members.world.start(name));
  REQUIRE(members.until(in_time));
  CHECK(in_time.ok());
  CHECK(members.world.engine("1").status({}).leader.has_value());
}

TEST_CASE("ready tells founders that disagree at once: waiting does not mend it") {
  sim::World world(1);
  world.add("1").config.founders = {"node-1:7400", "node-2:7400"};
  world.add("2").config.founders = {"node-1:7400", "node-2:7400", "node-3:7400"};
  for (const auto* name : {"1", "2"}) REQUIRE(world.start(name));
  Answer<void> early;
  world.client("1").ready(1h, early.taker());
  world.run_for(30s);
  CHECK(early.error() == errc::founders_disagree);
  CHECK(early.calls() == 1);
  Answer<void> late;
  world.client("1").ready(1h, late.taker());
  CHECK(late.error() == errc::founders_disagree);
}
