#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "transport/frame.hpp"

using namespace conclave;
using namespace conclave::transport;

namespace {

constexpr std::size_t limit = std::size_t{1} << 20;

/// `count` bytes that differ from each other and from run to run of the pattern.
Bytes pattern(std::size_t count, unsigned seed = 1) {
  Bytes bytes(count);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::byte>((i + seed) * 31 >> 3);
  return bytes;
}

/// Hands `stream` to the parser in pieces of at most `piece` bytes and collects the bodies until the first error.
struct Reading {
  std::vector<Bytes> bodies;
  std::optional<Error> error;
  std::size_t largest_space = 0;
};
Reading read(FrameParser& parser, BytesView stream, std::size_t piece) {
  Reading reading;
  while (!stream.empty()) {
    const auto space = parser.space();
    REQUIRE(!space.empty());
    reading.largest_space = std::max(reading.largest_space, space.size());
    const auto part = stream.first(std::min({piece, space.size(), stream.size()}));
    std::ranges::copy(part, space.begin());
    parser.filled(part.size());
    stream = stream.subspan(part.size());
    for (;;) {
      auto next = parser.next();
      if (!next) {
        reading.error = next.error();
        return reading;
      }
      if (!*next) break;
      reading.bodies.emplace_back((*next)->begin(), (*next)->end());
    }
  }
  return reading;
}

Bytes stream_of(const std::vector<Bytes>& bodies) {
  Bytes stream;
  for (const auto& body : bodies) append_frame(stream, body);
  return stream;
}

bool mentions(const Error& error, std::string_view part) { return error.detail.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a frame on the wire: length, CRC32C of the body, body, little-endian") {
  Bytes frame;
  append_frame(frame, to_bytes("123456789"));
  CHECK(frame == to_bytes(std::string("\x09\0\0\0\x83\x92\x06\xe3", 8) + "123456789"));
  Bytes datagram;
  append_datagram(datagram, to_bytes("123456789"));
  CHECK(datagram == to_bytes("\x83\x92\x06\xe3"
                             "123456789"));
}

TEST_CASE("frames are found however the stream is cut") {
  const std::vector<Bytes> bodies = {pattern(0),          pattern(1),      pattern(7),      pattern(20'000), pattern(8),
                                     pattern(300'000, 5), pattern(16'376), pattern(16'384), pattern(3)};
  const Bytes stream = stream_of(bodies);
  for (const std::size_t piece :
       {std::size_t{1}, std::size_t{7}, std::size_t{4096}, std::size_t{65'536}, stream.size()}) {
    FrameParser parser(limit);
    const auto reading = read(parser, stream, piece);
    CHECK_FALSE(reading.error);
    CHECK(reading.bodies == bodies);
    CHECK(parser.at_boundary());
  }
}

TEST_CASE("a stream that ends within a frame is not at a boundary") {
  const Bytes stream = stream_of({pattern(10), pattern(10)});
  for (std::size_t cut = 1; cut < stream.size(); ++cut) {
    FrameParser parser(limit);
    const auto reading = read(parser, BytesView(stream).first(cut), cut);
    CHECK_FALSE(reading.error);
    CHECK(parser.at_boundary() == (cut == stream.size() / 2));
  }
}

TEST_CASE("each flipped bit of a frame's checksum and body is noticed") {
  const Bytes good = stream_of({pattern(40)});
  for (std::size_t bit = 4 * 8; bit < good.size() * 8; ++bit) {
    Bytes bad = good;
    bad[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    FrameParser parser(limit);
    const auto reading = read(parser, bad, bad.size());
    REQUIRE(reading.error);
    CHECK(*reading.error == errc::protocol_violation);
    CHECK(mentions(*reading.error, "fails its checksum"));
    CHECK(reading.bodies.empty());
  }
}

TEST_CASE("an over-long frame is refused by its header, one of the limit's length is not") {
  FrameParser parser(limit);
  CHECK(read(parser, stream_of({pattern(limit)}), 65'536).bodies.size() == 1);
  const auto reading = read(parser, to_bytes(std::string("\x01\0\x10\0\0\0\0\0", 8)), 8);
  REQUIRE(reading.error);
  CHECK(*reading.error == errc::protocol_violation);
  CHECK(mentions(*reading.error, "announces 1048577 bytes, and at most 1048576 are accepted"));
}

TEST_CASE("announcing a long frame costs no memory until its bytes arrive") {
  FrameParser parser(limit);
  const Bytes stream = stream_of({pattern(limit)});
  CHECK(read(parser, BytesView(stream).first(8), 8).bodies.empty());
  CHECK(parser.space().size() <= 16'384);
  const auto reading = read(parser, BytesView(stream).subspan(8), 4096);
  CHECK(reading.bodies.size() == 1);
  CHECK(reading.largest_space <= limit / 2 + 4096);
  CHECK(parser.space().size() <= 16'384);  // and gives it back
}

TEST_CASE("a datagram gives back its body, and is refused when short, long or damaged") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, datagram_body_bytes_max}) {
    Bytes datagram;
    append_datagram(datagram, pattern(size));
    const auto body = datagram_body(datagram);
    REQUIRE(body);
    CHECK(std::ranges::equal(*body, pattern(size)));
    for (std::size_t bit = 0; bit < datagram.size() * 8; ++bit) {
      Bytes bad = datagram;
      bad[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
      REQUIRE_FALSE(datagram_body(bad));
      CHECK(mentions(datagram_body(bad).error(), "fails its checksum"));
    }
  }
  CHECK(mentions(datagram_body(pattern(3)).error(), "3 bytes is shorter than its checksum"));
  Bytes datagram;
  append_datagram(datagram, pattern(datagram_body_bytes_max + 1));
  REQUIRE_FALSE(datagram_body(datagram));
  CHECK(datagram_body(datagram).error() == errc::protocol_violation);
  CHECK(mentions(datagram_body(datagram).error(), "more than 1232 bytes"));
}
