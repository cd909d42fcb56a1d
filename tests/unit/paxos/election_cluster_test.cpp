// Elections among several voters, in virtual time (`election_world.hpp`).
#include <doctest/doctest.h>

#include "election_world.hpp"

using namespace conclave;
using namespace conclave::paxos;
using namespace conclave::paxos::test;

namespace {

/// The lower bound of the adaptive timeout: the T of "within four timeouts".
constexpr auto T = Tuning{}.election_timeout_min;

/// A world in which `first` has led for a second.
World led_by(int first, int voters) {
  World world(voters, first);
  world.run(1s);
  REQUIRE_MESSAGE(world.leader() == first, world.log());
  world.events.clear();
  return world;
}

}  // namespace

TEST_CASE("E1: voters that all hear nobody elect at once, without waiting for a timer") {
  for (const int voters : {1, 2, 3, 5}) {
    World world(voters);
    CHECK_MESSAGE(world.run_until([&] { return world.leader() == 1; }, 10ms), world.log());
    world.run(10s);
    CHECK(world.leader() == 1);
    CHECK(world.count("leads") == 1);
    CHECK(world.count("steps down") == 0);
  }
}

TEST_CASE("E1: a silent leader is replaced after the adaptive timeout") {
  for (const int voters : {3, 5}) {
    auto world = led_by(1, voters);
    const auto begin = world.now;
    world.pause(1);
    REQUIRE_MESSAGE(world.run_until([&] { return world.leader() > 1; }, 4 * T), world.log());
    CHECK(world.now - begin >= T - Tuning{}.heartbeat);
    CHECK(world.now - begin <= T + 20ms);
    CHECK(world.count("stands: leader silent") == 1);
    CHECK(world.count("stands") == 1);
  }
}

TEST_CASE("E1: SIGKILL of the leader is evidence: a new one within milliseconds") {
  for (const int voters : {3, 5, 7}) {
    auto world = led_by(2, voters);
    const auto begin = world.now;
    world.kill(2);
    REQUIRE_MESSAGE(world.run_until([&] { return world.leader() != 0; }, 4 * T), world.log());
    CHECK(world.now - begin <= 10ms);
    CHECK(world.count("stands: leader's process gone") == 1);
    CHECK(world.count("stands") == 1);
  }
}

TEST_CASE("E1: a goodbye is evidence, too") {
  auto world = led_by(1, 3);
  const auto begin = world.now;
  world.say_goodbye(1);
  REQUIRE(world.run_until([&] { return world.leader() != 0; }, 4 * T));
  CHECK(world.now - begin <= 10ms);
  CHECK(world.count("stands: leader said goodbye") == 1);
}

TEST_CASE("E1: links that are reset and open again unseat nobody") {
  auto world = led_by(1, 3);
  for (int i = 0; i < 50; ++i) {
    world.reset(1, 2);
    world.reset(1, 3);
    world.run(30ms);
  }
  CHECK(world.leader() == 1);
  CHECK_MESSAGE(world.events.empty(), world.log());
}

TEST_CASE("E1: a leader killed and back at once does not stop its successor") {
  auto world = led_by(1, 3);
  world.kill(1);
  world.run(100us);
  world.restart(1);
  REQUIRE_MESSAGE(world.run_until([&] { return world.leader() != 0; }, 4 * T), world.log());
  world.run(5s);
  CHECK(world.leader() != 0);
  CHECK_MESSAGE(world.count("leads") == 1, world.log());
}

TEST_CASE("E4: a voter cut from the leader alone changes nothing, and its return neither") {
  auto world = led_by(1, 3);
  const auto promised = world[2].promised();
  world.cut_both(1, 2);
  world.run(20s);
  CHECK(world[1].leads());
  CHECK(world.count("asks") > 0);
  CHECK_MESSAGE(world.count("stands") == 0, world.log());
  CHECK(world[2].promised() == promised);
  world.heal();
  world.run(5s);
  CHECK(world.leader() == 1);
  CHECK(world.count("stands") + world.count("steps down") == 0);
}

