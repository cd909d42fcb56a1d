// A peer without manners: writes any bytes to a member's ports, and reads what comes back.
#pragma once

#include <optional>
#include <string>

#include <conclave/types.hpp>

#include "engine/message.hpp"

namespace conclave::process {

/// A TCP connection to loopback, by hand. Failures throw std::system_error.
class WireClient {
 public:
  explicit WireClient(std::uint16_t port);
  WireClient(const WireClient&) = delete;
  WireClient& operator=(const WireClient&) = delete;
  ~WireClient();

  /// Writes as much as the member takes: it may close in the middle.
  void write(BytesView bytes);
  /// Nothing more will be written.
  void shut();
  /// Reads until the member closes; false if it did not within the limit.
  [[nodiscard]] bool is_closed();
  /// The refusal among the messages that have come; waits for it as long as the link is open.
  [[nodiscard]] std::optional<engine::Refusal> refusal();
  /// The Hello with which the member greeted.
  [[nodiscard]] engine::Hello greeting();

 private:
  /// Reads what is there; false at the end of the stream.
  [[nodiscard]] bool read();
  template <class Message>
  [[nodiscard]] std::optional<Message> find() const;

  int socket_;
  Bytes received_;
};

/// The bytes of a frame, with its length and checksum.
[[nodiscard]] Bytes frame(const engine::Frame& frame);
[[nodiscard]] Bytes frame(BytesView body);
/// Sends one datagram to loopback.
void send_datagram(std::uint16_t port, BytesView datagram);

}  // namespace conclave::process
