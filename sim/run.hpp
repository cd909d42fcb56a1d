// One run of a plan: a world, its invariants, its calls and their history, judged.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/checkers/history.hpp"
#include "sim/checkers/violation.hpp"
#include "sim/guest.hpp"
#include "sim/plan.hpp"
#include "sim/world.hpp"

namespace conclave::sim {

struct Outcome {
  /// What is wrong, in the order in which it was found. Empty: all is well.
  Violations violations;
  History history;
  /// Over every packet: the same plan gives the same hash, on every machine and with every compiler.
  std::uint64_t trace_hash{0};
  BootClock::duration simulated{};
};

/// What a run adds to one hash over many, which does not depend on the order in which they end.
[[nodiscard]] constexpr std::uint64_t share_of_all(std::uint64_t trace_hash, std::uint64_t seed) { return trace_hash * (2 * seed + 1); }

/// Is given the world before anything of it has started, to watch it. The world ends with the run.
using Enter = std::function<void(World& world)>;

/// Runs `plan` from its founding to its end. What `enter` lets watch changes nothing in it.
[[nodiscard]] Outcome run(const Plan& plan, const Enter& enter = {});

/// With `guest` on its machines, to which the plan's calls are not told.
[[nodiscard]] Outcome run(const Plan& plan, Guest& guest);

/// The checks that fired, without those that the plan says must fire; and those that it says must fire and that did not.
[[nodiscard]] std::vector<std::string> surprises(const Plan& plan, const Outcome& outcome);

/// The one of them that tells most of what went wrong: of those that fired the first that was found, `core_invariant` only if
/// no other did. Empty: all is well.
[[nodiscard]] std::string blamed(const Plan& plan, const Outcome& outcome);

/// Whether `surprise` is among the surprises of a run of `plan`. The run ends once that is sure.
[[nodiscard]] bool fails_by(const Plan& plan, const std::string& surprise);

}  // namespace conclave::sim
