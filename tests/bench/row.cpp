#include "bench/row.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace conclave::bench {
namespace {

double milliseconds_of(std::chrono::nanoseconds time) { return std::chrono::duration<double, std::milli>(time).count(); }

double percentile(const Latencies& sorted, double part) {
  const auto rank = static_cast<std::size_t>(std::ceil(part * static_cast<double>(sorted.size())));
  return milliseconds_of(sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1]);
}

}  // namespace

Row summarise(std::string name, std::string system, std::size_t in_flight, Run run) {
  if (run.latencies.empty()) throw std::runtime_error(name + ": not one operation succeeded");
  std::ranges::sort(run.latencies);
  const auto many = static_cast<double>(run.latencies.size());
  Row row{.name = std::move(name), .system = std::move(system), .in_flight = in_flight};
  row.ops_s = many / std::chrono::duration<double>(run.elapsed).count();
  row.p50_ms = percentile(run.latencies, 0.5);
  row.p99_ms = percentile(run.latencies, 0.99);
  row.p999_ms = percentile(run.latencies, 0.999);
  row.worst_ms = milliseconds_of(run.latencies.back());
  row.cpu_us_per_op = std::chrono::duration<double, std::micro>(run.cpu).count() / many;
  row.flushes_per_op = static_cast<double>(run.flushes) / static_cast<double>(run.processes) / many;
  return row;
}

}  // namespace conclave::bench
