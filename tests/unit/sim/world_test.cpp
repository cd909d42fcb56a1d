#include <doctest/doctest.h>

#include "sim/run.hpp"
#include "sim/world.hpp"
#include "unit/sim/plans.hpp"

using namespace conclave;
using namespace conclave::sim;

TEST_CASE("world: a run is the same whether the nodes read the bytes of frames or are given what was read") {
  const auto plan = plan_of("nodes 3\nseed 7\nfaults 6s\nsettle 6s\nload 50ms\nat 2s fault kill leader\nat 3s fault start 1\n"
                                "at 3s fault corrupt * * 5 links\nat 4s fault replay * * 100ms\n");
  const auto outcome = [&](bool do_read) { return run(plan, [do_read](World& world) { world.let_nodes_read_bytes(do_read); }); };
  const auto read = outcome(true);
  CHECK(read.violations.empty());
  CHECK(read.trace_hash == outcome(false).trace_hash);
}
