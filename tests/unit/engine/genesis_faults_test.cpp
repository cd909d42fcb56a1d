// F1 to F5 among real founders in virtual time: one of them fails at each moment of the founding, in each way.
#include <doctest/doctest.h>

#include <set>

#include "sim/world.hpp"

using namespace conclave;
using namespace std::chrono_literals;

namespace {

enum class Fault { kill, power_off, wipe, pause };

/// Every 100 us of the first 4 ms: the founding of three takes about 1 ms.
constexpr int moments = 40;

std::set<ClusterId> clusters(sim::World& world) {
  std::set<ClusterId> found;
  for (const auto& name : world.names())
    if (world.runs(name) && world.engine(name).replica()) found.insert(world.engine(name).header().cluster);
  return found;
}

std::size_t members(sim::World& world) {
  std::size_t count = 0;
  for (const auto& name : world.names())
    if (world.runs(name) && world.engine(name).replica()) ++count;
  return count;
}

void strike(sim::World& world, const std::string& name, Fault fault) {
  switch (fault) {
    case Fault::kill:
      world.kill(name);
      world.run_for(50ms);
      break;
    case Fault::power_off:
      world.power_off(name);
      world.run_for(50ms);
      break;
    case Fault::wipe:
      world.power_off(name);
      world.machine(name).disk = storage::MemoryDisk(99);
      world.run_for(50ms);
      break;
    case Fault::pause:
      world.pause(name);
      world.run_for(3s);
      world.resume(name);
      return;
  }
  REQUIRE(world.start(name));
}

}  // namespace

TEST_CASE("F1 to F5: a founder that dies, loses power or is paused at any moment joins the one cluster") {
  for (const auto fault : {Fault::kill, Fault::power_off, Fault::pause})
    for (const char* victim : {"1", "2", "3"})
      for (int moment = 0; moment < moments; ++moment) {
        CAPTURE(static_cast<int>(fault));
        CAPTURE(victim);
        CAPTURE(moment);
        sim::World world(5);
        world.found(3);
        world.run_for(moment * 100us);
        strike(world, victim, fault);
        REQUIRE(world.run_until([&] { return members(world) == 3; }, 10s));
        REQUIRE(clusters(world).size() == 1);
        REQUIRE(world.run_until([&] { return world.leader().has_value(); }, 10s));
      }
}

TEST_CASE("F3, F6: a founder wiped at any moment never makes a second cluster") {
  std::set<std::size_t> sizes;
  for (const char* victim : {"1", "2", "3"})
    for (int moment = 0; moment < moments; ++moment) {
      CAPTURE(victim);
      CAPTURE(moment);
      sim::World world(5);
      world.found(3);
      world.run_for(moment * 100us);
      strike(world, victim, Fault::wipe);
      world.run_for(3s);
      REQUIRE(clusters(world).size() <= 1);
      // Whoever is left out says what to do.
      for (const auto& name : world.names())
        if (!world.engine(name).replica()) {
          const auto sentence = world.engine(name).status(world.now()).sentence;
          REQUIRE(sentence.starts_with("not part of a cluster yet"));
        }
      sizes.insert(members(world));
    }
  // Early: all three. Between the phases: nobody. Late: the two others.
  CHECK(sizes == std::set<std::size_t>{0, 2, 3});
}

TEST_CASE("F5: the coordinator is gone for good once one other has its commit: that one tells the rest") {
  for (int moment = 0; moment < moments; ++moment) {
    CAPTURE(moment);
    sim::World world(5);
    world.found(3);
    world.run_for(moment * 100us);
    std::string coordinator;
    for (const auto& name : world.names())
      if (coordinator.empty() || world.engine(name).self() < world.engine(coordinator).self()) coordinator = name;
    world.kill(coordinator);
    world.run_for(10ms);
    const auto reached = members(world);
    REQUIRE(reached != 1);
    if (reached == 2) REQUIRE(world.run_until([&] { return world.leader().has_value(); }, 10s));
  }
}

TEST_CASE("F5: a node that joins before there is a cluster is taken in when there is one") {
  sim::World world(5);
  for (const char* name : {"1", "2", "3", "4"}) world.add(name).config.founders = {"node-1:7400", "node-2:7400", "node-3:7400"};
  world.machine("4").config.founders.clear();
  world.machine("4").config.join = {"node-1:7400"};
  for (const char* name : {"4", "1"}) REQUIRE(world.start(name));
  world.run_for(5s);
  CHECK(members(world) == 0);
  for (const char* name : {"2", "3"}) REQUIRE(world.start(name));
  REQUIRE(world.run_until([&] { return members(world) == 4; }, 10s));
  CHECK(clusters(world).size() == 1);
  CHECK(world.run_until([&] { return world.leader() && world.engine("4").state().applied() > Slot{0}; }, 10s));
  CHECK(world.engine("4").replica()->role() == paxos::Role::observer);
}

TEST_CASE("F6: a restart with the founders' config, of one and of all, goes on with the same cluster") {
  sim::World world(5);
  world.found(3);
  REQUIRE(world.run_until([&] { return world.leader().has_value(); }));
  const auto before = clusters(world);
  world.kill("2");
  REQUIRE(world.start("2"));
  world.run_for(1s);
  for (const char* name : {"1", "2", "3"}) world.power_off(name);
  for (const char* name : {"1", "2", "3"}) REQUIRE(world.start(name));
  REQUIRE(world.run_until([&] { return world.leader().has_value(); }));
  CHECK(members(world) == 3);
  CHECK(clusters(world) == before);
}
