// Commands <-> the payload of a log entry.
//
// Pure functions, safe on any thread. Nothing of Cap'n Proto shows, neither types nor exceptions. Every replica decodes
// the same bytes, so what is read depends on them alone: limits of names, values and durations are apply's to judge.
#pragma once

#include <conclave/result.hpp>
#include <conclave/types.hpp>

#include "coordination/command.hpp"

namespace conclave::wire {

/// The payload for `command`, to be stored and forwarded as it is. An `Unknown` or `UnknownOp` is never proposed.
[[nodiscard]] Bytes encode_command(const coordination::Command& command);

/// What `payload` says. `errc::protocol_violation` for bytes that are no command: as an entry they change nothing, like
/// `Unknown`, which stands for a command or a verdict of an unknown arm. An operation of an unknown arm is `UnknownOp`.
[[nodiscard]] Result<coordination::Command> decode_command(BytesView payload);

}  // namespace conclave::wire
