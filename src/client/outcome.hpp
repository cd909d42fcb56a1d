// What apply answered, in the words of the public API.
#pragma once

#include <conclave/result.hpp>

#include "coordination/event.hpp"

namespace conclave::client {

/// The error that a status stands for; for `ok`, `queued` and the like there is none.
[[nodiscard]] Result<void> as_void(const Result<coordination::Outcome>& outcome);
/// As above, with the result of the user's state machine.
[[nodiscard]] Result<Bytes> as_bytes(Result<coordination::Outcome> outcome);

}  // namespace conclave::client
