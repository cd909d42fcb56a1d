// A newer version's fields, arms and values: what is not known is left out, and nothing else is lost.
#include <doctest/doctest.h>

#include "unit/wire/bodies.hpp"
#include "unit/wire/raw_segment.hpp"
#include "unit/wire/samples.hpp"
#include "wire/command.hpp"
#include "wire/datagram.hpp"
#include "wire/frame.hpp"
#include "wire/record.hpp"

using namespace conclave;

namespace {

// Where two encodings differ: a field's place, found without knowing the layout.
std::vector<std::size_t> differing(BytesView left, BytesView right) {
  REQUIRE(left.size() == right.size());
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < left.size(); ++i)
    if (left[i] != right[i]) places.push_back(i);
  return places;
}

// `left` with all ones in the byte, and the one after it, in which the two differ: an enum's value, never seen before.
Bytes unheard_of(const Bytes& left, const Bytes& right) {
  const auto places = differing(left, right);
  REQUIRE(places.size() == 1);
  auto changed = left;
  changed.at(places[0]) = changed.at(places[0] + 1) = std::byte{0xff};
  return changed;
}

engine::Frame between(engine::Message message) {
  return {.header = {}, .messages = {engine::ReadIndex{1}, std::move(message), engine::ReadIndex{2}}};
}

void check_only_the_middle_is_unknown(const Bytes& body) {
  const auto decoded = wire::decode_frame(body);
  REQUIRE(decoded);
  REQUIRE(decoded->messages.size() == 3);
  CHECK(decoded->messages[0] == engine::Message(engine::ReadIndex{1}));
  CHECK(std::holds_alternative<engine::UnknownMessage>(decoded->messages[1]));
  CHECK(decoded->messages[2] == engine::Message(engine::ReadIndex{2}));
}

}  // namespace

TEST_CASE("W4: fields that a newer schema adds to any struct are ignored") {
  for (std::uint64_t seed = 0; seed < 50; ++seed)
    for (const auto& body : test::bodies(seed)) {
      CAPTURE(body.name);
      const auto newer = test::as_newer(body.bytes);
      // A datagram has no room to grow at will.
      if (body.name.starts_with("datagram.") && newer.size() > 1228) continue;
      const auto again = body.again(newer);
      REQUIRE(again);
      CHECK(*again == body.bytes);
    }
}

TEST_CASE("W4: a message of an unknown arm leaves the others in the frame") {
  auto words = test::to_words(wire::encode(between(engine::Goodbye{})));
  // Root, messages (its second pointer), the list's tag, the second message of two words; the arm is its first 16 bits.
  const auto list = test::target(words, test::target(words, 0) + 1);
  auto& arm = words.at(list + 1 + 2);
  REQUIRE((arm & 0xffff) == 2);
  arm = (arm & ~std::uint64_t{0xffff}) | 999;
  const auto body = test::to_body(words);
  check_only_the_middle_is_unknown(body);
  CHECK(std::get<engine::UnknownMessage>(wire::decode_frame(body)->messages[1]).arm == 999);
}

TEST_CASE("W4: a message with an unknown value that decides its meaning is dropped alike") {
  engine::Hello hello, inquiry;
  inquiry.purpose = engine::Purpose::inquiry;
  check_only_the_middle_is_unknown(unheard_of(wire::encode(between(hello)), wire::encode(between(inquiry))));
  engine::ForwardReply resend, overloaded;
  overloaded.kind = engine::ForwardReply::Kind::overloaded;
  check_only_the_middle_is_unknown(unheard_of(wire::encode(between(resend)), wire::encode(between(overloaded))));
}

TEST_CASE("W4: an unknown value that decides nothing reads as the nearest known one") {
  paxos::PreVoteReply hears, higher;
  hears.reason = paxos::PreVoteReason::leader_lost;
  higher.reason = paxos::PreVoteReason::hears_leader;
  const auto body =
      unheard_of(wire::encode(between(paxos::Message(hears))), wire::encode(between(paxos::Message(higher))));
  const auto decoded = wire::decode_frame(body);
  REQUIRE(decoded);
  const auto& message = std::get<paxos::PreVoteReply>(std::get<paxos::Message>(decoded->messages[1]));
  CHECK(message.reason == paxos::PreVoteReason::other);

  engine::StatusReply alive, dead;
  alive.status.members.push_back({.id = {}, .name = {}, .address = {}, .health = Health::unknown});
  dead.status.members.push_back({.id = {}, .name = {}, .address = {}, .health = Health::alive});
  const auto status = wire::decode_frame(unheard_of(wire::encode(between(alive)), wire::encode(between(dead))));
  REQUIRE(status);
  CHECK(std::get<engine::StatusReply>(status->messages[1]) == alive);
}

