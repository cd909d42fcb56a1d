// The commands of conclave-sim. Each returns the exit code: 0 all well, 1 something was found, 2 a file or an argument is wrong.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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
  /// The first seed that fails by a check ends the hunt; one in which the core has noticed by itself does not.
  bool stop_at_first{false};
  /// For how long a failure is shrunk at most; 0: not at all.
  std::chrono::seconds shrink_for{60};
  /// Where failing plans are written.
  std::string failures_folder{"."};
};
[[nodiscard]] int hunt(const HuntOptions& options);

/// Which plan is meant.
struct PlanChoice {
  /// Empty: it is drawn from the seed.
  std::string file;
  std::uint64_t seed{0};
  /// Nothing: the one that the budget's mix gives the seed.
  std::optional<Profile> profile;
};

/// Runs one plan, and tells what happened.
struct ReplayOptions {
  PlanChoice plan;
  std::string history;
  /// Tells what the nodes log.
  bool log{false};
};
[[nodiscard]] int replay(const ReplayOptions& options);

/// Makes a failing plan smaller, as long as the same check fires.
struct ShrinkOptions {
  PlanChoice plan;
  /// Empty: named after seed and check, in this folder.
  std::string out;
  std::chrono::seconds seconds{60};
};
[[nodiscard]] int shrink(const ShrinkOptions& options);

/// Runs one plan, and shows what happened as a page.
struct ReportOptions {
  PlanChoice plan;
  /// Empty: named after the plan, in this folder.
  std::string out;
};
[[nodiscard]] int report(const ReportOptions& options);

/// Each seed twice, trace hashes compared.
[[nodiscard]] int determinism(const HuntOptions& options);

/// Judges histories by all checks.
struct CheckOptions {
  /// Files, and folders of such (*.jsonl).
  std::vector<std::string> paths;
  /// Each must hold so much, too, that it says something (sim/checkers/contents.hpp).
  bool bar{false};
};
[[nodiscard]] int check(const CheckOptions& options);

/// Runs every scenario of a folder.
[[nodiscard]] int scenarios(const std::string& folder);

/// Hunts planted bugs in copies of the source tree in `folder`: sim/mutants/hunt.sh does, which knows the `arguments`.
[[nodiscard]] int mutants(const std::string& folder, const std::vector<std::string>& arguments);

/// What a scenario file may say.
[[nodiscard]] int vocabulary();

}  // namespace conclave::sim::cli
