// Accepts connections, one after the other, and does not give up when descriptors or memory run short. It lives as long
// as an operation of it is under way.
#pragma once

#include <memory>
#include <system_error>

#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>

namespace conclave::transport {

class Acceptor : public std::enable_shared_from_this<Acceptor> {
 public:
  /// Hears of connections until it calls `stop`.
  class Owner {
   public:
    virtual void on_accepted(asio::ip::tcp::socket socket) = 0;
    virtual void on_accept_failed() = 0;

   protected:
    ~Owner() = default;
  };

  Acceptor(asio::ip::tcp::acceptor socket, Owner& owner);

  void accept();
  void stop();

 private:
  void on_accept(std::error_code code, asio::ip::tcp::socket accepted);

  asio::ip::tcp::acceptor socket_;
  Owner* owner_;
  asio::steady_timer timer_;
};

}  // namespace conclave::transport
