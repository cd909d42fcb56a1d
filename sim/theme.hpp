// Seeds with one idea: what chance hardly ever brings about is done on purpose, at times that chance draws.
#pragma once

#include <string>
#include <vector>

#include "base/prng.hpp"
#include "sim/plan.hpp"

namespace conclave::sim {

/// Uniform, in milliseconds.
[[nodiscard]] BootClock::duration between(Prng& draws, BootClock::duration least, BootClock::duration most);

/// Three machines or more. One leads, and hears a majority that hears it, whatever else is cut: it leads on, and commits go on
/// (E4, E5).
void cut_all_but_a_quorum(Plan& plan, Prng draws);

/// Each of the `victims`, fewer than half of all, is one of a bare majority and goes back to a backup; the rest of that majority
/// notices, and is gone: those who were not there must not choose again with one who has forgotten (I5).
void forget_among_few(Plan& plan, Prng draws, const std::vector<std::string>& victims);

/// Far from each other, or with slow disks, and no leader for long: each is cut off when the one before comes back, often before
/// anything of its own is chosen. So values of several ballots lie at one slot (P4), and what took long is asked for again.
void topple_slow_machines(Plan& plan, Prng draws);

}  // namespace conclave::sim
