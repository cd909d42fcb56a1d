#include "transport/asio/acceptor.hpp"

#include <chrono>
#include <utility>

#include <asio/error.hpp>

#include "transport/asio/sockets.hpp"

namespace conclave::transport {
namespace {

/// A connection that could not be accepted stays in the system's queue, so trying again at once would only spin.
constexpr std::chrono::milliseconds pause_after_failure{100};

}  // namespace

Acceptor::Acceptor(asio::ip::tcp::acceptor socket, Owner& owner)
    : socket_(std::move(socket)), owner_(&owner), timer_(socket_.get_executor()) {}

void Acceptor::accept() {
  socket_.async_accept([self = shared_from_this()](std::error_code code, asio::ip::tcp::socket accepted) {
    if (self->owner_) self->on_accept(code, std::move(accepted));
  });
}

void Acceptor::on_accept(std::error_code code, asio::ip::tcp::socket accepted) {
  if (!code) {
    close_on_exec(accepted.native_handle());
    owner_->on_accepted(std::move(accepted));
    if (owner_) accept();
    return;
  }
  if (code == asio::error::connection_aborted) return accept();  // the peer gave up while it waited
  owner_->on_accept_failed();
  timer_.expires_after(pause_after_failure);
  timer_.async_wait([self = shared_from_this()](std::error_code cancelled) {
    if (!cancelled && self->owner_) self->accept();
  });
}

void Acceptor::stop() {
  owner_ = nullptr;
  timer_.cancel();
  std::error_code ignored;
  socket_.close(ignored);
}

}  // namespace conclave::transport
