// C8: the digest is SHA-256 over the fields that digest.hpp lists, written out by hand here as another language would.
#include <doctest/doctest.h>

#include "machine.hpp"

using namespace conclave;
using namespace conclave::coordination;

namespace {

/// Fields after each other.
class Fields {
 public:
  Fields& u8(std::uint64_t value) { return integer(value, 1); }
  Fields& u32(std::uint64_t value) { return integer(value, 4); }
  Fields& u64(std::uint64_t value) { return integer(value, 8); }
  Fields& text(std::string_view value) {
    u32(value.size());
    for (const char c : value) bytes_.push_back(static_cast<std::byte>(c));
    return *this;
  }
  /// A uuid whose last byte is `last`, or also its first.
  Fields& uuid(std::uint8_t last, std::uint8_t first = 0) {
    return u8(first).u32(0).u32(0).u32(0).u8(0).u8(0).u8(last);
  }
  [[nodiscard]] Sha256 sha() const { return sha256(bytes_); }

 private:
  Fields& integer(std::uint64_t value, int width) {
    for (; width > 0; --width, value >>= 8) bytes_.push_back(static_cast<std::byte>(value & 255));
    return *this;
  }

  Bytes bytes_;
};

std::string hex(const Sha256& digest) {
  std::string text;
  for (const auto byte : digest)
    for (const auto half : {byte >> 4, byte & 15}) text += "0123456789abcdef"[half];
  return text;
}

}  // namespace

TEST_CASE("C8, W5: the digest of an empty state") {
  Fields fields;
  fields.u64(7).u64(0).u64(0).u64(0).u64(0).uuid(0).u32(0).u32(0).u64(0).u32(0).u32(0);
  CHECK(State(7).digest() == fields.sha());
  CHECK(hex(State(7).digest()) == "f31defd74101cccb54b57097ec775d8a1c7ebea77bbf9130185676d58cd2fa42");
}

TEST_CASE("C8, W5: the digest of a state with a bit of everything") {
  State state(2);
  std::vector<Event> events;
  const auto apply = [&](std::uint64_t time, const Command& command) {
    state.apply(state.applied().next(), ClusterTime{time}, command, events);
  };
  OpenSession open{
      .nonce = {}, .owner = member(5), .owner_name = "e", .ttl = std::chrono::seconds(4), .ephemeral = true};
  open.nonce.bytes[0] = 9;
  const SessionId one{2};
  const SessionId two{3};
  state.term_start(Slot{1}, ClusterTime{10}, {.round = 4, .member = member(1)}, events);
  apply(20, open);
  apply(20, OpenSession{.nonce = {}, .owner = member(6), .owner_name = "", .ttl = std::chrono::seconds(5)});
  const std::chrono::milliseconds hold{60};
  const std::chrono::milliseconds short_hold{1};
  const Acquire noted{.resource = lock("a"), .wait = false, .value = to_bytes("v"), .max_hold = hold};
  apply(30, Submission{one, Sequence{1}, {}, noted});
  apply(30, Submission{one, Sequence{2}, {}, Acquire{.resource = election("b")}});
  apply(40, Submission{two, Sequence{1}, {}, Acquire{.resource = election("b"), .priority = 8}});
  apply(50, Submission{two, Sequence{2}, Sequence{2}, Acquire{.resource = lock("c"), .wait = false}});
  apply(60, Submission{one, Sequence{3}, Sequence{2}, Apply{.payload = {}, .guards = {}}});
  apply(90, Submission{two, Sequence{3}, Sequence{3}, Release{lock("c"), Token{std::uint64_t{2} << 48 | 3}}});
  apply(91, Submission{one, Sequence{4}, Sequence{2}, Release{lock("a"), Token{std::uint64_t{2} << 48 | 1}}});
  apply(92, Submission{one, Sequence{5}, Sequence{2}, Acquire{.resource = lock("d"), .max_hold = short_hold}});
  apply(93, Tick{});

  const auto lineage = std::uint64_t{2} << 48;
  Fields fields;
  fields.u64(2).u64(4).u64(12).u64(93).u64(4).uuid(1);
  fields.u32(2);
  fields.u64(2).uuid(0, 9).uuid(5).text("e").u64(4000).u8(1).u64(20).u64(6).u32(4);
  fields.u8(0).u8(1).u64(0).u64(0).text("");  // queued for b
  fields.u8(1);                               // the user's
  fields.u8(0).u8(0).u64(0).u64(0).text("");  // released a
  fields.u8(0).u8(1).u64(0).u64(0).text("");  // queued for d
  fields.u64(3).uuid(0).uuid(6).text("").u64(5000).u8(0).u64(20).u64(4).u32(1);
  fields.u8(0).u8(0).u64(0).u64(0).text("");  // released c
  fields.u32(2);
  fields.u8(0).text("d").u64(1);
  fields.u64(lineage | 4).u64(1).u64(2).u64(5).uuid(5).text("e").u64(11).u64(92).text("").u64(1).u8(1).u8(8).u32(0);
  fields.u8(1).text("b").u64(1);
  fields.u64(lineage | 2).u64(1).u64(2).u64(2).uuid(5).text("e").u64(5).u64(30).text("").u64(0).u8(0).u32(1);
  fields.u8(8).u64(6).u64(3).u64(1).uuid(6).text("").u64(40).text("").u64(0);
  fields.u64(0).u32(2);
  fields.u8(0).text("a").u64(1).u64(10);
  fields.u8(0).text("c").u64(1).u64(9);
  fields.u32(1);
  fields.u64(10).u64(91).u8(0).text("a").u64(lineage | 1).u64(2).u64(1).uuid(5).text("e").u8(8);
  CHECK(state.digest() == fields.sha());
  CHECK(hex(state.digest()) == "f577a4d86e7c0c6600108d6d40144b4b12783e7851d5297ede08d921deac1776");
}

TEST_CASE("C8: what a user's machine returned is left to its own digest, so nodes agree before it is through") {
  Machine machine;
  const auto session = machine.open();
  machine.submit(session, Apply{.payload = Payload(to_bytes("x")), .guards = {}});
  auto ahead = machine.state;
  ahead.user_result(session, Sequence{1}, to_bytes("r"), machine.events);
  CHECK(ahead != machine.state);
  CHECK(ahead.digest() == machine.state.digest());
}