TEST_CASE("W4: an unknown kind of entry is kept as it came") {
  const paxos::Entry entry{.kind = paxos::EntryKind(4711), .stamp = {}, .payload = Payload(to_bytes("later"))};
  const auto frame = between(paxos::Message(paxos::Learn{Slot(1), {entry}, Slot(1)}));
  CHECK(*wire::decode_frame(wire::encode(frame)) == frame);
}

TEST_CASE("W4: a rumour with an unknown state leaves the others in the datagram") {
  engine::Datagram datagram;
  datagram.message.rumours.resize(3);
  datagram.message.rumours[0].name = "first";
  datagram.message.rumours[2].name = "third";
  auto suspect = datagram;
  suspect.message.rumours[1].state = gossip::State::suspect;
  const auto decoded = wire::decode_datagram(unheard_of(wire::encode(datagram), wire::encode(suspect)));
  REQUIRE(decoded);
  REQUIRE(decoded->message.rumours.size() == 2);
  CHECK(decoded->message.rumours[0].name == "first");
  CHECK(decoded->message.rumours[1].name == "third");
}

TEST_CASE("W4: gossip of an unknown body is a tell with its rumours") {
  engine::Datagram tell, ack;
  tell.message.rumours.resize(2);
  ack.message = {.body = gossip::Ack{0}, .rumours = tell.message.rumours};
  const auto decoded = wire::decode_datagram(unheard_of(wire::encode(ack), wire::encode(tell)));
  REQUIRE(decoded);
  CHECK(decoded->message == tell.message);
}

TEST_CASE("W4: a record of a newer version is refused as such") {
  const auto promise = wire::encode(engine::Record(engine::PromiseRecord{}));
  auto words = test::to_words(promise);
  auto& arm = words.at(test::target(words, 0));
  arm |= 0xffff;
  const auto decoded = wire::decode_record("promise", test::to_body(words));
  REQUIRE_FALSE(decoded);
  CHECK(decoded.error() == errc::incompatible);
}

TEST_CASE("W4: a command of an unknown arm, or with an unknown verdict, is unknown") {
  using namespace coordination;
  const auto with_arm = [](const Command& command, std::size_t word, std::uint64_t arm) {
    auto words = test::to_words(wire::encode_command(command));
    auto& tag = words.at(word);
    tag = (tag & ~std::uint64_t{0xffff}) | arm;
    return wire::decode_command(test::to_body(words));
  };
  // The root is the word after its pointer, and begins with the arm.
  REQUIRE(std::holds_alternative<Tick>(*with_arm(Tick{}, 1, 3)));
  CHECK(std::holds_alternative<Unknown>(*with_arm(Tick{}, 1, 999)));

  // Of all numbers of 16 bits behind the command's own arm, the verdict's is the one that makes it unknown.
  const auto body = wire::encode_command(Judgement{{}, EndSessions{}});
  std::size_t unknown = 0;
  for (std::size_t place = 16; place < body.size(); place += 2) {
    auto changed = body;
    changed[place] = changed[place + 1] = std::byte{0xff};
    const auto decoded = wire::decode_command(changed);
    if (decoded && std::holds_alternative<Unknown>(*decoded)) ++unknown;
  }
  CHECK(unknown == 1);
}

TEST_CASE("W4: an unknown operation keeps its session and number") {
  using namespace coordination;
  const Submission cancel{SessionId(5), Sequence(7), Sequence(6), Cancel{}};
  Submission close = cancel;
  close.op = CloseSession{};
  const auto decoded = wire::decode_command(unheard_of(wire::encode_command(cancel), wire::encode_command(close)));
  REQUIRE(decoded);
  auto expected = cancel;
  expected.op = UnknownOp{};
  CHECK(*decoded == Command(expected));
}
