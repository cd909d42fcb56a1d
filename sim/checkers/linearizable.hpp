// Linearizability (Herlihy and Wing 1990): is there one order of the operations, in keeping with real time, in which every
// answer is right?
//
// The search is that of Wing and Gong (1993) with the configurations remembered and each operation linearized just in time,
// right before an operation that returns (Lowe, "Testing for linearizability", 2017), object by object (Horn and Kroening,
// "Faster linearizability checking via P-compositionality", 2015). It goes through the history once, with all configurations
// that the answers so far allow, so memory depends on how much is open at one time, not on the length of the history.
#pragma once

#include "sim/checkers/violation.hpp"

namespace conclave::sim {

struct LinearizableBounds {
  /// Configurations kept at one time, for one object.
  std::size_t configurations_max{50'000};
  /// Transitions tried in one search (there are up to three) for one object.
  std::size_t transitions_max{5'000'000};
};

/// At most one finding for each object: the first answer that no order explains, or `Verdict::undecided` where a bound was
/// passed before one was found.
///
/// A call that is lost takes effect at any later time, once, or never; a `fail` has no effect; a `no` was refused by the
/// state. Locks: an acquire that was lost or failed may have held the lock for a while (what nobody heard of is taken back), so
/// a `no` beside it needs no other holder, nor does one to a session that was ended.
[[nodiscard]] Violations linearizable(const History& history, const LinearizableBounds& bounds);

}  // namespace conclave::sim
