// O1 to O3 end to end: real nodes in virtual time, with and without a data folder.
#include <conclave/lock.hpp>

#include <doctest/doctest.h>

#include <memory>

#include "client/request.hpp"
#include "sim/world.hpp"

using namespace conclave;
using namespace std::chrono_literals;

namespace {

/// Three founders, and one who joins: `o` with a data folder, or `g`, a guest without.
struct Town {
  Town() {
    world.onlooker.notice = [this](const std::string& node, const engine::Notice& notice) {
      if (std::holds_alternative<engine::StateReplaced>(notice)) ++images[node];
      if (std::holds_alternative<engine::SessionOver>(notice)) ++sessions_over[node];
    };
    world.found(3);
    world.add("g");
    world.add("o");
    REQUIRE(world.run_until([this] { return world.leader().has_value(); }));
  }
  void join(const std::string& name, bool folder) {
    auto& config = world.machine(name).config;
    config.join = {"node-1:7400", "node-2:7400", "node-3:7400"};
    if (!folder) {
      config.data_dir.clear();
      config.listen.clear();
    }
    REQUIRE(world.start(name));
    REQUIRE(world.run_until([&] { return level(name); }));
  }
  /// It has applied what the leader has.
  bool level(const std::string& name) {
    const auto leader = world.leader();
    return leader && world.engine(*leader).state().applied() > Slot{0} &&
           world.engine(name).state().applied() == world.engine(*leader).state().applied();
  }
  std::shared_ptr<std::optional<Lock>> acquire(const std::string& node, const std::string& lock) {
    auto held = std::make_shared<std::optional<Lock>>();
    world.client(node).acquire(lock, true, {}, [held](Result<Lock> got) {
      if (got) held->emplace(std::move(*got));
    });
    return held;
  }
  std::string follower() {
    for (const char* name : {"1", "2", "3"})
      if (world.runs(name) && world.leader() != name) return name;
    return {};
  }

  std::map<std::string, int> images;
  std::map<std::string, int> sessions_over;
  sim::World world{5};
};

}  // namespace

TEST_CASE("O2, O3: a guest that reaches only a follower takes an image, holds a lock, and is renewed through it") {
  Town town;
  const auto before = town.acquire("1", "before");
  REQUIRE(town.world.run_until([&] { return before->has_value(); }));
  const auto member = town.follower();
  town.world.network().partition({{"1", "2", "3"}, {member, "g"}});
  town.join("g", false);
  CHECK(town.images["g"] == 1);
  CHECK(town.world.engine("g").state() == town.world.engine(member).state());
  const auto lock = town.acquire("g", "jobs");
  REQUIRE(town.world.run_until([&] { return lock->has_value(); }, 1s));
  town.world.run_for(20s);
  CHECK((*lock)->held());
  CHECK(town.sessions_over["g"] == 0);
  // Its member gone, it reaches nobody: the lock is lost by its own deadline.
  town.world.kill(member);
  town.world.run_for(4s);
  CHECK_FALSE((*lock)->held());
}

TEST_CASE("O1: a guest leaves a member that hangs, before its lock is lost") {
  for (const char* hanging : {"1", "2", "3"}) {
    CAPTURE(hanging);
    Town town;
    town.join("g", false);
    const auto lock = town.acquire("g", "jobs");
    REQUIRE(town.world.run_until([&] { return lock->has_value(); }, 1s));
    town.world.pause(hanging);
    town.world.run_for(10s);
    CHECK((*lock)->held());
    CHECK(town.sessions_over["g"] == 0);
  }
}

TEST_CASE("S2: a new leader gives a session that it never heard of one full TTL from its term-start") {
  Town town;
  auto& world = town.world;
  town.join("g", false);
  const auto lock = town.acquire("g", "jobs");
  REQUIRE(world.run_until([&] { return lock->has_value(); }, 1s));
  const auto session = world.client("g").session();
  REQUIRE(session);
  world.network().partition({{"1", "2", "3"}, {"g"}});
  world.run_for(3s);
  world.kill(*world.leader());
  REQUIRE(world.run_until([&] { return world.leader().has_value(); }, 2s));
  const auto leader = *world.leader();
  const auto ttl = world.machine("g").config.timing.session_ttl;
  world.run_for(ttl - 100ms);
  REQUIRE(world.leader() == leader);
  CHECK(world.engine(leader).state().session(*session));
  world.run_for(500ms);
  CHECK_FALSE(world.engine(leader).state().session(*session));
}

TEST_CASE("O1, P11: a guest whose member dies goes on with another, and its state never goes back") {
  Town town;
  town.join("g", false);
  const auto lock = town.acquire("g", "jobs");
  REQUIRE(town.world.run_until([&] { return lock->has_value(); }, 1s));
  for (int round = 0; round < 3; ++round) {
    const auto applied = town.world.engine("g").state().applied();
    const std::string victim = round == 0 ? town.follower() : *town.world.leader();
    town.world.kill(victim);
    town.world.run_for(2s);
    CHECK(town.world.engine("g").state().applied() >= applied);
    REQUIRE(town.world.start(victim));
    REQUIRE(town.world.run_until([&] { return town.level("g"); }, 5s));
    CHECK((*lock)->held());
  }
  CHECK(town.images["g"] == 1);
}

TEST_CASE("O1: an observer with a data folder stores what it learns, and goes on from there after a restart") {
  for (const bool power : {false, true}) {
    CAPTURE(power);
    Town town;
    town.join("o", true);
    const auto lock = town.acquire("1", "jobs");
    REQUIRE(town.world.run_until([&] { return lock->has_value(); }, 1s));
    town.world.run_for(1s);
    REQUIRE(town.level("o"));
    const auto before = town.world.engine("o").state();
    const auto member = town.world.engine("o").self();
    if (power)
      town.world.power_off("o");
    else
      town.world.kill("o");
    const auto more = town.acquire("2", "more");
    REQUIRE(town.world.run_until([&] { return more->has_value(); }, 1s));
    // Alone it knows what it knew.
    town.world.network().partition({{"1", "2", "3"}, {"o"}});
    REQUIRE(town.world.start("o"));
    town.world.run_for(100ms);
    CHECK(town.world.engine("o").self() == member);
    CHECK(town.world.engine("o").state().applied() >= before.applied().previous().previous());
    CHECK(town.world.engine("o").state().resource({coordination::ResourceKind::lock, "jobs"}));
    town.world.network().heal();
    REQUIRE(town.world.run_until([&] { return town.level("o"); }, 5s));
    CHECK(town.images["o"] == 0);
    CHECK(town.world.engine("o").replica()->role() == paxos::Role::observer);
    const auto own = town.acquire("o", "own");
    CHECK(town.world.run_until([&] { return own->has_value(); }, 2s));
  }
}
