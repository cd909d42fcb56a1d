// One node of gossip: what it answers, whom it asks, what it concludes. Its peers are the lines of the test.
#include <doctest/doctest.h>

#include <algorithm>

#include "gossip/gossip.hpp"
#include "unit/gossip/world.hpp"

using namespace gossip_test;

namespace {

/// Member 0, and a time that only rises.
struct Node {
  Instant now{1h};
  Gossip gossip;

  explicit Node(const std::vector<Address>& seeds = {}, const Tuning& tuning = {})
      : gossip({member_id(0), "m0", address_of(0), BootEpoch{1}, Role::observer}, seeds, tuning, Prng(1), now) {}

  Effects hear(std::size_t from, const Body& body, const std::vector<Rumour>& rumours = {}) {
    Effects effects;
    gossip.on_message(address_of(from), member_id(from), {body, rumours}, now, effects);
    return effects;
  }
  Effects tick() {
    Effects effects;
    now = std::max(now, gossip.next_wakeup());
    gossip.on_tick(now, effects);
    return effects;
  }
  Effects tick_at(Instant then) {
    Effects effects;
    now = then;
    gossip.on_tick(now, effects);
    return effects;
  }
  void meet(std::size_t last) {
    for (std::size_t number = 1; number <= last; ++number) hear(number, Tell{}, {rumour_of(number)});
  }
  /// Ticks until `Kind` is sent; gives those of that step.
  template <class Kind>
  std::vector<Datagram> await() {
    for (int ticks = 0; ticks < 1000; ++ticks) {
      std::vector<Datagram> found = of<Kind>(tick());
      if (!found.empty()) return found;
    }
    FAIL("never sent");
    return {};
  }

  template <class Kind>
  static std::vector<Datagram> of(const Effects& effects) {
    std::vector<Datagram> found;
    std::ranges::copy_if(effects.send, std::back_inserter(found),
                         [](const Datagram& datagram) { return std::holds_alternative<Kind>(datagram.message.body); });
    return found;
  }
};

template <class Kind>
const Kind& body_of(const Datagram& datagram) {
  return std::get<Kind>(datagram.message.body);
}

}  // namespace

TEST_CASE("G7: a ping meant for another is not answered, one meant for this node is, to where it came from") {
  Node node;
  node.meet(2);
  CHECK(node.hear(1, Ping{7, member_id(2)}).send.empty());
  const Effects effects = node.hear(1, Ping{7, member_id(0)});
  REQUIRE(effects.send.size() == 1);
  CHECK(effects.send[0].to == address_of(1));
  CHECK(body_of<Ack>(effects.send[0]) == Ack{7});
}

TEST_CASE("G7: a silent member is asked for through three others before it is suspected") {
  Node node;
  node.meet(8);
  const Datagram ping = node.await<Ping>()[0];
  const Instant sent = node.now;
  const auto requests = node.await<PingRequest>();
  CHECK(node.now == sent + Tuning{}.ack_timeout);
  CHECK(requests.size() == 3);
  for (const Datagram& request : requests) {
    CHECK(body_of<PingRequest>(request).target == body_of<Ping>(ping).target);
    CHECK(body_of<PingRequest>(request).address == ping.to);
    CHECK(request.to != ping.to);
  }
  Effects effects;
  while (effects.events.empty()) effects = node.tick();
  CHECK(node.now == sent + Tuning{}.period);
  CHECK(all_of<MemberSuspected>(effects.events)[0].member == body_of<Ping>(ping).target);
}

TEST_CASE("G7: the word of one other that the target answers is enough") {
  Node node;
  node.meet(8);
  node.await<Ping>();
  const Datagram request = node.await<PingRequest>()[0];
  node.hear(request.to.port - 1000u, Ack{body_of<PingRequest>(request).number});
  const Instant end = node.now + 600ms;
  while (node.gossip.next_wakeup() < end) CHECK(node.tick().events.empty());
}

