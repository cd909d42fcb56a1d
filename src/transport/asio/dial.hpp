// One attempt to connect: resolves a name, tries its addresses in turn, gives up after a while. It lives as long as an
// operation of it is under way.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <system_error>

#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>

#include "base/address.hpp"

namespace conclave::transport {

class Dial : public std::enable_shared_from_this<Dial> {
 public:
  /// Hears the outcome once, unless it calls `stop` before.
  class Owner {
   public:
    virtual void on_connected(const Address& address, asio::ip::tcp::socket socket) = 0;
    virtual void on_not_connected(const Address& address, std::error_code code) = 0;

   protected:
    ~Owner() = default;
  };

  Dial(asio::io_context& loop, Address address, Owner& owner);

  void start(std::chrono::milliseconds timeout);
  void stop();

 private:
  void resolve();
  void connect_next(std::error_code last);
  void on_connect(std::error_code code);
  void fail(std::error_code code);

  const Address address_;
  Owner* owner_;
  asio::ip::tcp::resolver resolver_;
  asio::ip::tcp::socket socket_;
  asio::steady_timer timer_;
  std::deque<asio::ip::tcp::endpoint> endpoints_;
};

}  // namespace conclave::transport
