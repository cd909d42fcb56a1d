// Bytes that no correct peer sends, to the ports of a cluster that works meanwhile: refused, told, and nothing is lost.
#include <doctest/doctest.h>

#include <random>

#include <conclave/version.hpp>

#include "process/hostile/wire_client.hpp"
#include "process/hostile/working_cluster.hpp"
#include "transport/frame.hpp"

using namespace conclave;
using namespace conclave::process;

namespace {

Bytes noise(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  Bytes bytes(count);
  for (auto& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

/// Answers a member's Hello with its own words, as another member of the same cluster would.
engine::Hello like(const engine::Hello& greeting) {
  auto hello = greeting;
  hello.member = MemberId{{.bytes = {1, 2, 3}}};
  hello.name = "stranger";
  hello.address = *Address::parse("127.0.0.1:9");
  hello.ephemeral = true;
  hello.has_vote = false;
  hello.store_nonces = {77};
  return hello;
}

engine::Header header_of(const engine::Hello& hello) {
  return {.version = protocol_version_max,
          .cluster = hello.cluster,
          .lineage = hello.lineage,
          .sender = hello.member,
          .store_nonce = hello.store_nonces.front()};
}

engine::Frame saying(const engine::Hello& hello) {
  engine::Frame frame{.header = header_of(hello), .messages = {}};
  frame.messages.emplace_back(hello);
  return frame;
}

bool is(const std::optional<engine::Refusal>& refusal, errc code, const std::string& detail) {
  return refusal && refusal->code == static_cast<std::uint16_t>(code) && refusal->detail.find(detail) != std::string::npos;
}

}  // namespace

TEST_CASE("garbage on the TCP port: the link is closed with a reason in the log, and the cluster works on") {
  WorkingCluster cluster;
  const auto greeting = WireClient(cluster.port(0)).greeting();
  const auto good = frame(saying(like(greeting)));
  auto flipped = good;
  flipped.back() ^= std::byte{1};
  const engine::Frame no_hello{.header = header_of(like(greeting)), .messages = {engine::LockIn{}}};
  struct Case {
    Bytes bytes;
    /// The stream ends after them.
    bool ends;
    std::string reason;
  };
  const std::vector<Case> cases{
      {noise(std::size_t{1} << 20, 1), false, "and at most 16777216 are accepted"},
      {to_bytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), false, "a frame announces 542393671 bytes"},
      {Bytes(8, std::byte{0xff}), false, "a frame announces 4294967295 bytes"},
      {Bytes(good.begin(), good.end() - 1), true, "the peer's stream ends within a frame"},
      {flipped, false, "a frame of " + std::to_string(good.size() - 8) + " bytes fails its checksum"},
      {frame(noise(1000, 2)), false, "frame: "},
      {frame(no_hello), false, "no Hello came over it"},
  };
  for (const auto& [bytes, ends, reason] : cases) {
    CAPTURE(reason);
    CHECK_FALSE(cluster.has_logged(reason));
    for (std::uint16_t at = 0; at < 3; ++at) {
      WireClient client(cluster.port(at));
      client.write(bytes);
      if (ends) client.shut();
      CHECK(client.is_closed());
    }
    CHECK(eventually([&] { return cluster.has_logged(reason); }));
  }
  CHECK(cluster.still_works());
}

TEST_CASE("garbage on the UDP port is dropped, and the cluster works on") {
  WorkingCluster cluster;
  for (std::uint16_t at = 0; at < 3; ++at)
    for (unsigned turn = 0; turn < 200; ++turn) {
      const auto body = noise(turn * 7 % 1400, turn);
      send_datagram(cluster.port(at), body);
      Bytes sound;
      if (body.size() <= transport::datagram_body_bytes_max) transport::append_datagram(sound, body);
      send_datagram(cluster.port(at), sound);
    }
  CHECK(cluster.still_works());
  const auto status = cluster.node(0).status();
  REQUIRE(status);
  CHECK(status->members.size() == 3);
  for (const auto& member : status->members) CHECK(member.health == Health::alive);
}

TEST_CASE("I4: a Hello of another cluster is refused with both names, and the cluster works on") {
  WorkingCluster cluster;
  WireClient named(cluster.port(0));
  auto hello = like(named.greeting());
  hello.cluster_name = "other";
  named.write(frame(saying(hello)));
  CHECK(is(named.refusal(), errc::wrong_cluster, "'stranger' at 127.0.0.1:9 belongs to the cluster called 'other', 'a' to"));
  CHECK(named.is_closed());

  WireClient founded(cluster.port(1));
  hello = like(founded.greeting());
  hello.cluster.bytes[0] ^= 1;
  founded.write(frame(saying(hello)));
  CHECK(is(founded.refusal(), errc::wrong_cluster, "although both are called 'conclave'"));
  CHECK(founded.is_closed());
  CHECK(cluster.has_logged("belongs to the cluster called 'other'"));
  CHECK(cluster.still_works());
}

TEST_CASE("I2: a frame of another cluster over a link of this one is refused, and the cluster works on") {
  WorkingCluster cluster;
  WireClient client(cluster.port(2));
  const auto hello = like(client.greeting());
  client.write(frame(saying(hello)));
  engine::Frame astray{.header = header_of(hello), .messages = {engine::Goodbye{}}};
  astray.header.cluster.bytes[0] ^= 1;
  client.write(frame(astray));
  CHECK(is(client.refusal(), errc::wrong_cluster, "a frame of cluster"));
  CHECK(client.is_closed());
  CHECK(cluster.still_works());
}

TEST_CASE("I4: an unknown protocol version is refused with both ranges, and the cluster works on") {
  WorkingCluster cluster;
  WireClient newer(cluster.port(0));
  auto hello = like(newer.greeting());
  hello.version_min = 40;
  hello.version_max = 41;
  newer.write(frame(saying(hello)));
  CHECK(is(newer.refusal(), errc::incompatible, "speaks protocol versions 40 to 41, 'a' speaks 1 to 1; upgrade the older one"));
  CHECK(newer.is_closed());

  WireClient drifting(cluster.port(1));
  hello = like(drifting.greeting());
  drifting.write(frame(saying(hello)));
  engine::Frame odd{.header = header_of(hello), .messages = {engine::Goodbye{}}};
  odd.header.version = 99;
  drifting.write(frame(odd));
  CHECK(is(drifting.refusal(), errc::incompatible, "a frame of protocol version 99 came"));
  CHECK(drifting.is_closed());
  CHECK(cluster.still_works());
}
