#include "transport/asio/dial.hpp"

#include <string>
#include <utility>

#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include "transport/asio/sockets.hpp"

namespace conclave::transport {

using asio::ip::tcp;

Dial::Dial(asio::io_context& loop, Address address, Owner& owner)
    : address_(std::move(address)), owner_(&owner), resolver_(loop), socket_(loop), timer_(loop) {}

void Dial::start(std::chrono::milliseconds timeout) {
  timer_.expires_after(timeout);
  timer_.async_wait([self = shared_from_this()](std::error_code code) {
    if (!code) self->fail(asio::error::timed_out);
  });
  std::error_code not_literal;
  const auto host = asio::ip::make_address(address_.host, not_literal);
  if (not_literal) return resolve();
  endpoints_.emplace_back(host, address_.port);
  // An attempt may fail at once, and the owner is not to hear of it from within its own call.
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->connect_next({}); });
}

void Dial::resolve() {
  resolver_.async_resolve(
      address_.host, std::to_string(address_.port), tcp::resolver::numeric_service,
      [self = shared_from_this()](std::error_code code, const tcp::resolver::results_type& results) {
        for (const auto& result : results) self->endpoints_.push_back(result.endpoint());
        self->connect_next(code);
      });
}

void Dial::connect_next(std::error_code last) {
  if (!owner_) return;
  if (endpoints_.empty()) return fail(last);
  const auto endpoint = endpoints_.front();
  endpoints_.pop_front();
  std::error_code code;
  socket_.close(code);
  socket_.open(endpoint.protocol(), code);
  if (code) return fail(code);
  close_on_exec(socket_.native_handle());
  socket_.async_connect(endpoint, [self = shared_from_this()](std::error_code result) { self->on_connect(result); });
}

void Dial::on_connect(std::error_code code) {
  if (!owner_) return;
  if (!code) {
    // A dial within one machine can meet itself, when the system gives it the very port that it dials and nobody
    // listens there (TCP's simultaneous open).
    std::error_code unknown;
    if (socket_.local_endpoint(unknown) == socket_.remote_endpoint(unknown) && !unknown)
      code = asio::error::connection_refused;
  }
  if (code) return connect_next(code);
  timer_.cancel();
  std::exchange(owner_, nullptr)->on_connected(address_, std::move(socket_));
}

void Dial::fail(std::error_code code) {
  if (auto* owner = owner_) {
    stop();
    owner->on_not_connected(address_, code);
  }
}

void Dial::stop() {
  owner_ = nullptr;
  timer_.cancel();
  resolver_.cancel();
  std::error_code ignored;
  socket_.close(ignored);
}

}  // namespace conclave::transport
