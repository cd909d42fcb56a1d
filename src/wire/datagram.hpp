// Gossip's datagrams <-> the bytes of their body; the checksum before it is the transport's.
//
// Pure functions, safe on any thread. Nothing of Cap'n Proto shows, neither types nor exceptions.
#pragma once

#include <conclave/result.hpp>
#include <conclave/types.hpp>

#include "engine/message.hpp"

namespace conclave::wire {

/// The body of `datagram`; at most `datagram_bytes_max` if gossip keeps its own bound on rumours (rule G9).
[[nodiscard]] Bytes encode(const engine::Datagram& datagram);

/// What `body` says. `errc::protocol_violation`, with what is wrong and where, for bytes that no correct peer sends; a
/// body of an unknown arm reads as `Tell`, a rumour with an unknown value is left out.
[[nodiscard]] Result<engine::Datagram> decode_datagram(BytesView body);

}  // namespace conclave::wire
