// Where a member is reached. An attribute of a member, never its name.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace conclave {

/// A host and a port, for TCP and UDP alike.
struct Address {
  /// A host name or an IP address, an IPv6 one without its brackets.
  std::string host;
  std::uint16_t port{0};

  friend auto operator<=>(const Address&, const Address&) = default;
};

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
