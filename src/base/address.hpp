// Where a member is reached. An attribute of a member, never its name.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <conclave/result.hpp>

namespace conclave {

/// The longest host, in bytes: gossip must fit many of them into one datagram.
inline constexpr std::size_t host_bytes_max = 64;

/// A host and a port, for TCP and UDP alike. Compared as text: a name and the IP address behind it differ.
struct Address {
  /// A host name or an IP address, an IPv6 one without its brackets.
  std::string host;
  /// 0 only to listen on: the system picks a free one.
  std::uint16_t port{0};

  friend auto operator<=>(const Address&, const Address&) = default;

  /// Reads `host:port`, an IPv6 address in brackets. The error, `errc::address_unusable`, says what to change. Whether a
  /// name resolves is for the transport to find out.
  [[nodiscard]] static Result<Address> parse(std::string_view text);

  /// True for 0.0.0.0 and ::, however they are written: good to listen on, no place where others could reach anybody.
  [[nodiscard]] bool is_wildcard() const { return !host.empty() && host.find_first_not_of("0:.") == std::string::npos; }
};

/// Refuses what nobody could dial, a wildcard or port 0, and says what to advertise instead.
[[nodiscard]] Result<void> check_reachable(const Address& address);

/// `host:port`, an IPv6 address in brackets.
[[nodiscard]] inline std::string to_string(const Address& address) {
  const bool brackets = address.host.find(':') != std::string::npos;
  return (brackets ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

template <class H>
void hash_append(H& h, const Address& address) {
  h(address.host, address.port);
}

}  // namespace conclave
