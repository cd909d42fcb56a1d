#include "transport/asio/datagrams.hpp"

#include <utility>

#include <asio/buffer.hpp>
#include <asio/error.hpp>

#include "transport/asio/sockets.hpp"

namespace conclave::transport {
namespace {

/// How long a name's address is trusted, or its absence.
constexpr std::chrono::seconds name_kept{10};
constexpr std::size_t names_max = 1024;
constexpr std::size_t waiting_max = 16;
constexpr std::chrono::milliseconds pause_after_failure{100};

}  // namespace

using asio::ip::udp;

Datagrams::Datagrams(udp::socket socket, Owner& owner)
    : socket_(std::move(socket)), resolver_(socket_.get_executor()), timer_(socket_.get_executor()), owner_(&owner) {}

void Datagrams::receive() {
  socket_.async_receive_from(asio::buffer(buffer_), from_,
                             [self = shared_from_this()](std::error_code code, std::size_t count) {
                               if (self->owner_) self->on_receive(code, count);
                             });
}

void Datagrams::on_receive(std::error_code code, std::size_t count) {
  if (code) {
    timer_.expires_after(pause_after_failure);
    timer_.async_wait([self = shared_from_this()](std::error_code cancelled) {
      if (!cancelled && self->owner_) self->receive();
    });
    return;
  }
  owner_->on_datagram_received(address_of(from_.address(), from_.port()), BytesView(buffer_).first(count));
  if (owner_) receive();
}

void Datagrams::send(const Address& to, Bytes datagram) {
  std::error_code not_literal;
  const auto literal = asio::ip::make_address(to.host, not_literal);
  if (!not_literal) return send_now(literal, to.port, datagram);
  // Names come from peers: a flood of them must not fill the memory.
  if (names_.size() >= names_max && !names_.contains(to.host)) names_.clear();
  auto& name = names_[to.host];
  const bool old = std::chrono::steady_clock::now() - name.asked > name_kept;
  if (name.host) {
    send_now(*name.host, to.port, datagram);
  } else if ((old || name.resolving) && name.waiting.size() < waiting_max) {
    name.waiting.push_back({to.port, std::move(datagram)});
  }
  if (old && !name.resolving) resolve(to.host);
}

void Datagrams::send_now(const asio::ip::address& host, std::uint16_t port, BytesView datagram) {
  const bool via_v6 = socket_.local_endpoint().protocol() == udp::v6();
  udp::endpoint endpoint(host, port);
  if (via_v6 && host.is_v4()) endpoint.address(asio::ip::make_address_v6(asio::ip::v4_mapped, host.to_v4()));
  std::error_code lost;  // like anywhere else on the way
  socket_.send_to(asio::buffer(datagram.data(), datagram.size()), endpoint, 0, lost);
}

void Datagrams::resolve(const std::string& host) {
  auto& name = names_[host];
  name.resolving = true;
  name.asked = std::chrono::steady_clock::now();
  resolver_.async_resolve(
      host, "", [self = shared_from_this(), host](std::error_code, const udp::resolver::results_type& results) {
        const auto found = self->names_.find(host);
        if (!self->owner_ || found == self->names_.end()) return;
        auto& resolved = found->second;
        resolved.resolving = false;
        resolved.host = results.empty() ? std::nullopt : std::optional(results.begin()->endpoint().address());
        for (const auto& [port, datagram] : std::exchange(resolved.waiting, {}))
          if (resolved.host) self->send_now(*resolved.host, port, datagram);
      });
}

void Datagrams::stop() {
  owner_ = nullptr;
  timer_.cancel();
  resolver_.cancel();
  std::error_code ignored;
  socket_.close(ignored);
}

}  // namespace conclave::transport
