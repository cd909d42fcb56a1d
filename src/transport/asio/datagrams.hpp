// Datagrams over one UDP socket. It lives as long as an operation of it is under way.
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <asio/ip/udp.hpp>
#include <asio/steady_timer.hpp>

#include "base/address.hpp"
#include "transport/frame.hpp"

namespace conclave::transport {

class Datagrams : public std::enable_shared_from_this<Datagrams> {
 public:
  /// Hears of datagrams, unchecked, until it calls `stop`.
  class Owner {
   public:
    virtual void on_datagram_received(const Address& from, BytesView datagram) = 0;

   protected:
    ~Owner() = default;
  };

  Datagrams(asio::ip::udp::socket socket, Owner& owner);

  void receive();
  /// Sends now if the host is an IP address or a name that was resolved lately, otherwise when it is; or loses it.
  void send(const Address& to, Bytes datagram);
  void stop();

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Waiting {
    std::uint16_t port = 0;
    Bytes datagram;
  };
  struct Name {
    /// Nothing while it is being resolved, or when it did not resolve.
    std::optional<asio::ip::address> host;
    bool resolving = false;
    Time asked;
    std::vector<Waiting> waiting;
  };

  void on_receive(std::error_code code, std::size_t count);
  void send_now(const asio::ip::address& host, std::uint16_t port, BytesView datagram);
  void resolve(const std::string& host);

  asio::ip::udp::socket socket_;
  asio::ip::udp::resolver resolver_;
  asio::steady_timer timer_;
  Owner* owner_;
  /// One byte more than a datagram may have shows those that have more.
  std::array<std::byte, datagram_bytes_max + 1> buffer_{};
  asio::ip::udp::endpoint from_;
  std::map<std::string, Name> names_;
};

}  // namespace conclave::transport
