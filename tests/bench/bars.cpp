// The bars that a run is held against, each with how far it is from it.
#include <iomanip>

#include "bench/find_row.hpp"
#include "bench/table.hpp"

namespace conclave::bench {
namespace {

struct Bar {
  const char* claim;
  /// What was measured divided by what is asked; empty: not measured.
  std::optional<double> ratio;
  bool at_least;
};

std::optional<double> divided(std::optional<double> measured, std::optional<double> asked) {
  return measured && asked ? std::optional(*measured / *asked) : std::nullopt;
}

std::optional<double> sum(std::optional<double> left, std::optional<double> right) {
  return left && right ? std::optional(*left + *right) : std::nullopt;
}

}  // namespace

bool print_bars(std::ostream& out, const std::vector<Row>& rows) {
  const auto floor = sum(p50(rows, "floor.fsync", 1), p50(rows, "floor.rtt", 1));
  const auto* locks = find_row(rows, "lock.distinct", 64);
  const auto* failover = find_row(rows, "failover.sigkill", 1);
  const Bar bars[] = {
      {"one command in the leader: p50 <= 2.5 x (fsync + round trip)",
       divided(p50(rows, "command.leader", 1), floor ? std::optional(2.5 * *floor) : std::nullopt), false},
      {"64 workers lock and unlock: >= 6,000 a second", locks ? divided(locks->ops_s, 6000) : std::nullopt, true},
      {"SIGKILL of the leader to the next grant: p50 <= 50 ms", failover ? divided(failover->p50_ms, 50) : std::nullopt,
       false},
      {"SIGKILL of the leader to the next grant: worst <= 500 ms",
       failover ? divided(failover->worst_ms, 500) : std::nullopt, false},
  };
  bool all_met = true;
  for (const auto& bar : bars) {
    out << std::left << std::setw(62) << bar.claim;
    if (!bar.ratio) {
      out << "not measured\n";
      continue;
    }
    const bool met = bar.at_least ? *bar.ratio >= 1 : *bar.ratio <= 1;
    all_met = all_met && met;
    out << (met ? "met" : "not met") << " (" << std::fixed << std::setprecision(2) << *bar.ratio << " x the bar)\n";
  }
  return all_met;
}

}  // namespace conclave::bench
