// Two members of one name: both are members, each by its id, and a person is told that there are two.
#include <doctest/doctest.h>

#include "node.hpp"

using namespace conclave;
using namespace conclave::engine;
using namespace conclave::engine::test;

namespace {

/// What the status shows of those called `name`.
std::vector<MemberId> called(const Node& node, const std::string& name) {
  std::vector<MemberId> ids;
  for (const auto& member : node.engine.status(node.now).members)
    if (member.name == name && member.health == Health::alive) ids.push_back(member.id);
  return ids;
}

bool status_says(const Node& node, const std::string& text) {
  return node.engine.status(node.now).sentence.find(text) != std::string::npos;
}

std::size_t warnings(const Effects& effects) {
  return static_cast<std::size_t>(std::ranges::count_if(effects.remarks, [](const Remark& remark) {
    return remark.level == LogLevel::warning && remark.text.find("two members are called") != std::string::npos;
  }));
}

Hello guest(std::uint8_t number, const std::string& name) {
  auto said = ephemeral_hello(number);
  said.name = name;
  return said;
}

}  // namespace

TEST_CASE("a second member of one name is linked, shown by its id, and warned of") {
  Node node(options(1), belonging(1));
  (void)node.link(voter_hello(2, genesis()));
  CHECK_FALSE(node.remarked("two members are called"));
  CHECK_FALSE(status_says(node, "two members"));

  const auto second = node.link(guest(9, name(2)));
  CHECK_FALSE(node.closed(second));
  CHECK(called(node, name(2)) == std::vector{member(2), member(9)});
  const auto both = "two members are called 'b': " + member(2).to_string() + " and " + member(9).to_string();
  CHECK(node.remarked(both));
  CHECK(status_says(node, both));

  // One of them goes, and there is nothing to say any more.
  (void)node.step(LinkClosed{.link = second});
  CHECK_FALSE(status_says(node, "two members"));
}

TEST_CASE("a member that is called as this node is warned of") {
  Node node(options(1), belonging(1));
  (void)node.link(guest(9, name(1)));
  CHECK(node.remarked("two members are called 'a': " + member(1).to_string() + " and " + member(9).to_string()));
  CHECK(called(node, name(1)) == std::vector{member(1), member(9)});
}

TEST_CASE("a namesake heard of by gossip is warned of once while both live; a dead one is none") {
  Node node(options(1), belonging(1));
  (void)node.link(voter_hello(2, genesis()));
  const auto hear = [&](std::uint8_t number, gossip::State state, std::uint64_t boot) {
    auto header = node.engine.header();
    header.sender = member(2);
    gossip::Rumour rumour;
    rumour.member = member(number);
    rumour.name = name(2);
    rumour.address = address(number);
    rumour.age.boot_epoch = gossip::BootEpoch{boot};
    rumour.state = state;
    return warnings(node.step(DatagramReceived{
        .from = address(2),
        .datagram = {.header = header, .cluster_name = "conclave",
                     .message = {.body = gossip::Tell{}, .rumours = {rumour}}}}));
  };
  CHECK(hear(8, gossip::State::left, 1) == 0);
  CHECK(hear(9, gossip::State::alive, 1) == 1);
  CHECK(hear(9, gossip::State::alive, 2) == 0);  // started anew: told already
  CHECK(hear(9, gossip::State::left, 2) == 0);
  CHECK(hear(9, gossip::State::alive, 3) == 1);
}
