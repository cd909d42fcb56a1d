#include "transport/asio/sockets.hpp"

#include <fcntl.h>
#include <netinet/tcp.h>

#include <algorithm>

#include <asio/error.hpp>
#include <asio/ip/v6_only.hpp>
#include <asio/socket_base.hpp>

namespace conclave::transport {

void close_on_exec(int descriptor) { ::fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

void prepare_link(asio::ip::tcp::socket& socket, std::chrono::milliseconds silence_max) {
  // None of these can fail on a connected socket, and a link without one of them still works.
  std::error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket.non_blocking(true, ignored);
  const int silence = static_cast<int>(silence_max.count());
  const int seconds = std::max(1, silence / 4000);
  const auto set = [&](int level, int name, int value) {
    ::setsockopt(socket.native_handle(), level, name, &value, sizeof value);
  };
  // Unacknowledged data is watched by the first; probes on an idle link make sure that there is something to
  // acknowledge.
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, silence);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, seconds);
  set(IPPROTO_TCP, TCP_KEEPINTVL, seconds);
}

Address address_of(const asio::ip::address& host, std::uint16_t port) {
  if (host.is_v6() && host.to_v6().is_v4_mapped())
    return {asio::ip::make_address_v4(asio::ip::v4_mapped, host.to_v6()).to_string(), port};
  return {host.to_string(), port};
}

std::error_code standard(std::error_code code) {
  return code.category() == asio::system_category() ? std::error_code(code.value(), std::system_category()) : code;
}

DialFailure dial_failure(std::error_code code) {
  if (code == asio::error::connection_refused) return DialFailure::refused;
  if (code == asio::error::timed_out) return DialFailure::timed_out;
  if (code == asio::error::host_unreachable || code == asio::error::network_unreachable ||
      code == asio::error::network_down)
    return DialFailure::unreachable;
  return DialFailure::other;
}

}  // namespace conclave::transport
