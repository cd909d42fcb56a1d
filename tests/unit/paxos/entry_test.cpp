#include "paxos/entry.hpp"

#include <doctest/doctest.h>

#include "base/hash.hpp"
#include "paxos/message.hpp"

using namespace conclave;
using namespace conclave::paxos;

namespace {

MemberId member(std::uint8_t last) {
  MemberId id;
  id.bytes.back() = last;
  return id;
}

std::size_t cut(const Payload& payload, auto decode) {
  std::size_t read = 0;
  for (std::size_t size = 0; size < payload.size(); ++size)
    if (decode(payload.view().first(size))) ++read;
  auto longer = Bytes(payload.view().begin(), payload.view().end());
  longer.push_back(std::byte{0});
  if (decode(longer)) ++read;
  return read;
}

}  // namespace

TEST_CASE("P1: ballots are ordered by round, then member, and none is below all") {
  CHECK(Ballot{Round(1), member(9)} < Ballot{Round(2), member(1)});
  CHECK(Ballot{Round(2), member(1)} < Ballot{Round(2), member(9)});
  CHECK(Ballot{} < Ballot{Round(1), MemberId{}});
  CHECK(to_string(Ballot{Round(4), member(0x2a)}) == "4.2a");
}

TEST_CASE("P12: a term-start reads back what it wrote, little-endian, and nothing else") {
  const TermStart value{{Round(0x0102), member(7)}};
  const auto payload = encode(value);
  REQUIRE(payload.size() == 24);
  CHECK(payload.view()[0] == std::byte{2});
  CHECK(payload.view()[1] == std::byte{1});
  CHECK(payload.view()[23] == std::byte{7});
  CHECK(decode_term_start(payload.view()) == value);
  CHECK(cut(payload, decode_term_start) == 0);
  CHECK_FALSE(decode_term_start(Bytes(24)));
}

TEST_CASE("P6: a configuration reads back what it wrote, and a malformed one is refused") {
  const Configuration value{
      ConfigurationId(3), ConfigurationId(2), {{member(1), Incarnation(1)}, {member(2), Incarnation(4)}}};
  const auto payload = encode(value);
  REQUIRE(payload.size() == 8 + 8 + 2 + 2 * 20);
  CHECK(decode_configuration(payload.view()) == value);
  CHECK(cut(payload, decode_configuration) == 0);

  auto repeated = value;
  repeated.voters[1].member = member(1);
  CHECK_FALSE(decode_configuration(encode(repeated).view()));
  auto unsorted = value;
  std::swap(unsorted.voters[0], unsorted.voters[1]);
  CHECK_FALSE(decode_configuration(encode(unsorted).view()));
  CHECK_FALSE(decode_configuration(encode(Configuration{ConfigurationId(3), ConfigurationId(2), {}}).view()));
}

TEST_CASE("P6: configuration-done names its change") {
  const ConfigurationDone value{ConfigurationId(77)};
  CHECK(decode_configuration_done(encode(value).view()) == value);
  CHECK(cut(encode(value), decode_configuration_done) == 0);
}

TEST_CASE("a message's hash sees its fields") {
  const Message chosen = Chosen{{Round(1), member(1)}, Slot(3)};
  CHECK(state_hash(chosen) == state_hash(Message(Chosen{{Round(1), member(1)}, Slot(3)})));
  CHECK(state_hash(chosen) != state_hash(Message(Chosen{{Round(1), member(1)}, Slot(4)})));
}