TEST_CASE("E3: an isolated voter that returns disturbs nobody") {
  auto world = led_by(1, 5);
  world.keep_only({{1, 2}, {1, 3}, {1, 4}, {2, 3}, {2, 4}, {3, 4}});
  world.run(60s);
  world.heal();
  world.run(5s);
  CHECK(world.leader() == 1);
  CHECK_MESSAGE(world.count("stands") + world.count("steps down") == 0, world.log());
}

TEST_CASE("E6, E7: five voters do not duel when the leader dies") {
  for (int round = 0; round < 20; ++round) {
    auto world = led_by(3, 5);
    world.latency = 100us * (round + 1);
    // Where the others were in their heartbeats must not matter.
    world.run(3ms * round);
    world.kill(3);
    REQUIRE(world.run_until([&] { return world.leader() != 0; }, 4 * T));
    CHECK_MESSAGE(world.count("stands") == 1, world.log());
    CHECK(world.count("gives up") == 0);
  }
}

TEST_CASE("E6: who accepted more stands first, then who has the higher priority, then the smaller id") {
  auto by_log = led_by(1, 5);
  by_log[4].facts_.last_accepted = Slot(9);
  by_log.run(200ms);
  by_log.kill(1);
  REQUIRE(by_log.run_until([&] { return by_log.leader() != 0; }, 4 * T));
  CHECK(by_log.leader() == 4);

  auto by_priority = led_by(1, 5);
  by_priority[3].facts_.priority = 150;
  by_priority.run(200ms);
  by_priority.kill(1);
  REQUIRE(by_priority.run_until([&] { return by_priority.leader() != 0; }, 4 * T));
  CHECK(by_priority.leader() == 3);

  auto by_id = led_by(1, 5);
  by_id.kill(1);
  REQUIRE(by_id.run_until([&] { return by_id.leader() != 0; }, 4 * T));
  CHECK(by_id.leader() == 2);
}

TEST_CASE("E6: a better placed voter that died with the leader delays by milliseconds") {
  auto world = led_by(1, 5);
  world.kill(2);
  world.run(1s);
  const auto begin = world.now;
  world.kill(1);
  world.kill(3);
  // Three of five would be a quorum; 4 and 5 alone are none.
  world.run(2s);
  CHECK(world.leader() == 0);
  CHECK(world.count("stands") == 0);
  world.restart(3);
  REQUIRE_MESSAGE(world.run_until([&] { return world.leader() != 0; }, 4 * T), world.log());
  CHECK(world.now > begin);
}

TEST_CASE("Partial connectivity, quorum loss: only one voter keeps its links; it leads within four timeouts, one change") {
  for (const int hub : {2, 3, 5}) {
    auto world = led_by(1, 5);
    std::vector<std::pair<int, int>> star;
    for (int n = 1; n <= 5; ++n)
      if (n != hub) star.emplace_back(hub, n);
    world.keep_only(star);
    REQUIRE_MESSAGE(world.run_until([&] { return world.leader() == hub; }, 4 * T), world.log());
    world.run(10s);
    CHECK(world.leader() == hub);
    CHECK_MESSAGE(world.count("leads") == 1, world.log());
  }
}

TEST_CASE("Partial connectivity, constrained: the only voter that reaches a majority lags behind, and leads") {
  auto world = led_by(1, 5);
  for (const int ahead : {1, 3, 4, 5}) world[ahead].facts_.last_accepted = Slot(100);
  world.run(200ms);
  world.keep_only({{2, 3}, {2, 4}, {2, 5}});
  REQUIRE_MESSAGE(world.run_until([&] { return world.leader() == 2; }, 4 * T), world.log());
  world.run(10s);
  CHECK(world.leader() == 2);
  CHECK_MESSAGE(world.count("leads") == 1, world.log());
}

TEST_CASE("Partial connectivity, chain of three: the leader at its end keeps its lead") {
  auto world = led_by(1, 3);
  world.keep_only({{1, 2}, {2, 3}});
  world.run(20s);
  CHECK(world[1].proven());
  CHECK_MESSAGE(world.count("stands") + world.count("steps down") == 0, world.log());
}

