#include "gossip/datagram.hpp"

#include <limits>
#include <string>

#include <conclave/config.hpp>

namespace conclave::gossip {
namespace {

constexpr std::size_t rumour_fixed_bytes = 24 + 2 * 16 + 2 * 8 + 8;
constexpr std::size_t envelope_bytes = 256;
constexpr std::size_t seal_bytes = 64;
/// The greatest body but PingRequest: 16 of numbers, a pointer, an id, 8 to grow.
constexpr std::size_t body_bytes = 48;

std::size_t text_bytes(const std::string& text) { return (text.size() / 8 + 1) * 8; }

std::size_t bytes_of(const Body& body) {
  const auto* request = std::get_if<PingRequest>(&body);
  return body_bytes + (request ? 24 + text_bytes(request->address.host) : 0);
}

}  // namespace

std::size_t rumour_bytes(const Rumour& rumour) {
  return rumour_fixed_bytes + text_bytes(rumour.name) + text_bytes(rumour.address.host);
}

std::size_t room_for_rumours(const Body& body) {
  return datagram_bytes_max - envelope_bytes - seal_bytes - bytes_of(body);
}

std::size_t datagram_bytes(const Message& message) {
  std::size_t bytes = envelope_bytes + seal_bytes + bytes_of(message.body);
  for (const Rumour& rumour : message.rumours) bytes += rumour_bytes(rumour);
  return bytes;
}

bool is_well_formed(const Rumour& rumour) {
  // Half the range is out of bounds, so that a lie about the incarnation leaves room to refute it.
  constexpr std::uint64_t incarnation_max = std::numeric_limits<std::uint64_t>::max() / 2;
  const Address& address = rumour.address;
  const bool dialable = !address.host.empty() && address.host.size() <= host_bytes_max && check_reachable(address);
  return !rumour.member.is_nil() && !rumour.name.empty() && rumour.name.size() <= member_name_bytes_max && dialable &&
         rumour.age.incarnation.value <= incarnation_max && rumour.state <= State::left &&
         rumour.evidence <= Evidence::refused;
}

}  // namespace conclave::gossip
