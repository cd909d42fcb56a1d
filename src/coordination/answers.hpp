// Exactly once (S6): what a session's numbers mean to apply, and how long their answers are kept.
#pragma once

#include <cstdint>
#include <optional>

#include "coordination/session.hpp"

namespace conclave::coordination {

enum class Turn : std::uint8_t {
  next,    ///< it runs now
  old,     ///< it ran before, and never runs again
  gap,     ///< something before it is missing: it changes nothing
};
[[nodiscard]] Turn turn_of(const Session& session, Sequence sequence);

/// The lowest number whose answer is kept; `next_sequence` if none is.
[[nodiscard]] Sequence first_kept(const Session& session);

/// The answer to a number that ran: what is kept, else `pruned`. Nothing: it has not run, or its answer is still owed.
[[nodiscard]] std::optional<Outcome> find_answer(const Session& session, Sequence sequence);

/// Drops what the client has acknowledged: all numbers below `below`, and never one that has not run.
void acknowledge(Session& session, Sequence below);

/// Takes `next_sequence` with its answer. A session keeps `unanswered_max` answers: the sender's window sees to it that
/// no more are needed, and one that breaks it loses the oldest.
void keep_answer(Session& session, Answer answer);

/// What the user's state machine returned; kept if its number still is. False: it is there already, or was never owed.
bool complete_answer(Session& session, Sequence sequence, const Outcome& outcome);

}  // namespace conclave::coordination