TEST_CASE("Partial connectivity, chain of five: one new leader, and it stays") {
  for (const int first : {1, 2, 3}) {
    auto world = led_by(first, 5);
    world.keep_only({{1, 2}, {2, 3}, {3, 4}, {4, 5}});
    REQUIRE_MESSAGE(world.run_until([&] { return world.leader() >= 2 && world.leader() <= 4; }, 4 * T), world.log());
    world.run(10s);
    CHECK_MESSAGE(world.count("leads") == (first == 1 ? 1 : 0), world.log());
    CHECK(world.leader() >= 2);
  }
}

TEST_CASE("Partial connectivity, bridge: the side with the leader and the bridge goes on") {
  auto world = led_by(1, 5);
  world.keep_only({{1, 2}, {1, 3}, {2, 3}, {3, 4}, {3, 5}, {4, 5}});
  world.run(20s);
  CHECK(world[1].proven());
  CHECK_MESSAGE(world.count("stands") + world.count("steps down") == 0, world.log());
}

TEST_CASE("One-way cut, deaf leader: it says so and steps down, within four timeouts") {
  for (const int voters : {3, 5}) {
    auto world = led_by(1, voters);
    for (int n = 2; n <= voters; ++n) world.cut(n, 1);
    REQUIRE_MESSAGE(world.run_until([&] { return world.leader() > 1; }, 4 * T), world.log());
    CHECK(world.count("steps down: no quorum") == 1);
    CHECK(world.count("stands: leader resigned") == 1);
    world.run(10s);
    CHECK_MESSAGE(world.count("leads") == 1, world.log());
    CHECK(world.leader() > 1);
  }
}

TEST_CASE("One-way cut, mute leader: the others stand, and it steps down") {
  for (const int voters : {3, 5}) {
    auto world = led_by(1, voters);
    for (int n = 2; n <= voters; ++n) world.cut(1, n);
    REQUIRE_MESSAGE(world.run_until([&] { return world.leader() > 1; }, 4 * T), world.log());
    world.run(10s);
    CHECK(!world[1].leads());
    CHECK_MESSAGE(world.count("leads") == 1, world.log());
  }
}

TEST_CASE("One-way cut, deaf or mute follower: no change of leader") {
  for (const bool deaf : {true, false}) {
    auto world = led_by(1, 3);
    for (const int peer : {1, 2}) deaf ? world.cut(peer, 3) : world.cut(3, peer);
    world.run(20s);
    world.heal();
    world.run(5s);
    CHECK(world.leader() == 1);
    CHECK_MESSAGE(world.count("stands") + world.count("steps down") == 0, world.log());
  }
}

TEST_CASE("One-way ring: nobody leads while it lasts, somebody within four timeouts after it") {
  auto world = led_by(1, 3);
  world.cut(1, 3);
  world.cut(3, 2);
  world.cut(2, 1);
  world.run(10s);
  CHECK(world.leader() == 0);
  CHECK(!world[1].leads());
  world.heal();
  CHECK_MESSAGE(world.run_until([&] { return world.leader() != 0; }, 4 * T), world.log());
}

TEST_CASE("L2: a leader alone steps down in bounded time, and nobody leads in a minority") {
  auto world = led_by(1, 5);
  world.keep_only({{1, 2}, {3, 4}, {4, 5}, {3, 5}});
  CHECK(world.run_until([&] { return !world[1].leads(); }, Tuning{}.election_timeout_max));
  REQUIRE_MESSAGE(world.run_until([&] { return world[3].leads(); }, 4 * T), world.log());
  world.run(10s);
  CHECK(!world[1].leads());
  CHECK(!world[2].leads());
  world.heal();
  world.run(5s);
  CHECK(world.leader() == 3);
  CHECK_MESSAGE(world.count("leads") == 1, world.log());
}

