// Learning what is chosen (P10). Every chosen slot is handed on once, in order, and moves the watermark.
#pragma once

#include "paxos/core.hpp"

namespace conclave::paxos {

/// Everything held up to `upto` is known chosen: applies it. `upto` at or below the watermark changes nothing.
void choose(Core& core, Slot upto, Effects& effects);

/// "Chosen up to `upto`" from the leader of `ballot`.
void learn_notice(Core& core, Ballot ballot, Slot upto, Effects& effects);

enum class Lesson {
  done,       ///< everything in it is known now
  gap,        ///< it begins above what follows the watermark: nothing was used
  malformed,  ///< it speaks of more than its sender knows: nothing was used
};

/// Entries that a peer marks chosen.
Lesson learn_entries(Core& core, Learn learn, Effects& effects);

/// What is chosen from `first` to `upto`, as much as one frame takes; also if that is nothing.
[[nodiscard]] Learn lesson(const Core& core, Slot first, Slot upto);

}  // namespace conclave::paxos
