// How much one message may hold. A receiver refuses what is larger, so a sender keeps to it: the engine by its own, lower
// batch sizes, the client by the limits of `conclave/config.hpp`. They are part of the protocol (PROTOCOL.md, rules W1 and W2).
#pragma once

#include <cstddef>

#include <conclave/config.hpp>

namespace conclave::wire {

/// Objects within objects; the deepest message needs less than 10.
inline constexpr int nesting_max = 16;

/// The body of one frame and of one datagram.
inline constexpr std::size_t frame_bytes_max = std::size_t{16} << 20;
inline constexpr std::size_t datagram_bytes_max = 1228;  ///< with its CRC32C 1,232: what passes every IPv6 path whole

inline constexpr std::size_t messages_max = 16384;  ///< in a frame
inline constexpr std::size_t entries_max = 65536;   ///< in one message
inline constexpr std::size_t commands_max = 65536;  ///< in one `Forward`
inline constexpr std::size_t renewals_max = 65536;  ///< in one `Renew` or `RenewAck`
inline constexpr std::size_t endings_max = 4096;    ///< tokens of one session in a `RenewAck`

inline constexpr std::size_t voters_max = 64;  ///< founders, voters of a configuration
inline constexpr std::size_t store_nonces_max = 1024;
inline constexpr std::size_t image_part_bytes_max = std::size_t{1} << 20;
/// An image put together: what one segment can hold, less the room of its last object.
inline constexpr std::size_t image_bytes_max = (std::size_t{1} << 32) - (std::size_t{1} << 22);

inline constexpr std::size_t address_bytes_max = 255;     ///< a host name (RFC 1035), or an IP address
inline constexpr std::size_t rumour_host_bytes_max = 64;  ///< so that a rumour always fits a datagram (rule G9)
inline constexpr std::size_t detail_bytes_max = 1024;  ///< a sentence for a person
inline constexpr std::size_t status_members_max = 1024;
inline constexpr std::size_t status_resources_max = 1024;  ///< locks, and elections

/// An encoded command: the user's own bytes or a value, and what stands around them.
inline constexpr std::size_t entry_payload_bytes_max = command_bytes_max + 4096;

}  // namespace conclave::wire
