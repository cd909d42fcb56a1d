// Shrinking: of a plan that fails, a small one that fails in the same way. Delta debugging (Zeller and Hildebrandt, "Simplifying
// and Isolating Failure-Inducing Input", TSE 2002) over its faults and calls; then its machines, its waits and its numbers.
#pragma once

#include <cstddef>
#include <functional>

#include "sim/plan.hpp"

namespace conclave::sim {

/// Whether a plan still fails: in a run of it the same check fires (`fails_by`, sim/run.hpp).
using StillFails = std::function<bool(const Plan& plan)>;
/// Whether shrinking shall end with what it has. Asked before each try.
using Enough = std::function<bool()>;

struct Shrunk {
  /// It fails, and no part of it can be left out, unless it was enough before.
  Plan plan;
  /// How many plans were tried.
  std::size_t tries{0};
  /// Nothing that is tried makes it smaller.
  bool finished{false};
};

/// `plan` fails. The same plan, failing alike, ends alike, unless `enough` says otherwise.
[[nodiscard]] Shrunk shrink(Plan plan, const StillFails& still_fails, const Enough& enough = [] { return false; });

}  // namespace conclave::sim