TEST_CASE("G7: a node pings for others, and says what came of it") {
  Node node;
  node.meet(2);
  const PingRequest request{40, member_id(2), address_of(2)};
  const Effects asked = node.hear(1, request);
  REQUIRE(asked.send.size() == 1);
  CHECK(asked.send[0].to == address_of(2));
  CHECK(body_of<Ping>(asked.send[0]).target == member_id(2));
  const Effects answered = node.hear(2, Ack{body_of<Ping>(asked.send[0]).number});
  REQUIRE(answered.send.size() == 1);
  CHECK(answered.send[0].to == address_of(1));
  CHECK(body_of<Ack>(answered.send[0]) == Ack{40});

  node.hear(1, request);
  const Instant asked_at = node.now;
  const Datagram nack = node.await<Nack>()[0];
  CHECK(node.now == asked_at + Tuning{}.ack_timeout);
  CHECK(nack.to == address_of(1));
  CHECK(body_of<Nack>(nack) == Nack{40});
}

TEST_CASE("G5: a node pings for so many others at a time and no more") {
  Node node;
  std::size_t pings = 0;
  for (std::uint64_t number = 0; number < 100; ++number) {
    pings += Node::of<Ping>(node.hear(1, PingRequest{number, member_id(2), address_of(2)})).size();
  }
  CHECK(pings == Tuning{}.relays_max);
}

TEST_CASE("G6: helpers that say no leave the health alone, helpers that say nothing worsen it") {
  for (const bool helpers_answer : {true, false}) {
    Node node;
    node.meet(8);
    node.await<Ping>();
    for (const Datagram& request : node.await<PingRequest>()) {
      if (helpers_answer) node.hear(request.to.port - 1000u, Nack{body_of<PingRequest>(request).number});
    }
    Effects effects;
    while (effects.events.empty()) effects = node.tick();
    CHECK(node.gossip.health() == (helpers_answer ? 0 : 3));
  }
}

TEST_CASE("G6: a ping that was in flight before a pause accuses nobody after it") {
  Node node;
  node.meet(8);
  const Datagram before = node.await<Ping>()[0];
  const Effects effects = node.tick_at(node.now + 5s);
  CHECK(effects.events.empty());
  CHECK(node.gossip.pauses() == 1);
  // It starts over at once: what it asks now, it can judge by.
  REQUIRE(Node::of<Ping>(effects).size() == 1);
  CHECK(body_of<Ping>(Node::of<Ping>(effects)[0]).number != body_of<Ping>(before).number);
}

TEST_CASE("G6: while somebody is judged, no two wakeups are further apart than the shortest pause") {
  Node node;
  node.meet(3);
  node.hear(1, Tell{}, {rumour_of(3, State::dead)});
  while (node.gossip.is_live(member_id(3))) {
    CHECK(node.gossip.next_wakeup() <= node.now + Tuning{}.lag_max);
    node.tick();
  }
}

TEST_CASE("G11: a first Join introduces its sender, and the table comes in pages that fit, in order, on demand") {
  Node node({address_of(1)});
  const auto joins = Node::of<Join>(node.tick());
  REQUIRE(joins.size() == 1);
  CHECK(joins[0].to == address_of(1));
  REQUIRE(!joins[0].message.rumours.empty());
  CHECK(joins[0].message.rumours[0].member == member_id(0));
  CHECK_FALSE(body_of<Join>(joins[0]).ask_back);

  node.meet(60);
  std::vector<MemberId> learned;
  Join join{5, {}, false};
  for (;;) {
    const Effects effects = node.hear(1, join);
    CHECK(effects.send.size() <= join_pages_max);
    for (const Datagram& page : effects.send) {
      CHECK(body_of<JoinReply>(page).after == join.after);
      for (const Rumour& rumour : page.message.rumours) learned.push_back(rumour.member);
      join.after = learned.back();
    }
    if (body_of<JoinReply>(effects.send.back()).last) break;
  }
  CHECK(learned.size() == 61);
  CHECK(std::ranges::is_sorted(learned));
}

TEST_CASE("G11: who is introduced long ago introduces itself again when it asks") {
  Tuning no_probes;
  no_probes.period = 1h;
  Node node({}, no_probes);
  node.meet(3);
  const Datagram join = node.await<Join>()[0];
  CHECK(body_of<Join>(join).ask_back);
  REQUIRE(!join.message.rumours.empty());
  CHECK(join.message.rumours[0].member == member_id(0));
}

