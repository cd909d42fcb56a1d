// The transport port: carries frames and datagrams between addresses, as bytes. It knows addresses and links, never
// members (the engine binds a link to a member after its Hello), and it never decodes.
//
// Life of a transport: open (each implementation's own function), `start`, then commands and events until `stop`.
// Everything happens on one thread, the owner's. No command calls the listener from within itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <conclave/error.hpp>
#include <conclave/types.hpp>

#include "base/address.hpp"
#include "base/ids.hpp"

namespace conclave::transport {

/// How a link came to be.
enum class Direction : std::uint8_t {
  dialled,   ///< this node dialled; the link's remote is the address as it was dialled
  accepted,  ///< the peer dialled; the link's remote is where it comes from, not where it listens
};

enum class DialFailure : std::uint8_t {
  refused,      ///< the machine answers that nobody listens there: the process is gone
  timed_out,    ///< no answer
  unreachable,  ///< no way to that machine
  other,        ///< for example a name that does not resolve
};

/// What became of a frame that was to be sent.
enum class Sent : std::uint8_t {
  queued,  ///< it leaves after all earlier frames of the link, if the link lives
  full,    ///< not taken: the peer does not read as fast as this node writes
  closed,  ///< not taken: there is no such link, or no longer
};

/// Receives what happens. A link's events come in order: opened, its frames, closed.
class Listener {
 public:
  virtual ~Listener() = default;

  virtual void on_link_opened(LinkId link, const Address& remote, Direction direction) = 0;
  /// `body` is whole and passed its checksum; it is valid during the call only.
  virtual void on_frame(LinkId link, BytesView body) = 0;
  /// The link is gone, other than by this node's `close` or `stop`; said once. `why.code` is
  ///   `errc::protocol_violation`: the peer sent what no correct peer sends (checksum, length, an end within a frame);
  ///   `std::errc::connection_reset`: the peer closed, or its process died;
  ///   `std::errc::timed_out`: the peer's machine has not acknowledged for too long; or another error of the system.
  virtual void on_link_closed(LinkId link, const Error& why) = 0;
  /// The answer to `dial` when no link came of it.
  virtual void on_dial_failed(const Address& address, DialFailure reason, const Error& why) = 0;
  /// `body` is whole and passed its checksum; it is valid during the call only. Who sent it is anybody's claim.
  virtual void on_datagram(const Address& from, BytesView body) = 0;
  /// A datagram that is too short, too long or fails its checksum was dropped.
  virtual void on_bad_datagram(const Address& from, const Error& why) = 0;
};

/// What a transport has carried since it was opened. Bytes count what is on the wire, without the system's own headers.
struct Traffic {
  std::uint64_t frames_sent = 0;
  std::uint64_t frames_received = 0;
  std::uint64_t datagrams_sent = 0;
  std::uint64_t datagrams_received = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  /// Calls that handed bytes of links to the network; frames that were queued together share one.
  std::uint64_t writes = 0;
  /// Times that a connection could not be accepted for want of descriptors or memory; it was tried again.
  std::uint64_t accepts_failed = 0;

  friend bool operator==(const Traffic&, const Traffic&) = default;
};

/// Bounds of one transport; the same for every implementation.
struct LinkLimits {
  /// The longest body of a frame that is sent or accepted.
  std::size_t frame_bytes_max = std::size_t{16} << 20;
  /// What may wait on one link, in frames and in bytes; at least one longest frame.
  std::size_t queue_frames_max = 65536;
  std::size_t queue_bytes_max = std::size_t{64} << 20;

  friend bool operator==(const LinkLimits&, const LinkLimits&) = default;
};

/// A transport that is open.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  /// Calls `stop`.
  virtual ~Transport() = default;

  /// Where this node can be dialled, with the port that the system chose if it was asked to; nothing if nobody can.
  [[nodiscard]] virtual std::optional<Address> listening_on() const = 0;

  /// From now on connections are accepted and `listener` is called; it outlives `stop`.
  virtual void start(Listener& listener) = 0;

  /// Makes a link to `address`. Answered by one `on_link_opened` or `on_dial_failed`. While an address is being
  /// dialled, dialling it again changes nothing.
  virtual void dial(const Address& address) = 0;

  /// Queues a frame with `body`, of at most `LinkLimits::frame_bytes_max`. Frames leave in order; those that are queued
  /// within one turn of the owner's loop leave together.
  [[nodiscard]] virtual Sent send(LinkId link, BytesView body) = 0;

  /// Closes a link once what was queued on it has left, or cannot leave soon. The link is not heard of again.
  virtual void close(LinkId link) = 0;

  /// Sends one datagram with `body`, of at most `datagram_body_bytes_max`. Like any datagram it may be lost on the way:
  /// also when its destination does not resolve, or when nobody can dial this node.
  virtual void send_datagram(const Address& to, BytesView body) = 0;

  /// Closes everything at once. What is queued leaves if the network takes it without waiting. No event comes after
  /// this. May be called twice, and from within an event.
  virtual void stop() = 0;

  [[nodiscard]] virtual Traffic traffic() const = 0;
};

}  // namespace conclave::transport
