// The table of members: which rumour wins, what it does, who hears of it.
#include <doctest/doctest.h>

#include "gossip/datagram.hpp"
#include "gossip/members.hpp"
#include "unit/gossip/world.hpp"

using namespace gossip_test;

namespace {

/// Member 0's table, and the events of its last change.
struct Table {
  Members members;
  std::vector<Event> events;
  Instant now{100s};

  explicit Table(const Tuning& tuning = {})
      : members({member_id(0), "m0", address_of(0), BootEpoch{1}, Role::observer}, tuning, Prng(1), Instant{100s}) {}

  Outcome hear(const Rumour& rumour, bool quiet = false) {
    Effects effects;
    const Outcome outcome = members.merge(rumour, quiet, now, effects);
    events = effects.events;
    return outcome;
  }
  void bury_at(Instant then) {
    now = then;
    Effects effects;
    members.bury(now, effects);
    events = effects.events;
  }
  State state(std::size_t number) const { return members.find(member_id(number))->state; }
  /// Tells until there is nothing left.
  void tell_all() {
    while (!members.news().empty()) (void)members.tell({}, datagram_bytes_max);
  }
};

Rumour accusation(std::size_t number, std::size_t accuser, State state = State::suspect) {
  Rumour rumour = rumour_of(number, state);
  rumour.accuser = member_id(accuser);
  return rumour;
}

}  // namespace

TEST_CASE("G2: within one age, suspect overrides alive and left overrides all; never the other way") {
  Table table;
  CHECK(table.hear(rumour_of(1)) == Outcome::news);
  CHECK(table.hear(rumour_of(1)) == Outcome::stale);
  CHECK(table.hear(accusation(1, 2)) == Outcome::news);
  CHECK(table.state(1) == State::suspect);
  CHECK(table.hear(rumour_of(1)) == Outcome::stale);
  CHECK(table.state(1) == State::suspect);
  CHECK(table.hear(rumour_of(1, State::left)) == Outcome::news);
  CHECK(table.events == std::vector<Event>{MemberLeft{member_id(1), rumour_of(1).age}});
  CHECK(table.hear(accusation(1, 2)) == Outcome::stale);
  CHECK(table.hear(rumour_of(1)) == Outcome::lazarus);
  CHECK(table.state(1) == State::left);
}

TEST_CASE("G2: a greater incarnation overrides, a smaller one is stale") {
  Table table;
  table.hear(accusation(1, 2));
  CHECK(table.hear(rumour_of(1, State::alive, 1)) == Outcome::news);
  CHECK(table.events == std::vector<Event>{MemberAlive{rumour_of(1, State::alive, 1)}});
  CHECK(table.hear(accusation(1, 2)) == Outcome::stale);
  CHECK(table.state(1) == State::alive);
  CHECK(table.members.next_burial() == Instant::max());
}

TEST_CASE("G2: a greater boot epoch overrides any incarnation, and its address comes with it") {
  Table table;
  table.hear(rumour_of(1, State::alive, 9));
  Rumour later = rumour_of(1);
  later.age.boot_epoch = BootEpoch{2};
  later.address = address_of(77);
  CHECK(table.hear(later) == Outcome::news);
  CHECK(table.events == std::vector<Event>{AddressChanged{member_id(1), address_of(1), address_of(77)},
                                           MemberAlive{later}});
  CHECK(table.members.find(member_id(1))->address == address_of(77));
  CHECK(table.hear(rumour_of(1, State::left, 10)) == Outcome::stale);
}

TEST_CASE("G3: this node answers an accusation with the next incarnation, before all other news") {
  Table table;
  for (std::size_t i = 1; i < 9; ++i) table.hear(rumour_of(i));
  table.tell_all();
  CHECK(table.hear(rumour_of(0, State::dead, 6)) == Outcome::refuted);
  table.hear(rumour_of(9));
  const std::vector<Rumour> told = table.members.tell({}, datagram_bytes_max);
  REQUIRE(told.size() == 2);
  CHECK(told[0].member == member_id(0));
  CHECK(told[0].state == State::alive);
  CHECK(told[0].age.incarnation == Incarnation{7});
}

TEST_CASE("G3: whoever repeats a refuted lie hears the answer once more") {
  Table table;
  table.hear(rumour_of(0, State::suspect));
  table.tell_all();
  CHECK(table.hear(rumour_of(0, State::suspect)) == Outcome::stale);
  CHECK(table.members.news().contains(member_id(0)));
  CHECK(table.members.self().age.incarnation == Incarnation{1});
}

TEST_CASE("G3: what is believed of the receiver goes first, until it is alive again") {
  Table table;
  for (std::size_t i = 1; i < 9; ++i) table.hear(rumour_of(i));
  table.hear(accusation(5, 2));
  table.tell_all();
  CHECK(table.members.tell(member_id(4), datagram_bytes_max).empty());
  const std::vector<Rumour> told = table.members.tell(member_id(5), datagram_bytes_max);
  REQUIRE(told.size() == 1);
  CHECK(told[0].state == State::suspect);
  CHECK(told[0].accuser == member_id(2));
}

