// Plans drawn from a seed. Each seed leaves whole kinds of faults and calls out ("Swarm Testing", Groce et al., ISSTA 2012):
// what is never interrupted goes deeper.
#pragma once

#include <optional>
#include <string_view>

#include "sim/plan.hpp"

namespace conclave::sim {

enum class Profile {
  /// 3 machines, crashes above all: small clusters that crash find most of what swarms find, and are cheap.
  small,
  /// 5 machines, 60 s of faults.
  standard,
  /// Up to 9 machines, everything at once.
  wild,
};

[[nodiscard]] std::optional<Profile> parse_profile(std::string_view name);
[[nodiscard]] std::string_view to_string(Profile profile);
/// The budget: half of all seeds are small, a third standard, the others wild.
[[nodiscard]] Profile profile_of(std::uint64_t seed);

/// The same plan for the same seed and profile, for ever.
[[nodiscard]] Plan draw_plan(std::uint64_t seed, Profile profile);

/// Adds calls of all kinds to `plan`, one about every `between`, by its seed.
void draw_load(Plan& plan, BootClock::duration between);

}  // namespace conclave::sim
