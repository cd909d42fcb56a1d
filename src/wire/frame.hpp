// Frames <-> the bytes of their body. What stands before the body, length and checksum, is the transport's.
//
// Pure functions, safe on any thread. Nothing of Cap'n Proto shows, neither types nor exceptions.
#pragma once

#include <conclave/result.hpp>
#include <conclave/types.hpp>

#include "engine/message.hpp"

namespace conclave::wire {

/// The body of `frame`. The caller keeps the caps of `limits.hpp`; texts are UTF-8 without NUL. An `UnknownMessage` is
/// never sent.
[[nodiscard]] Bytes encode(const engine::Frame& frame);

/// What `body` says. `errc::protocol_violation`, with what is wrong and where, for bytes that no correct peer sends; a
/// message of an unknown arm, or with an unknown enum value, stands in the frame as `UnknownMessage`.
[[nodiscard]] Result<engine::Frame> decode_frame(BytesView body);

}  // namespace conclave::wire