TEST_CASE("G4: a second address in one boot replaces nothing and is reported once") {
  Table table;
  table.hear(rumour_of(1));
  Rumour clone = rumour_of(1, State::alive, 5);
  clone.address = address_of(77);
  CHECK(table.hear(clone) == Outcome::clone);
  CHECK(table.events == std::vector<Event>{CloneSeen{
                            member_id(1), {address_of(1), BootEpoch{1}}, {address_of(77), BootEpoch{1}}}});
  CHECK(table.members.find(member_id(1))->address == address_of(1));
  CHECK(table.hear(clone) == Outcome::stale);
  CHECK(table.events.empty());
}

TEST_CASE("G4: this node is told of a later boot of itself, and of another address in its own") {
  Table table;
  Rumour later = rumour_of(0);
  later.age.boot_epoch = BootEpoch{2};
  CHECK(table.hear(later) == Outcome::clone);
  CHECK(all_of<CloneSeen>(table.events).size() == 1);
  Rumour elsewhere = rumour_of(0);
  elsewhere.address = address_of(77);
  CHECK(table.hear(elsewhere) == Outcome::clone);
  CHECK(table.members.self() == rumour_of(0));
  Rumour earlier = rumour_of(0, State::alive, 3);
  earlier.age.boot_epoch = BootEpoch{0};
  earlier.address = address_of(78);
  CHECK(table.hear(earlier) == Outcome::stale);
}

TEST_CASE("G5: the table is bounded, and the longest dead make room") {
  Tuning tuning;
  tuning.members_max = 4;
  Table table(tuning);
  for (std::size_t i = 1; i < 10; ++i) table.hear(rumour_of(i));
  CHECK(table.members.table().size() == 4);
  CHECK(table.members.news().size() <= 4);
  CHECK(table.members.find(member_id(4)) == nullptr);
  table.hear(rumour_of(2, State::left));
  table.now += 1s;
  table.hear(rumour_of(1, State::left));
  CHECK(table.hear(rumour_of(5)) == Outcome::news);
  CHECK(table.members.find(member_id(2)) == nullptr);
  CHECK(table.members.find(member_id(1)) != nullptr);
  CHECK(table.members.table().size() == 4);
  CHECK(table.members.live() == 3);
}

TEST_CASE("G7: a dead verdict from afar leaves the shortest time to refute, and that it leaves") {
  Table table;
  for (std::size_t i = 1; i < 9; ++i) table.hear(rumour_of(i));
  table.hear(accusation(1, 2, State::dead));
  CHECK(table.state(1) == State::suspect);
  CHECK(all_of<MemberSuspected>(table.events).size() == 1);
  const Instant deadline = table.members.next_burial();
  CHECK(deadline == table.now + Suspicion::timeout_min({}, 9));
  table.bury_at(deadline - 1ms);
  CHECK(table.state(1) == State::suspect);
  table.bury_at(deadline);
  CHECK(table.events == std::vector<Event>{MemberDead{member_id(1), rumour_of(1).age}});
  CHECK(table.state(1) == State::dead);
  CHECK_FALSE(table.members.is_live(member_id(1)));
}

TEST_CASE("G7: a dead verdict hastens a suspicion that has run for long enough") {
  Table table;
  for (std::size_t i = 1; i < 9; ++i) table.hear(rumour_of(i));
  table.hear(accusation(1, 2));
  table.now += Suspicion::timeout_min({}, 9);
  CHECK(table.hear(accusation(1, 3, State::dead)) == Outcome::news);
  table.bury_at(table.now);
  CHECK(table.state(1) == State::dead);
}

TEST_CASE("G7: the dead are met as dead, without a word") {
  Table table;
  CHECK(table.hear(accusation(1, 2, State::dead)) == Outcome::news);
  CHECK(table.state(1) == State::dead);
  CHECK(table.events.empty());
  CHECK_FALSE(table.members.news().contains(member_id(1)));
}

TEST_CASE("G10: the dead and the departed are forgotten in the end, the living never") {
  Table table;
  table.hear(rumour_of(1));
  table.hear(rumour_of(2));
  table.hear(rumour_of(1, State::left));
  table.now += 71h;
  table.members.forget(table.now);
  CHECK(table.members.find(member_id(1)) != nullptr);
  table.now += 1h;
  table.members.forget(table.now);
  CHECK(table.members.find(member_id(1)) == nullptr);
  CHECK(table.members.find(member_id(2)) != nullptr);
  CHECK(table.members.table().size() == 2);
}

TEST_CASE("G11: what a newcomer learns is not told on") {
  Table table;
  table.tell_all();
  table.hear(rumour_of(1), true);
  CHECK(table.members.news().empty());
  table.hear(rumour_of(2), false);
  CHECK(table.members.news().contains(member_id(2)));
}

TEST_CASE("G13: a malformed rumour changes nothing") {
  Table table;
  const Members before = table.members;
  Rumour rumour = rumour_of(1);
  rumour.name = "";
  CHECK(table.hear(rumour) == Outcome::malformed);
  CHECK(table.members == before);
}
