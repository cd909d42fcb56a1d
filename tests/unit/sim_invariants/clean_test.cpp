// The shipping code under faults: nothing to find.
#include <doctest/doctest.h>

#include "unit/sim_invariants/storm.hpp"

using namespace std::chrono_literals;

namespace {

void check_clean(std::uint64_t first, std::size_t nodes) {
  for (std::uint64_t seed = first; seed < first + 25; ++seed)
    for (const auto& found : storm::run(seed, nodes, 20s))
      FAIL_CHECK("seed " << seed << ": " << found.check << ": " << found.sentence);
}

}  // namespace

TEST_CASE("P1 to P12: three nodes under kills, cuts and power losses break nothing") { check_clean(1, 3); }
TEST_CASE("P1 to P12: five nodes under kills, cuts and power losses break nothing") { check_clean(101, 5); }
