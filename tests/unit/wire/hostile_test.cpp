// Whatever bytes arrive, the answer is a clear error or a value that is as good as any.
#include <doctest/doctest.h>

#include <span>

#include "unit/wire/bodies.hpp"
#include "unit/wire/raw_segment.hpp"
#include "unit/wire/samples.hpp"
#include "wire/datagram.hpp"
#include "wire/frame.hpp"
#include "wire/limits.hpp"
#include "wire/record.hpp"

using namespace conclave;
using test::Element;
using test::list_pointer;
using test::struct_pointer;
using test::Words;

namespace {

bool mentions(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// Reads mangled bytes of `body`. A value that comes out must itself survive a round trip; an error must say what it is of.
bool holds(const test::Body& body, BytesView mangled) {
  const auto first = body.again(mangled);
  if (!first) return !first.error().detail.empty();
  const auto second = body.again(*first);
  // Pointers that share a target take more room when written apart: too much, perhaps, for a datagram.
  if (!second) return body.name.starts_with("datagram.") && first->size() > wire::datagram_bytes_max;
  return *second == *first;
}

engine::Frame frame_of(engine::Message message) { return {.header = {}, .messages = {std::move(message)}}; }

std::string error_of(const engine::Message& message) {
  const auto decoded = wire::decode_frame(wire::encode(frame_of(message)));
  return decoded ? "accepted" : decoded.error().message();
}

std::string error_of(const Words& words) {
  const auto decoded = wire::decode_frame(test::to_body(words));
  return decoded ? "accepted" : decoded.error().message();
}

}  // namespace

TEST_CASE("W2: a truncated body is refused or read as far as it makes sense, at every length") {
  for (const auto& body : test::bodies(test::full_seed))
    for (std::size_t size = 0; size < body.bytes.size(); ++size) {
      CAPTURE(body.name);
      CAPTURE(size);
      const auto part = BytesView(body.bytes).first(size);
      CHECK(holds(body, part));
      if (size % 8 != 0) CHECK_FALSE(body.again(part));
    }
}

TEST_CASE("W2: a single flipped bit is refused or gives a value, never more") {
  for (const auto& body : test::bodies(test::full_seed))
    for (std::size_t bit = 0; bit < body.bytes.size() * 8; ++bit) {
      auto flipped = body.bytes;
      flipped[bit / 8] ^= std::byte(1u << bit % 8);
      if (!holds(body, flipped)) {
        CAPTURE(body.name);
        CAPTURE(bit);
        FAIL_CHECK("a flipped bit");
      }
    }
}

TEST_CASE("W2: bytes without a root are refused") {
  CHECK(mentions(error_of(Words{}), "empty"));
  CHECK(mentions(error_of(Words{0}), "root"));
  CHECK(mentions(wire::decode_frame(Bytes(7)).error().message(), "whole number of words"));
  // A list, a far pointer into a second segment, a far pointer to itself, a capability.
  CHECK(error_of(Words{list_pointer(0, Element::byte, 8), 0}) != "accepted");
  CHECK(error_of(Words{std::uint64_t{1} << 32 | 2}) != "accepted");
  CHECK(error_of(Words{2}) != "accepted");
  CHECK(error_of(Words{3}) != "accepted");
}

TEST_CASE("W2: a pointer past the end is refused") {
  CHECK(error_of(Words{struct_pointer(0, 0, 2)}) != "accepted");
  CHECK(error_of(Words{struct_pointer(1 << 28, 0, 2), 0, 0}) != "accepted");
  CHECK(error_of(Words{struct_pointer(-3, 0, 2), 0, 0}) != "accepted");
  CHECK(error_of(Words{struct_pointer(0, 0, 2), 0, list_pointer(0, Element::composite, 100), 0}) != "accepted");
}

TEST_CASE("W2: a list of elements without size cannot make much of little") {
  // 2^29 - 1 messages that take no words at all.
  const std::uint64_t many = (1u << 29) - 1;
  const Words bomb{struct_pointer(0, 0, 2), 0, list_pointer(0, Element::composite, 0),
                   struct_pointer(static_cast<std::int32_t>(many), 0, 0)};
  CHECK(error_of(bomb) != "accepted");
  CHECK(error_of(Words{struct_pointer(0, 0, 2), 0, list_pointer(0, Element::nothing, many)}) != "accepted");
}

TEST_CASE("W2: pointers that share a target cannot make much of little") {
  // 4,000 commands, each the same 64 KiB.
  const std::size_t commands = 4000, blob_words = 8192;
  Words words{struct_pointer(0, 0, 2),
              0,
              list_pointer(0, Element::composite, 2),
              struct_pointer(1 << 0, 1, 1),
              6 /* forward */,
              struct_pointer(0, 0, 1),
              list_pointer(0, Element::pointer, commands)};
  for (std::size_t i = 0; i < commands; ++i)
    words.push_back(list_pointer(static_cast<std::int32_t>(commands - i - 1), Element::byte, blob_words * 8));
  words.resize(words.size() + blob_words, 0x1111111111111111);
  CHECK(mentions(error_of(words), "frame: "));
}

TEST_CASE("W2: a pointer to itself ends") {
  // The root's messages are the root's own words, and the header is the root itself.
  CHECK(holds(test::bodies(test::full_seed).front(), test::to_body({struct_pointer(-1, 0, 1)})));
  CHECK(holds(test::bodies(test::full_seed).front(), test::to_body({struct_pointer(0, 0, 2), struct_pointer(-1, 0, 2),
                                                                    list_pointer(-2, Element::composite, 2)})));
}

TEST_CASE("W2: what exceeds a cap is refused by name") {
  const auto long_text = [](std::size_t most) { return std::string(most + 1, 'x'); };
  engine::Hello hello;
  CHECK(error_of(hello) == "accepted");
  const auto refused_hello = [&](auto change, std::string_view field) {
    auto changed = hello;
    change(changed);
    CHECK(mentions(error_of(changed), field));
  };
  refused_hello([&](auto& h) { h.name = long_text(member_name_bytes_max); }, "Hello.name has 65 bytes, at most 64");
  refused_hello([&](auto& h) { h.cluster_name = long_text(cluster_name_bytes_max); }, "Hello.clusterName");
  refused_hello([&](auto& h) { h.state_machine = long_text(state_machine_name_bytes_max); }, "Hello.stateMachine");
  refused_hello([&](auto& h) { h.address = Address{long_text(wire::address_bytes_max), 1}; }, "Address.host");
  refused_hello([&](auto& h) { h.store_nonces.resize(wire::store_nonces_max + 1); }, "Hello.storeNonces");
  refused_hello([&](auto& h) { h.founders.resize(wire::voters_max + 1); }, "Hello.founders");

  CHECK(mentions(error_of(engine::LockIn{{}, std::vector<engine::Founder>(wire::voters_max + 1)}), "LockIn.founders"));
  CHECK(mentions(error_of(engine::Commit{{}, std::vector<engine::Founder>(wire::voters_max + 1)}), "Commit.founders"));
  CHECK(mentions(error_of(engine::Forward{std::vector<Payload>(wire::commands_max + 1)}), "Forward.commands"));
  const Payload large(Bytes(wire::entry_payload_bytes_max + 1));
  CHECK(mentions(error_of(engine::Forward{{large}}), "forwarded command"));
  CHECK(mentions(error_of(engine::Renew{std::vector<engine::Renew::Item>(wire::renewals_max + 1)}), "Renew.items"));
  engine::RenewAck::Item ending{{}, 0, std::vector<Token>(wire::endings_max + 1)};
  CHECK(mentions(error_of(engine::RenewAck{{ending}}), "RenewAck.ending"));
  engine::ImagePart part;
  part.bytes = Payload(Bytes(wire::image_part_bytes_max + 1));
  CHECK(mentions(error_of(part), "ImagePart.bytes"));

  const paxos::Entry entry{.kind = paxos::EntryKind::command, .stamp = {}, .payload = large};
  CHECK(mentions(error_of(paxos::Message(paxos::Accept{{}, {}, {entry}, {}})), "Entry.payload"));
  const std::vector<paxos::Entry> entries(wire::entries_max + 1);
  CHECK(mentions(error_of(paxos::Message(paxos::Accept{{}, {}, entries, {}})), "Accept.entries"));
  CHECK(mentions(error_of(paxos::Message(paxos::Learn{{}, entries, {}})), "Learn.entries"));
  paxos::Promise promise;
  promise.reported.resize(wire::entries_max + 1);
  CHECK(mentions(error_of(paxos::Message(promise)), "Promise.reported"));
}

TEST_CASE("W1: a frame or a datagram over its size is refused unread") {
  CHECK(mentions(wire::decode_frame(Bytes(wire::frame_bytes_max + 8)).error().message(), "the body has"));
  CHECK(mentions(wire::decode_datagram(Bytes(wire::datagram_bytes_max + 8)).error().message(), "the body has"));
  engine::Frame frame;
  frame.messages.resize(wire::messages_max + 1, engine::Goodbye{});
  CHECK(mentions(wire::decode_frame(wire::encode(frame)).error().message(), "Frame.messages"));
}

TEST_CASE("W2: a text that is no UTF-8, or has a NUL inside, is refused") {
  using namespace std::string_literals;
  // A lone continuation, a cut sequence, overlong forms, a surrogate, above U+10FFFF, and bytes that never occur.
  const auto named = [](const std::string& name) {
    engine::Hello hello;
    hello.name = name;
    return error_of(hello);
  };
  for (const auto& bad :
       {"a\x80"s, "\xe2\x82"s, "\xc0\x80"s, "\xe0\x80\xaf"s, "\xed\xa0\x80"s, "\xf4\x90\x80\x80"s, "\xff"s}) {
    CAPTURE(bad);
    CHECK(mentions(named(bad), "Hello.name is no UTF-8"));
  }
  CHECK(mentions(named("a\0b"s), "Hello.name is no UTF-8, or has a NUL inside"));
  CHECK(mentions(named("\0"s), "Hello.name is no UTF-8, or has a NUL inside"));
  CHECK(named("a\u00f6\u20ac\U0001d11e") == "accepted");
}

TEST_CASE("W2: a sentence is cut and cleaned before it leaves, so that it never costs its message") {
  const auto arrives_as = [](const std::string& detail) {
    const auto decoded = wire::decode_frame(wire::encode(frame_of(engine::Refusal{1, detail})));
    return decoded ? std::get<engine::Refusal>(decoded->messages[0]).detail : decoded.error().message();
  };
  CHECK(arrives_as("cannot open \xff\xfe/\u00f6") == "cannot open ?\?/?\?");
  CHECK(arrives_as(std::string(2000, 'x')) == std::string(wire::detail_bytes_max, 'x'));
  CHECK(arrives_as(std::string(wire::detail_bytes_max - 1, 'x') + "\u20ac") ==
        std::string(wire::detail_bytes_max - 1, 'x'));
  CHECK(arrives_as(std::string(wire::detail_bytes_max - 3, 'x') + "\u20ac") ==
        std::string(wire::detail_bytes_max - 3, 'x') + "\u20ac");
}

TEST_CASE("W2: a status tells what comes first of more than it may hold") {
  engine::StatusReply reply;
  reply.status.members.resize(wire::status_members_max + 1);
  reply.status.locks.resize(wire::status_resources_max + 1);
  reply.status.elections.resize(wire::status_resources_max + 1);
  const auto decoded = wire::decode_frame(wire::encode(frame_of(reply)));
  REQUIRE(decoded);
  reply.status.members.pop_back();
  reply.status.locks.pop_back();
  reply.status.elections.pop_back();
  CHECK(std::get<engine::StatusReply>(decoded->messages[0]) == reply);
}

TEST_CASE("P6: a configuration of no, unsorted or repeated voters is refused") {
  const auto voter = [](std::uint8_t id) { return paxos::Voter{MemberId{Uuid{{id}}}, paxos::Incarnation(1)}; };
  const auto refused = [](std::vector<paxos::Voter> voters) {
    paxos::Refused message;
    message.newer.emplace().configuration.voters = std::move(voters);
    return error_of(paxos::Message(message));
  };
  CHECK(refused({voter(1), voter(2)}) == "accepted");
  CHECK(mentions(refused({}), "Configuration.voters"));
  CHECK(mentions(refused({voter(2), voter(1)}), "Configuration.voters"));
  CHECK(mentions(refused({voter(1), voter(1)}), "Configuration.voters"));
  std::vector<paxos::Voter> many;
  for (unsigned i = 0; i <= wire::voters_max; ++i) many.push_back(voter(static_cast<std::uint8_t>(i)));
  CHECK(mentions(refused(many), "Configuration.voters has 65"));
}

TEST_CASE("P9: a record under another's key or slot is damaged") {
  const auto all = test::records(1);
  for (const auto& held : all)
    for (const auto& asked : all) {
      const auto decoded = wire::decode_record(wire::record_key(asked.value), wire::encode(held.value));
      const bool fits = held.name == asked.name && held.name != "accepted";
      CAPTURE(held.name);
      CAPTURE(asked.name);
      CHECK(decoded.has_value() == fits);
      if (!fits) CHECK(decoded.error() == errc::data_damaged);
    }
  const engine::AcceptedRecord accepted{.slot = Slot(7), .ballot = {}, .entry = {}};
  CHECK(wire::decode_accepted(Slot(7), wire::encode(accepted)));
  CHECK(wire::decode_accepted(Slot(8), wire::encode(accepted)).error() == errc::data_damaged);
  CHECK(wire::decode_accepted(Slot(7), wire::encode(all.front().value)).error() == errc::data_damaged);
}
