// One measured line of the report.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace conclave::bench {

/// How long each operation took.
using Latencies = std::vector<std::chrono::nanoseconds>;

/// All operations of one case and what they cost.
struct Run {
  Latencies latencies{};
  std::chrono::nanoseconds elapsed{0};
  /// CPU of all measured processes together.
  std::chrono::nanoseconds cpu{0};
  /// Waits for the disk of all measured processes together, and how many processes those are.
  std::uint64_t flushes{0};
  std::size_t processes{1};
};

struct Row {
  std::string name;
  /// "floor" or "conclave".
  std::string system;
  std::size_t in_flight{1};
  std::optional<double> ops_s{}, p50_ms{}, p99_ms{}, p999_ms{};
  /// CPU of all processes together, per operation.
  std::optional<double> cpu_us_per_op{};
  /// Waits for the disk per operation and process.
  std::optional<double> flushes_per_op{};
  /// The largest latency; for the bars, not in the JSON.
  std::optional<double> worst_ms{};
  /// Of one idle node, on average.
  std::optional<double> cpu_percent{}, rss_mib{}, sent_bytes_s{};
};

/// Percentiles by nearest rank; throws when nothing was measured.
[[nodiscard]] Row summarise(std::string name, std::string system, std::size_t in_flight, Run run);

}  // namespace conclave::bench