TEST_CASE("E10, L3: a leader back from a pause proves nothing before a new round, and steps down if it was replaced") {
  auto world = led_by(1, 3);
  world.pause(1);
  world.run(5s);
  REQUIRE(world.leader() > 1);
  world.resume(1);
  // What came meanwhile, old echoes among it, and then the end of its lead.
  world.run(0ms);
  CHECK(!world[1].proven());
  CHECK(world.run_until([&] { return !world[1].leads(); }, 5ms));
  world.run(5s);
  CHECK_MESSAGE(world.count("leads") == 1, world.log());
}

TEST_CASE("E10, L3: a leader back from a pause that nobody noticed proves itself again, and leads on") {
  auto world = led_by(1, 3);
  world.pause(1);
  world.run(100ms);
  world.resume(1);
  world.run(0ms);
  CHECK(world[1].leads());
  CHECK(!world[1].proven());
  CHECK(world.run_until([&] { return world[1].proven(); }, 5ms));
  CHECK_MESSAGE(world.events.empty(), world.log());
}

TEST_CASE("E10: after a pause of everybody the leader leads on, and a paused follower accuses nobody") {
  auto world = led_by(1, 3);
  for (int n = 1; n <= 3; ++n) world.pause(n);
  world.run(30s);
  for (int n = 1; n <= 3; ++n) world.resume(n);
  world.run(5s);
  CHECK(world.leader() == 1);
  CHECK_MESSAGE(world.events.empty(), world.log());

  world.pause(2);
  world.run(30s);
  world.resume(2);
  world.run(5s);
  CHECK(world.leader() == 1);
  CHECK_MESSAGE(world.events.empty(), world.log());
}

TEST_CASE("L4, E9: a leader with a sick disk hands over, and the target needs no pre-vote") {
  auto world = led_by(1, 3);
  world[2].facts_.priority = 150;
  world.run(200ms);
  world.events.clear();
  const auto begin = world.now;
  world[1].facts_.disk_healthy = false;
  REQUIRE_MESSAGE(world.run_until([&] { return world.leader() == 2; }, 4 * T), world.log());
  CHECK(world.now - begin <= 60ms);
  CHECK(world.count("stands: told to") == 1);
  CHECK(world.count("asks") == 0);
  world.run(10s);
  CHECK_MESSAGE(world.count("leads") == 1, world.log());
}

TEST_CASE("E1: a sick leader whose handover fails is replaced by the others") {
  auto world = led_by(1, 3);
  // Nobody can take over at first.
  for (int n = 1; n <= 3; ++n) world[n].facts_.disk_healthy = false;
  world.run(2s);
  CHECK(world.count("stands") == 0);
  world[3].facts_.disk_healthy = true;
  REQUIRE_MESSAGE(world.run_until([&] { return world.leader() == 3; }, 4 * T), world.log());
}

TEST_CASE("E2: a voter with a sick disk, and a store without a vote, never stand") {
  auto world = led_by(1, 3);
  world[2].facts_.disk_healthy = false;
  world[3].facts_.has_vote = false;
  world.run(200ms);
  world.kill(1);
  world.run(20s);
  CHECK_MESSAGE(world.count("asks") + world.count("stands") == 0, world.log());
}

TEST_CASE("E8: without a quorum the attempts become rare") {
  auto world = led_by(1, 3);
  world.keep_only({});
  world.run(1s);
  world.events.clear();
  world.run(60s);
  CHECK(world.count("stands") == 0);
  // Each takes a turn and at least half a timeout; two questions to an attempt, three voters.
  CHECK(world.count("asks") > 60);
  CHECK(world.count("asks") <= 3 * 2 * (60s / (Tuning{}.turn + T / 2)));
  world.heal();
  CHECK_MESSAGE(world.run_until([&] { return world.leader() != 0; }, 4 * T), world.log());
}

TEST_CASE("Same inputs, same history") {
  const auto history = [] {
    auto world = led_by(1, 5);
    world.keep_only({{2, 3}, {2, 4}, {2, 5}, {2, 1}});
    world.run(1s);
    world.kill(2);
    world.heal();
    world.run(2s);
    return world.log();
  };
  CHECK(history() == history());
}