TEST_CASE("G11: the asker goes on from the last page in order, and again when one is lost") {
  Node node({address_of(1)});
  const std::uint64_t number = body_of<Join>(node.await<Join>()[0]).number;
  std::vector<Rumour> sorted;
  for (std::size_t i = 1; i <= 6; ++i) sorted.push_back(rumour_of(i));
  std::ranges::sort(sorted, {}, &Rumour::member);
  const auto page = [&](std::size_t i) { return JoinReply{number, i == 0 ? MemberId{} : sorted[i - 1].member, false}; };
  for (std::size_t i = 0; i < 3; ++i) CHECK(Node::of<Join>(node.hear(1, page(i), {sorted[i]})).empty());
  const auto next = Node::of<Join>(node.hear(1, page(3), {sorted[3]}));
  REQUIRE(next.size() == 1);
  CHECK(body_of<Join>(next[0]).after == sorted[3].member);
  CHECK(body_of<Join>(next[0]).number == number);
  // Page 4 is lost: 5 counts, but is no place to go on from.
  node.hear(1, page(5), {sorted[5]});
  CHECK(node.gossip.is_live(sorted[5].member));
  const auto again = node.await<Join>();
  CHECK(body_of<Join>(again[0]).after == sorted[3].member);
}

TEST_CASE("G10: who is asked to ask back does so") {
  Node node;
  CHECK(Node::of<Join>(node.hear(1, Join{5, {}, false}, {rumour_of(1)})).empty());
  const auto asked = Node::of<Join>(node.hear(2, Join{6, {}, true}, {rumour_of(2)}));
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].to == address_of(2));
  CHECK_FALSE(body_of<Join>(asked[0]).ask_back);
}

TEST_CASE("G10: a seed that turns out to be this node is not dialled again") {
  Node node({{"localhost", 1000}});
  const Datagram join = node.await<Join>()[0];
  CHECK(join.to == Address{"localhost", 1000});
  CHECK(node.hear(0, join.message.body, join.message.rumours).send.empty());
  const Instant end = node.now + 60s;
  while (node.now < end) CHECK(Node::of<Join>(node.tick()).empty());
}

TEST_CASE("G3: a member that is dead here and alive to others is told, so that it can refute") {
  Node node;
  node.meet(3);
  node.hear(1, Tell{}, {rumour_of(3, State::dead)});
  while (node.gossip.is_live(member_id(3))) node.tick();
  const Effects effects = node.hear(1, Tell{}, {rumour_of(3)});
  REQUIRE(effects.send.size() == 1);
  CHECK(effects.send[0].to == address_of(3));
  CHECK(effects.send[0].message.rumours[0].member == member_id(3));
  CHECK(effects.send[0].message.rumours[0].state == State::dead);
}

TEST_CASE("G3: who asks always hears what is believed of it, even if others are not told any more") {
  Node node;
  node.meet(1);
  node.hear(1, Tell{}, {rumour_of(3, State::dead)});
  const auto says = [&](std::size_t asker) {
    const Effects effects = node.hear(asker, Join{5, {}, false}, {rumour_of(asker)});
    std::size_t said = 0;
    for (const Datagram& page : Node::of<JoinReply>(effects)) {
      said += std::ranges::count(page.message.rumours, member_id(3), &Rumour::member);
    }
    return said;
  };
  CHECK(says(1) == 0);
  CHECK(says(3) == 1);
}

TEST_CASE("G11: after a long pause somebody is asked at once, after a short one nobody") {
  for (const auto& [pause, joins] : {std::pair(8s, 1u), std::pair(1s, 0u)}) {
    Node node;
    node.meet(3);
    node.tick();
    CHECK(Node::of<Join>(node.tick_at(node.gossip.next_wakeup() + pause)).size() == joins);
  }
}

TEST_CASE("G11: an answer with news makes the node ask again soon, one without does not") {
  Tuning no_probes;
  no_probes.period = 1h;
  for (const bool news : {true, false}) {
    Node node({}, no_probes);
    node.meet(3);
    const Datagram join = node.await<Join>()[0];
    const Instant asked = node.now;
    node.hear(1, JoinReply{body_of<Join>(join).number, {}, true}, {rumour_of(news ? 4 : 2)});
    node.await<Join>();
    CHECK((node.now - asked < 2 * Tuning{}.exchange_again) == news);
  }
}
