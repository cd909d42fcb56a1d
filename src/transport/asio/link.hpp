// One TCP connection with its queues. It lives as long as an operation on it is under way.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <system_error>

#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>

#include "transport/asio/asio_transport.hpp"
#include "transport/frame.hpp"

namespace conclave::transport {

class Link : public std::enable_shared_from_this<Link> {
 public:
  /// Hears of a link until it calls `stop`.
  class Owner {
   public:
    virtual void on_frame(const Link& link, BytesView body) = 0;
    /// It ended by itself; the last call.
    virtual void on_broken(const Link& link, const Error& why) = 0;
    /// It ended after `close`; the last call.
    virtual void on_finished(const Link& link) = 0;
    virtual Traffic& counters() = 0;

   protected:
    ~Owner() = default;
  };

  Link(LinkId id, Direction direction, asio::ip::tcp::socket socket, std::shared_ptr<const AsioOptions> options,
       Owner& owner);

  /// Begins to read.
  void start();
  [[nodiscard]] Sent send(BytesView body);
  /// Sends what is queued, waits for the peer's end of the stream, then is finished.
  void close();
  /// Ends at once; sends what the system takes without waiting.
  void stop();

  [[nodiscard]] LinkId id() const { return id_; }
  [[nodiscard]] Direction direction() const { return direction_; }

 private:
  enum class State : std::uint8_t { open, closing, gone };

  void read();
  void on_read(std::error_code code, std::size_t count);
  void take_frames();
  void flush_later();
  void flush();
  void write();
  void on_written(std::error_code code, std::size_t count);
  void watch();
  void on_timer();
  void end();
  void fail(const Error& why);
  void finish();

  const LinkId id_;
  const Direction direction_;
  asio::ip::tcp::socket socket_;
  const std::shared_ptr<const AsioOptions> options_;
  Owner* owner_;
  State state_ = State::open;

  FrameParser parser_;
  std::uint64_t frames_received_ = 0;
  /// How many frames there were when the last look found one begun.
  std::optional<std::uint64_t> begun_after_;

  /// Frames queued since the last write began, back to back, and those that are being written.
  Bytes queued_;
  std::size_t queued_frames_ = 0;
  Bytes writing_;
  std::size_t writing_frames_ = 0;
  std::size_t written_ = 0;
  bool flush_posted_ = false;
  /// Set by a failed write; what the peer sent before is still read.
  std::error_code write_error_;

  /// While open: looks after frames that do not come to their end. While closing: limits it.
  asio::steady_timer timer_;
};

}  // namespace conclave::transport
