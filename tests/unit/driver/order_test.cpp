// The one legal order of effects, judged from outside: by the bytes that leave and the syncs that have returned.
#include <doctest/doctest.h>

#include "unit/driver/cluster.hpp"
#include "unit/driver/watched_ports.hpp"

using namespace conclave;
using namespace conclave::driver;
using namespace std::chrono_literals;

namespace {

void check_order(const Journal& journal) {
  for (const auto& violation : journal.violations()) FAIL_CHECK(violation);
}

}  // namespace

TEST_CASE("P2: nothing that rests on a promise or an acceptance leaves before its sync has returned") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    Journal journal;
    Cluster cluster(seed);
    auto& world = cluster.world;
    // Disks from much faster to much slower than the network.
    cluster.found([&](sim::Machine& machine) {
      watch(machine, journal);
      machine.disk_latency = std::chrono::microseconds(50 * (1 + (seed * 7 + machine.name.back()) % 60));
    });
    REQUIRE(world.run_until([&] { return world.leader().has_value(); }));
    cluster.work();
    REQUIRE(cluster.run_turns(60));
    // A leader's death, a follower's power cut, a leader cut off and back: promises, pre-votes, reports, catching up.
    const auto killed = *world.leader();
    world.kill(killed);
    REQUIRE(cluster.run_turns(40));
    REQUIRE(world.start(killed));
    cluster.work(killed);
    REQUIRE(cluster.run_turns(40));
    const auto unplugged = cluster.follower();
    world.power_off(unplugged);
    REQUIRE(cluster.run_turns(40));
    REQUIRE(world.start(unplugged));
    cluster.work(unplugged);
    REQUIRE(world.run_until([&] { return world.leader().has_value(); }));
    const auto alone = *world.leader();
    std::set<std::string> others;
    for (const auto& name : world.names())
      if (name != alone) others.insert(name);
    world.network().partition({{alone}, others});
    world.run_for(3s);
    world.network().heal();
    REQUIRE(cluster.run_turns(100));

    check_order(journal);
    for (const char* kind : {"Hello", "LockIn", "LockedIn", "Commit", "PreVote", "PreVoteReply", "Prepare", "Promise", "Accept",
                             "Accepted", "Chosen", "Heartbeat"}) {
      CAPTURE(kind);
      CHECK(journal.count(kind) > 0);
    }
  }
}

TEST_CASE("P2: a leader's entries leave for the followers while its own write is in flight") {
  Journal journal;
  Cluster cluster(1);
  auto& world = cluster.world;
  cluster.found([&](sim::Machine& machine) { watch(machine, journal); });
  REQUIRE(world.run_until([&] { return world.leader().has_value(); }));
  cluster.work();
  REQUIRE(cluster.run_turns(20));
  const auto before = journal.streamed();
  const auto first = world.engine(*world.leader()).replica()->last_accepted();
  REQUIRE(cluster.run_turns(200));
  const auto slots = world.engine(*world.leader()).replica()->last_accepted() - first;
  const auto after = journal.streamed();
  // To both followers, all of them, and none before the leader's own write was begun.
  CHECK(after.in_flight - before.in_flight == 2 * slots);
  CHECK(after.after_sync == before.after_sync);
  CHECK(after.before_submit == before.before_submit);
  check_order(journal);
}

TEST_CASE("W6: the messages of one step to one peer share a frame: renewals and freshness ride with heartbeats") {
  Journal journal;
  Cluster cluster(2);
  auto& world = cluster.world;
  cluster.found([&](sim::Machine& machine) { watch(machine, journal); });
  REQUIRE(world.run_until([&] { return world.leader().has_value(); }));
  world.run_for(1s);
  const auto follower = cluster.follower();
  const auto frames = journal.frames_from(follower);
  const auto shared = journal.shared_from(follower);
  const auto renewals = journal.count("Renew");
  world.run_for(2s);
  REQUIRE(journal.count("Renew") > renewals + 4);
  CHECK(journal.shared_from(follower) > shared + 10);
  // Heartbeats to two peers every 50 ms and the answers to the leader; no frame for the rest.
  CHECK(journal.frames_from(follower) - frames < 180);
}

TEST_CASE("P5: with the leader's own disk stalled its followers commit, and it counts itself only when synced") {
  Journal journal;
  Cluster cluster(2);
  auto& world = cluster.world;
  cluster.found([&](sim::Machine& machine) { watch(machine, journal); });
  REQUIRE(world.run_until([&] { return world.leader().has_value(); }));
  world.run_for(500ms);
  const auto leader = *world.leader();
  world.machine(leader).disk_stalled = true;
  const auto chosen = world.engine(leader).replica()->watermark();
  cluster.work(leader, 1);
  CHECK(world.run_until([&] { return world.engine(leader).replica()->watermark() > chosen; }, 1s));
  check_order(journal);
}
