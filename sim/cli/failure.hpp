// Plans that fail: found, made smaller, and written down so that they can be run again.
#pragma once

#include <chrono>
#include <optional>
#include <ostream>
#include <string>

#include "sim/cli/commands.hpp"
#include "sim/plan.hpp"
#include "sim/run.hpp"

namespace conclave::sim::cli {

/// Nothing: the file cannot be read, or makes no sense; said on stderr.
[[nodiscard]] std::optional<Plan> read_plan(const std::string& path);
[[nodiscard]] std::optional<Plan> find_plan(const PlanChoice& choice);
/// For a person, and as arguments of `conclave-sim replay`.
[[nodiscard]] std::string name_of(const PlanChoice& choice);

struct Failure {
  Plan plan;
  /// By which it fails.
  std::string check;
  Outcome outcome;
  PlanChoice choice;
};

/// Shrinks the plan, for `limit` of wall time at most (0: not at all), and says on `out` what was left out. What is left begins
/// with a comment that says what it shows and where it was found.
[[nodiscard]] Plan shrink(const Failure& failure, std::chrono::seconds limit, std::ostream& out);

/// The name of its file: of seed and check.
[[nodiscard]] std::string file_of(const Failure& failure);

/// Writes the shrunken plan into `folder`; the path of its file.
std::string write_failure(const Failure& failure, const std::string& folder, std::chrono::seconds limit, std::ostream& out);

}  // namespace conclave::sim::cli
