// G9: gossip counts with upper bounds of what is encoded here. Nothing it sends is larger than it thinks.
#include <doctest/doctest.h>

#include "gossip/datagram.hpp"
#include "unit/wire/samples.hpp"
#include "wire/datagram.hpp"
#include "wire/limits.hpp"

using namespace conclave;

namespace {

constexpr std::size_t checksum_bytes = 4;
/// Room that gossip leaves for a seal that is not there yet.
constexpr std::size_t seal_bytes = 64;

gossip::Rumour rumour(std::size_t name_bytes, std::size_t host_bytes) {
  return {.member = MemberId{Uuid{{1}}},
          .name = std::string(name_bytes, 'n'),
          .address = {.host = std::string(host_bytes, 'h'), .port = 65535},
          .age = {},
          .accuser = {}};
}

// As many rumours of one size as gossip lets ride with `body`.
gossip::Message filled(const gossip::Body& body, const gossip::Rumour& each) {
  gossip::Message message{.body = body, .rumours = {}};
  for (auto room = gossip::room_for_rumours(body); room >= gossip::rumour_bytes(each);
       room -= gossip::rumour_bytes(each))
    message.rumours.push_back(each);
  return message;
}

}  // namespace

TEST_CASE("G9: the limits of gossip and wire are the same") {
  CHECK(gossip::datagram_bytes_max == wire::datagram_bytes_max + checksum_bytes);
  CHECK(gossip::is_well_formed(rumour(member_name_bytes_max, wire::rumour_host_bytes_max)));
  CHECK_FALSE(gossip::is_well_formed(rumour(member_name_bytes_max, wire::rumour_host_bytes_max + 1)));
  CHECK(gossip::rumour_bytes(rumour(member_name_bytes_max, wire::rumour_host_bytes_max)) <
        gossip::room_for_rumours(gossip::Tell{}));
}

TEST_CASE("G9: no datagram of gossip is larger than 1,232 bytes, nor than gossip counts with") {
  std::size_t largest = 0;
  for (auto& [name, sample] : test::datagrams(test::full_seed)) {
    auto body = sample.message.body;
    if (auto* request = std::get_if<gossip::PingRequest>(&body))
      request->address.host.assign(wire::rumour_host_bytes_max, 'h');
    for (std::size_t name_bytes = 1; name_bytes <= member_name_bytes_max; ++name_bytes)
      for (const std::size_t host_bytes :
           {std::size_t{1}, std::size_t{7}, std::size_t{8}, wire::rumour_host_bytes_max}) {
        CAPTURE(name);
        CAPTURE(name_bytes);
        CAPTURE(host_bytes);
        const engine::Datagram datagram{.header = sample.header,
                                        .cluster_name = std::string(cluster_name_bytes_max, 'c'),
                                        .message = filled(body, rumour(name_bytes, host_bytes))};
        const auto bytes = wire::encode(datagram).size() + checksum_bytes;
        CHECK(bytes + seal_bytes <= gossip::datagram_bytes(datagram.message));
        CHECK(wire::decode_datagram(wire::encode(datagram)) == Result(datagram));
        largest = std::max(largest, bytes);
      }
  }
  CHECK(largest + seal_bytes <= gossip::datagram_bytes_max);
  // The bound is not so loose that it wastes a datagram.
  CHECK(largest > 1000);
}
