// P12, S6: what reaches a leader before its term-start is applied waits for it, within bounds.
#include <doctest/doctest.h>

#include "engine/early_forwards.hpp"
#include "node.hpp"
#include "wire/command.hpp"

using namespace conclave;
using namespace conclave::engine;
using namespace conclave::engine::test;

namespace {

Forward forward_of(std::size_t commands, std::size_t bytes) {
  Forward forward;
  for (std::size_t i = 0; i < commands; ++i) forward.commands.emplace_back(Bytes(bytes));
  return forward;
}

constexpr std::size_t mebibyte = std::size_t{1} << 20;
constexpr std::size_t room = EarlyForwards::bytes_max / mebibyte;

}  // namespace

TEST_CASE("P12: early commands are bounded by bytes and by frames, and leave in their order") {
  EarlyForwards early;
  for (std::uint64_t each = 1; each < room; ++each) {
    auto forward = forward_of(1, mebibyte);
    REQUIRE(early.keep(LinkId{each}, forward));
  }
  auto large = forward_of(1, mebibyte);
  CHECK_FALSE(early.keep(LinkId{99}, large));
  CHECK(large == forward_of(1, mebibyte));
  auto small = forward_of(1, mebibyte / 2);
  CHECK(early.keep(LinkId{99}, small));

  const auto taken = early.take();
  REQUIRE(taken.size() == room);
  CHECK(taken.front() == std::pair{LinkId{1}, forward_of(1, mebibyte)});
  CHECK(taken.back() == std::pair{LinkId{99}, forward_of(1, mebibyte / 2)});
  CHECK(early == EarlyForwards());

  for (std::size_t each = 0; each < EarlyForwards::frames_max; ++each) {
    auto empty = forward_of(0, 0);
    REQUIRE(early.keep(LinkId{1}, empty));
  }
  auto empty = forward_of(0, 0);
  CHECK_FALSE(early.keep(LinkId{1}, empty));
  (void)early.take();
  // What has no bytes of its own takes room all the same.
  auto many = forward_of(EarlyForwards::bytes_max / sizeof(Payload) + 1, 0);
  CHECK_FALSE(early.keep(LinkId{1}, many));
}

TEST_CASE("P12, S6: a leader keeps early commands as long as there is room, refuses the rest, and admits what it kept") {
  Node node(founding(1), belonging(1));
  const auto second = node.link(voter_hello(2, genesis()));
  const auto guest = node.link(ephemeral_hello(5));
  // The leader of an earlier ballot tells it to stand, and voter 2 promises.
  const paxos::Ballot earlier{.round = paxos::Round{1}, .member = member(2)};
  const paxos::Incarnation founder{1};
  (void)node.hear(second, paxos::Message(paxos::Accept{.ballot = earlier, .first = Slot{1}, .entries = {}, .chosen_upto = {}}));
  (void)node.hear(second, paxos::Message(paxos::Go{.ballot = earlier, .target = member(1), .watermark = {}}));
  const auto own = node.engine.replica()->promised();
  (void)node.hear(second, paxos::Message(paxos::Promise{.ballot = own, .incarnation = founder, .watermark = {},
                                                        .first_held = Slot{1}, .reported = {}, .boot_nonce = nonce(1)}));
  REQUIRE(node.engine.replica()->leading());
  REQUIRE_FALSE(node.engine.replica()->term_started());

  const Payload opening(wire::encode_command(
      coordination::OpenSession{.nonce = uuid(9), .owner = member(5), .owner_name = "e", .ttl = 4s, .ephemeral = true}));
  (void)node.hear(guest, Forward{.commands = {opening}});
  for (std::size_t each = 1; each < room; ++each) (void)node.hear(guest, forward_of(1, mebibyte));
  CHECK(node.sent<ForwardReply>(guest).empty());
  (void)node.hear(guest, forward_of(1, mebibyte));
  CHECK(node.sent<ForwardReply>(guest) ==
        std::vector{ForwardReply{.kind = ForwardReply::Kind::not_leader, .session = {}, .sequence = {}}});

  const auto accept = [&](std::uint64_t upto) {
    (void)node.hear(second, paxos::Message(paxos::Accepted{.ballot = own, .incarnation = founder, .watermark = {},
                                                           .upto = Slot{upto}, .gap = false}));
  };
  accept(1);
  REQUIRE(node.engine.replica()->term_started());
  accept(2);
  CHECK(node.applied<coordination::SessionOpened>().size() == 1);
}
