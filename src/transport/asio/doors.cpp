#include "transport/asio/doors.hpp"

#include <string>

#include <asio/error.hpp>
#include <asio/ip/v6_only.hpp>
#include <asio/socket_base.hpp>

#include "transport/asio/sockets.hpp"

namespace conclave::transport {
namespace {

using asio::ip::tcp;
using asio::ip::udp;

Error unusable(const Address& listen, std::error_code code) {
  const std::string where = "cannot listen on " + to_string(listen);
  if (code == asio::error::address_in_use)
    return {errc::address_in_use, where +
                                      ": another process, or another node of this one, listens there; stop it, or "
                                      "choose another port"};
  if (standard(code) == std::errc::address_not_available)
    return {errc::address_unusable, where +
                                        ": it is not an address of this machine; listen on one of its own, or on "
                                        "0.0.0.0 for all"};
  if (code == asio::error::access_denied)
    return {errc::address_unusable, where + ": this user may not use that port; choose one above 1023"};
  return {errc::address_unusable, where + ": " + code.message()};
}

/// Opens and binds one socket; ::'s socket hears IPv4, too.
template <class Socket>
std::error_code bind(Socket& socket, const typename Socket::endpoint_type& endpoint) {
  std::error_code code;
  socket.open(endpoint.protocol(), code);
  if (code) return code;
  close_on_exec(socket.native_handle());
  if (endpoint.address().is_v6()) socket.set_option(asio::ip::v6_only(false), code);
  if (code) return code;
  // A port of a former life of this process, still in TIME_WAIT, is no reason to refuse.
  if constexpr (std::is_same_v<Socket, tcp::acceptor>) socket.set_option(tcp::acceptor::reuse_address(true), code);
  if (code) return code;
  socket.bind(endpoint, code);
  return code;
}

std::error_code open(Doors& doors, const asio::ip::address& host, std::uint16_t port) {
  if (const auto code = bind(doors.stream, {host, port})) return code;
  std::error_code code;
  doors.stream.listen(tcp::acceptor::max_listen_connections, code);
  if (code) return code;
  doors.address.port = doors.stream.local_endpoint(code).port();
  if (code) return code;
  if ((code = bind(doors.datagram, {host, doors.address.port}))) return code;
  doors.datagram.non_blocking(true, code);
  return code;
}

}  // namespace

Result<Doors> open_doors(asio::io_context& loop, const Address& listen) {
  std::error_code code;
  const auto resolved =
      tcp::resolver(loop).resolve(listen.host, std::to_string(listen.port), tcp::resolver::numeric_service, code);
  if (code) return unusable(listen, code);
  // The port that the system chose for TCP may be taken for UDP: choose again.
  for (int attempts = listen.port == 0 ? 16 : 1; attempts > 0; --attempts) {
    Doors doors{tcp::acceptor(loop), udp::socket(loop), listen};
    code = open(doors, resolved.begin()->endpoint().address(), listen.port);
    if (!code) return doors;
    if (code != asio::error::address_in_use) break;
  }
  return unusable(listen, code);
}

}  // namespace conclave::transport
