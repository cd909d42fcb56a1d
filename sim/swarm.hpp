// Plans drawn from a seed. Each seed leaves whole kinds of faults and calls out ("Swarm Testing", Groce et al., ISSTA 2012):
// what is never interrupted goes deeper.
#pragma once

#include <optional>
#include <string_view>

#include <conclave/sim.hpp>

#include "sim/plan.hpp"

namespace conclave::sim {

/// How many machines a plan may draw.
inline constexpr std::size_t nodes_least = 2;
inline constexpr std::size_t nodes_most = 9;
/// Clocks that drift gain or lose up to so many millionths.
inline constexpr unsigned drift_ppm_most = 400;
/// So long into the second phase calls are made: they must all be answered.
inline constexpr BootClock::duration calls_after_healing = std::chrono::seconds(5);

[[nodiscard]] std::optional<Profile> parse_profile(std::string_view name);
[[nodiscard]] std::string_view to_string(Profile profile);
/// The budget: half of all seeds are small, a third standard, the others wild.
[[nodiscard]] Profile profile_of(std::uint64_t seed);

/// The same plan for the same seed and profile, for ever.
[[nodiscard]] Plan draw_plan(std::uint64_t seed, Profile profile);

/// The faults alone, for so long, on `nodes` machines; 0: as the profile has it. No disk forgets what it acknowledged: that breaks
/// an assumption of Paxos, and is no test of what stands on it.
[[nodiscard]] Plan draw_faults(std::uint64_t seed, Profile profile, std::size_t nodes, BootClock::duration faults_for);

/// Adds calls of all kinds to `plan`, one about every `between`, by its seed.
void draw_load(Plan& plan, BootClock::duration between);

}  // namespace conclave::sim
