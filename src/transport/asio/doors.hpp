// Where a node is reached: a listening TCP socket and a UDP socket on one port.
#pragma once

#include <conclave/result.hpp>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/udp.hpp>

#include "base/address.hpp"

namespace conclave::transport {

struct Doors {
  asio::ip::tcp::acceptor stream;
  asio::ip::udp::socket datagram;
  /// As it was asked for, with the port that was given.
  Address address;
};

/// Errors: `errc::address_in_use`, `errc::address_unusable`.
[[nodiscard]] Result<Doors> open_doors(asio::io_context& loop, const Address& listen);

}  // namespace conclave::transport
