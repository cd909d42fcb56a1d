// How large a datagram can get (G9). This layer does not encode, so it counts with an upper bound of what `src/wire`
// makes of a message; the tests of `wire` hold the two together.
#pragma once

#include <cstddef>

#include "gossip/message.hpp"

namespace conclave::gossip {

/// What passes every IPv6 path in one piece: 1,280 bytes less the IPv6 and UDP headers.
inline constexpr std::size_t datagram_bytes_max = 1232;

/// An encoded rumour has at most this: 24 of numbers and enums, two ids of 16, two pointers, 8 to grow; and its name and
/// host, each with a final zero and rounded up to words.
[[nodiscard]] std::size_t rumour_bytes(const Rumour& rumour);

/// The rumours that fit beside `body` may have so many bytes together: `datagram_bytes_max` less
///   256 for checksum, header and a cluster name of 64 bytes, less 64 for a seal (key id, counter, tag), less `body`.
/// Always enough for two rumours of the greatest size.
[[nodiscard]] std::size_t room_for_rumours(const Body& body);

/// At least what the whole datagram has on the wire.
[[nodiscard]] std::size_t datagram_bytes(const Message& message);

/// False for what no correct peer says: a nil id, an empty or over-long name, an address that nobody can dial, a value out of range.
[[nodiscard]] bool is_well_formed(const Rumour& rumour);

}  // namespace conclave::gossip
