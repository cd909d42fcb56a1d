// Frames on links and datagrams: what is around a body. A frame is its body's length and CRC32C, little-endian, 32 bits
// each, then the body; a datagram is the CRC32C of its body, then the body. Every implementation of the port comes
// through here, so that corruption in a simulated network meets the shipping code.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include <conclave/result.hpp>
#include <conclave/types.hpp>

namespace conclave::transport {

inline constexpr std::size_t frame_header_bytes = 8;
inline constexpr std::size_t datagram_header_bytes = 4;
/// What passes every IPv6 path in one piece: 1,280 bytes less the IPv6 and UDP headers.
inline constexpr std::size_t datagram_bytes_max = 1232;
inline constexpr std::size_t datagram_body_bytes_max = datagram_bytes_max - datagram_header_bytes;

/// Appends a frame with `body` to `out`.
void append_frame(Bytes& out, BytesView body);

/// Appends a datagram with `body` to `out`.
void append_datagram(Bytes& out, BytesView body);

/// The body of a datagram, within `datagram`; `errc::protocol_violation` if it is too short, too long or damaged.
[[nodiscard]] Result<BytesView> datagram_body(BytesView datagram);

/// The body of the frame with which `bytes` begin, within them; nothing while it is not whole.
/// `errc::protocol_violation` if it is longer than `body_bytes_max` or damaged.
[[nodiscard]] Result<std::optional<BytesView>> first_frame(BytesView bytes, std::size_t body_bytes_max);

/// Finds the frames in a stream of bytes that arrives in pieces. After an error the stream has lost its step: nothing
/// more can be read from it.
///
///   while (bytes arrive) { copy them to space(); filled(count); while (frame = next()) use it; }
class FrameParser {
 public:
  explicit FrameParser(std::size_t body_bytes_max) : body_bytes_max_(body_bytes_max) {}

  /// Where the next bytes go; never empty. Ends the life of what `next` returned. The buffer grows with what has
  /// arrived (at most twofold), never beyond the frame that was announced: announcing a long frame costs the peer its
  /// bytes.
  [[nodiscard]] std::span<std::byte> space();
  /// That many bytes were put into `space()`.
  void filled(std::size_t count) { end_ += count; }

  /// The body of the next frame, valid until `space` is called; nothing while it is not whole.
  [[nodiscard]] Result<std::optional<BytesView>> next();

  /// Drops what has arrived and was not taken.
  void discard() { begin_ = end_; }

  /// True when no part of a frame waits for its rest: the stream may end here.
  [[nodiscard]] bool at_boundary() const { return begin_ == end_; }

 private:
  std::size_t body_bytes_max_;
  Bytes buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace conclave::transport
