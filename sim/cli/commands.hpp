// The commands of conclave-sim. Each returns the exit code: 0 all well, 1 something was found, 2 a file or an argument is wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/swarm.hpp"

namespace conclave::sim::cli {

inline constexpr int all_well = 0;
inline constexpr int found_something = 1;
inline constexpr int wrong_use = 2;

struct HuntOptions {
  std::uint64_t first{1};
  std::uint64_t last{100};
  /// Nothing: the budget's mix (sim/swarm.hpp).
  std::optional<Profile> profile;
  unsigned jobs{1};
  /// Where the histories go, one file per seed; empty: nowhere.
  std::string history_folder;
  /// The first seed that fails ends the hunt.
  bool stop_at_first{false};
  /// Where failing plans are written.
  std::string failures_folder{"."};
};
[[nodiscard]] int hunt(const HuntOptions& options);

/// Runs one plan, from a file or drawn from a seed, and tells what happened.
struct ReplayOptions {
  std::string file;
  std::uint64_t seed{0};
  std::optional<Profile> profile;
  std::string history;
  /// Tells what the nodes log.
  bool log{false};
};
[[nodiscard]] int replay(const ReplayOptions& options);

/// Each seed twice, trace hashes compared.
[[nodiscard]] int determinism(const HuntOptions& options);

/// Runs every scenario of a folder.
[[nodiscard]] int scenarios(const std::string& folder);

/// What a scenario file may say.
[[nodiscard]] int vocabulary();

}  // namespace conclave::sim::cli
