// The verdict on the bars, which becomes the exit code of a run.
#include <doctest/doctest.h>

#include <sstream>

#include "bench/table.hpp"

using namespace conclave::bench;

namespace {

Row row(std::string name, std::size_t in_flight, double ops_s, double p50_ms, double worst_ms) {
  Row made{.name = std::move(name), .system = "conclave", .in_flight = in_flight};
  made.ops_s = ops_s;
  made.p50_ms = p50_ms;
  made.worst_ms = worst_ms;
  return made;
}

/// All that the bars ask for: 2.5 x (0.1 + 0.1) ms for a command.
std::vector<Row> good() {
  return {row("floor.fsync", 1, 0, 0.1, 0), row("floor.rtt", 1, 0, 0.1, 0), row("command.leader", 1, 0, 0.49, 0),
          row("lock.distinct", 64, 6000, 0, 0), row("failover.sigkill", 1, 0, 50, 500)};
}

bool judged(const std::vector<Row>& rows, std::string_view said) {
  std::ostringstream out;
  const bool all_met = print_bars(out, rows);
  CHECK(out.str().find(said) != std::string::npos);
  return all_met;
}

}  // namespace

TEST_CASE("bars: each that was measured and is not met fails the run; what was not measured fails nothing") {
  CHECK(judged(good(), " met ("));
  CHECK(judged({}, "not measured"));
  const std::pair<std::size_t, Row> worse[] = {{2, row("command.leader", 1, 0, 0.51, 0)},
                                               {3, row("lock.distinct", 64, 5999, 0, 0)},
                                               {4, row("failover.sigkill", 1, 0, 50.1, 500)},
                                               {4, row("failover.sigkill", 1, 0, 50, 500.1)}};
  for (const auto& [at, changed] : worse) {
    auto rows = good();
    rows[at] = changed;
    CAPTURE(changed.name);
    CHECK_FALSE(judged(rows, "not met"));
  }
  auto without_floor = good();
  without_floor[0].p50_ms.reset();
  without_floor[2].p50_ms = 9;
  CHECK(judged(without_floor, "not measured"));
}
