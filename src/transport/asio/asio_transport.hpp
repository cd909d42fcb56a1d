// The transport port over TCP and UDP sockets, on an Asio loop of the owner.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>

#include <conclave/result.hpp>

#include "base/address.hpp"
#include "transport/transport.hpp"

namespace asio {
class io_context;
}

namespace conclave::transport {

struct AsioOptions {
  /// Where to listen, TCP and UDP on one port; port 0 lets the system choose. Nothing: nobody can dial this node, and
  /// it neither sends nor receives datagrams.
  std::optional<Address> listen = {};
  LinkLimits limits = {};
  /// Connections that are accepted at a time; those beyond are closed at once.
  std::size_t accepted_links_max = 4096;
  /// How long a dial waits, its name's resolution included.
  std::chrono::milliseconds dial_timeout{1000};
  /// How long a peer's machine may fail to acknowledge, or a peer not read at all, until its link is closed. Finds
  /// links whose other end vanished without a word; what a live process does, heartbeats find sooner.
  std::chrono::milliseconds silence_max{10'000};
  /// A frame that has begun must be whole after this, at the latest after twice as long.
  std::chrono::milliseconds frame_patience{30'000};
  /// How long `close` waits for what is queued, and for the peer to close in turn.
  std::chrono::milliseconds close_patience{1000};
};

/// Opens the sockets. The transport lives on the thread that runs `loop`, and ends before it. Errors:
/// `errc::address_in_use`, `errc::address_unusable` (the listen address does not resolve, or is not this machine's),
/// `errc::invalid_argument` (limits that contradict each other); their detail says what to change.
[[nodiscard]] Result<std::unique_ptr<Transport>> open_asio_transport(asio::io_context& loop,
                                                                     const AsioOptions& options);

}  // namespace conclave::transport
