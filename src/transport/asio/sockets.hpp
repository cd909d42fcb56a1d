// What every socket here needs, and what Asio's names are in ours.
#pragma once

#include <chrono>
#include <system_error>

#include <asio/ip/tcp.hpp>
#include <asio/ip/udp.hpp>

#include "base/address.hpp"
#include "transport/transport.hpp"

namespace conclave::transport {

/// A program that this one starts must not inherit the socket: it would keep the port and the peers' links open.
void close_on_exec(int descriptor);

/// For a socket that has just connected: no Nagle delay, never blocking, and the system's own watch over the other end.
void prepare_link(asio::ip::tcp::socket& socket, std::chrono::milliseconds silence_max);

/// An IPv4 address that arrived over IPv6 is written as IPv4.
[[nodiscard]] Address address_of(const asio::ip::address& host, std::uint16_t port);

/// Asio has a category of its own for errors of the system, which knows not all of them; this is the standard's.
[[nodiscard]] std::error_code standard(std::error_code code);

[[nodiscard]] DialFailure dial_failure(std::error_code code);

}  // namespace conclave::transport
