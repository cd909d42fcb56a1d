// Plans that say less than a given one, each made by one change: what shrinking tries.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "sim/plan.hpp"

namespace conclave::sim {

/// One of a plan's lists.
using Steps = std::vector<Step> Plan::*;
inline constexpr std::array<Steps, 3> all_steps{&Plan::faults, &Plan::calls, &Plan::expectations};

/// The first phase is over at `end`: what comes after it is left out, but for calls of the first seconds of the second phase.
[[nodiscard]] Plan cut_off(Plan plan, BootClock::duration end);

/// Without `many` of these steps, from the one at place `first` on.
[[nodiscard]] Plan without_steps(Plan plan, Steps steps, std::size_t first, std::size_t many);

/// Without machine `number`, and without all that is said of it; those above it are called by one less. Nothing: it is the only one.
[[nodiscard]] std::optional<Plan> without_machine(const Plan& plan, std::size_t number);

/// When anything happens, or the first phase ends: each time once, in order.
[[nodiscard]] std::vector<BootClock::duration> times_of(const Plan& plan);
/// What happens at `from` or later, happens so much earlier.
[[nodiscard]] Plan moved_up(Plan plan, BootClock::duration from, BootClock::duration by);

/// This step happens at another time.
[[nodiscard]] Plan with_time(Plan plan, Steps steps, std::size_t place, BootClock::duration at);
/// Shorter durations with fewer digits; the one with fewest first.
[[nodiscard]] std::vector<BootClock::duration> rounder(BootClock::duration duration);
/// What may stand for each word of this step and is simpler: the best first; empty where nothing is.
[[nodiscard]] std::vector<Words> simpler_words(const Step& step, Steps steps);

}  // namespace conclave::sim
