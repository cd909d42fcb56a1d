// A cluster under load and under random faults of every kind that takes no vote away.
#pragma once

#include <array>
#include <set>
#include <string>
#include <vector>

#include "base/prng.hpp"
#include "sim/fault.hpp"
#include "sim/invariants/invariants.hpp"

namespace storm {

using namespace conclave;
using namespace std::chrono_literals;

/// Locks are tried and given back everywhere, at each call.
inline void load(sim::World& world, Prng& draws) {
  static const std::array<std::string, 3> locks{"a", "b", "c"};
  for (const auto& name : world.names())
    if (world.runs(name) && !world.process(name).paused() && draws.chance(1, 2))
      (void)world.client(name).acquire(locks[draws.below(locks.size())], draws.chance(1, 2), {}, [](Result<Lock>) {});
}

/// Cuts the machines in two.
inline void split(sim::World& world, Prng& draws) {
  std::vector<std::set<std::string>> groups(2);
  for (const auto& name : world.names()) groups[draws.below(2)].insert(name);
  world.network().partition(groups);
}

inline void strike(sim::World& world, Prng& draws) {
  const auto names = world.names();
  const auto any = [&] { return names[draws.below(names.size())]; };
  switch (draws.below(14)) {
    case 0:
      return sim::strike(world, {"kill", any()});
    case 1:
      return sim::strike(world, {"power-off", any()});
    case 2:
      return sim::strike(world, {"crash-at-write", any(), std::to_string(1 + draws.below(4))});
    case 3:
      return sim::strike(world, {"isolate", any()});
    case 4:
      return sim::strike(world, {"cut", any(), any()});
    case 5:
      return sim::strike(world, {"reset", any(), any()});
    case 6:
      return sim::strike(world, {"disk-latency", any(), draws.chance(1, 2) ? "300us" : "20ms"});
    case 7:
      return sim::strike(world, {"power-off", "leader"});
    case 8:
      return sim::strike(world, {"pause", any()});
    case 9:
      return sim::strike(world, {"drop", "*", "*", draws.chance(1, 2) ? "100" : "0"});
    case 10:
      return split(world, draws);
    default:
      break;
  }
  sim::strike(world, {"heal"});
  for (const auto& name : names) {
    if (draws.chance(1, 2)) sim::strike(world, {"start", name});
    sim::strike(world, {"resume", name});
  }
}

/// What the invariants have found after `duration`.
inline sim::Violations run(std::uint64_t seed, std::size_t nodes, std::chrono::seconds duration) {
  sim::World world(seed);
  sim::Invariants invariants(world);
  Prng draws(seed);
  world.found(nodes);
  (void)world.run_until([&] { return world.leader().has_value(); });
  for (const auto end = world.now() + duration; world.now() < end && invariants.violations().empty();) {
    world.run_for(50ms);
    load(world, draws);
    if (draws.chance(1, 8)) strike(world, draws);
  }
  return invariants.violations();
}

}  // namespace storm
