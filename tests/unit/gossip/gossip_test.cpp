// Clusters of gossip in virtual time.
#include <doctest/doctest.h>

#include <algorithm>

#include "gossip/datagram.hpp"
#include "unit/gossip/world.hpp"

using namespace gossip_test;

namespace {

std::size_t accusations(const std::vector<Event>& events) {
  return all_of<MemberSuspected>(events).size() + all_of<MemberDead>(events).size();
}

}  // namespace

TEST_CASE("G11: a member joins through any one seed, and every member learns of it") {
  for (std::size_t seed = 0; seed < 5; ++seed) {
    World world(10 + seed);
    world.start_all(5);
    world.start(5, {seed});
    CHECK(world.run_until([&] { return world.all_alive(); }, 3s));
    CHECK(all_of<MemberAlive>(world.events(5)).size() == 5);
  }
}

TEST_CASE("G10: seeds that are not there yet are dialled until they are") {
  World world(20);
  world.start(1, {1, 0, 2});
  world.run_for(60s);
  CHECK(world.at(1).members().size() == 1);
  world.start(0, {1, 0, 2});
  CHECK(world.run_until([&] { return world.all_alive() && world.at(1).members().size() == 2; }, 2s));
  world.start(2, {1, 0, 2});
  CHECK(world.run_until([&] { return world.all_alive() && world.at(1).members().size() == 3; }, 2s));
}

TEST_CASE("G11: sixty members join through one seed while one datagram in ten is lost") {
  World world(21);
  world.loss_per_mille = 100;
  for (std::size_t number = 0; number < 60; ++number) world.start(number, {0});
  CHECK(world.run_until([&] { return world.all_alive(); }, 120s));
  CHECK(world.at(7).members().size() == 60);
}

TEST_CASE("G11: fifty members that start at once through one seed all know each other within ten seconds") {
  for (std::uint64_t seed = 23; seed < 28; ++seed) {
    World world(seed);
    for (std::size_t number = 0; number < 50; ++number) world.start(number, {0});
    world.run_for(10s);
    CHECK(world.all_alive());
  }
}

TEST_CASE("a quiet cluster accuses nobody, and says nothing but its pings") {
  World world(22);
  world.start_all(10);
  world.run_for(10s);
  const std::size_t before = world.sent();
  world.run_for(100s);
  // A Ping and an Ack per member and second; a Join and its answer every half minute.
  CHECK(world.sent() - before <= 10 * 100 * 2 * 12 / 10);
  for (std::size_t number = 0; number < 10; ++number) CHECK(accusations(world.events(number)) == 0);
}

TEST_CASE("G7: a killed member of ten is dead to all within ten seconds") {
  for (std::uint64_t seed = 30; seed < 50; ++seed) {
    World world(seed);
    world.start_all(10);
    world.run_for(5s);
    world.kill(4);
    const Instant killed = world.now();
    CHECK(world.run_until([&] { return world.all_believe(4, State::dead); }, 10s));
    // Nobody is buried without a period for the ping and the time to refute.
    CHECK(world.now() - killed >= Suspicion::timeout_min({}, 10));
    world.run_for(60s);
    CHECK(world.all_believe(4, State::dead));
    for (std::size_t number = 0; number < 10; ++number) {
      if (number != 4) CHECK(all_of<MemberDead>(world.events(number)).size() == 1);
    }
  }
}

TEST_CASE("G7: a member that only some cannot reach is kept alive through the others") {
  World world(51);
  world.start_all(6);
  world.passes = [](std::size_t from, std::size_t to) { return !((from == 1 && to == 2) || (from == 2 && to == 1)); };
  world.run_for(60s);
  for (std::size_t number = 0; number < 6; ++number) CHECK(accusations(world.events(number)) == 0);
}

TEST_CASE("G7: one datagram in twenty lost buries nobody") {
  World world(52);
  world.start_all(10);
  world.loss_per_mille = 50;
  world.run_for(600s);
  for (std::size_t number = 0; number < 10; ++number) CHECK(all_of<MemberDead>(world.events(number)).empty());
}

TEST_CASE("G8: a member that refuses two others is dead to all within three periods") {
  World world(53);
  world.start_all(10);
  world.run_for(5s);
  world.kill(4);
  world.refuse(1, 4);
  world.refuse(2, 4);
  CHECK(world.run_until([&] { return world.all_believe(4, State::dead); }, 3s));
}

TEST_CASE("G8: a member that refused two others but lives refutes") {
  World world(54);
  world.start_all(10);
  world.refuse(1, 4);
  world.refuse(2, 4);
  world.run_for(20s);
  CHECK(world.all_alive());
  for (std::size_t number = 0; number < 10; ++number) CHECK(all_of<MemberDead>(world.events(number)).empty());
}

TEST_CASE("G6: a member paused for less than the time to refute comes back and nobody is buried") {
  World world(60);
  world.start_all(10);
  world.run_for(5s);
  world.pause(4);
  world.run_for(3500ms);
  world.resume(4);
  CHECK(world.run_until([&] { return world.all_alive(); }, 3s));
  world.run_for(30s);
  CHECK(world.all_alive());
  CHECK(world.at(4).self().age.incarnation > Incarnation{0});
  for (std::size_t number = 0; number < 10; ++number) CHECK(all_of<MemberDead>(world.events(number)).empty());
}

TEST_CASE("G6: a member back from a long pause accuses nobody and is alive again") {
  for (const auto pause : {1s, 5s, 30s, 3600s}) {
    World world(61);
    world.start_all(10);
    world.run_for(5s);
    world.pause(4);
    world.run_for(pause);
    world.events(4).clear();
    world.resume(4);
    CHECK(world.at(4).pauses() == 1);
    CHECK(world.at(4).health() > 0);
    CHECK(accusations(world.events(4)) == 0);
    CHECK(world.run_until([&] { return world.all_alive(); }, 20s));
    world.run_for(30s);
    CHECK(accusations(world.events(4)) == 0);
    CHECK(world.all_alive());
    CHECK(world.at(4).health() == 0);
  }
}

TEST_CASE("G6: a suspicion that would have run out in the pause is not carried out after it") {
  World world(62);
  world.start_all(5);
  world.run_for(5s);
  // Member 3 hears a lie about 4 and is stopped before the refutation arrives.
  world.passes = [](std::size_t from, std::size_t) { return from != 4; };
  Rumour lie = rumour_of(4, State::dead, world.at(4).self().age.incarnation.value);
  world.inject(3, 2, {Tell{}, {lie}});
  REQUIRE(world.belief(3, 4) == State::suspect);
  world.pause(3);
  world.passes = nullptr;
  world.run_for(60s);
  world.resume(3);
  world.run_for(30s);
  CHECK(all_of<MemberDead>(world.events(3)).empty());
  CHECK(world.belief(3, 4) == State::alive);
}

TEST_CASE("G6: a pause between two timers, just before a suspicion runs out, is noticed") {
  World world(64);
  world.start_all(5);
  world.run_for(5s);
  Gossip& observer = world.at(3);
  world.passes = [](std::size_t from, std::size_t to) { return from != 3 && to != 3; };
  world.inject(3, 2, {Tell{}, {rumour_of(4, State::dead)}});
  const Instant due = world.now() + Suspicion::timeout_min({}, 5);
  world.run_for(due - world.now() - 1s);
  REQUIRE(world.belief(3, 4) == State::suspect);
  Effects effects;
  observer.on_tick(due - 1ms, effects);
  CHECK(observer.pauses() == 1);
  observer.on_tick(due, effects);
  CHECK(observer.is_live(member_id(4)));
}

TEST_CASE("G6: a loop that is always late accuses nobody") {
  World world(63);
  world.start_all(5);
  world.run_for(5s);
  world.events(2).clear();
  for (int i = 0; i < 100; ++i) {
    world.pause(2);
    world.run_for(1300ms);
    world.resume(2);
    world.run_for(5ms);
  }
  CHECK(accusations(world.events(2)) == 0);
  CHECK(world.at(2).pauses() > 20);
  CHECK(world.at(2).health() >= Tuning{}.health_max - 1);
}

TEST_CASE("G3: a lie that a live member is suspect, dead or gone is refuted everywhere") {
  for (const State state : {State::suspect, State::dead, State::left}) {
    World world(70);
    world.start_all(8);
    world.run_for(5s);
    const Message lie{Tell{}, {rumour_of(5, state, 3)}};
    for (const std::size_t fooled : {0, 1, 2, 6}) world.inject(fooled, 7, lie);
    CHECK(world.run_until([&] { return world.all_alive(); }, 3s));
    world.run_for(30s);
    CHECK(world.all_alive());
    CHECK(world.at(5).self().age.incarnation == Incarnation{4});
    for (std::size_t number = 0; number < 8; ++number) CHECK(all_of<MemberDead>(world.events(number)).empty());
  }
}

TEST_CASE("G10: a split heals, however long it lasted, and the pools know each other again") {
  for (const auto length : {20s, 600s, 86'400s}) {
    World world(80);
    world.start_all(10);
    world.run_for(5s);
    world.passes = [](std::size_t from, std::size_t to) { return (from < 4) == (to < 4); };
    world.run_for(length);
    CHECK(world.belief(2, 7) == State::dead);
    CHECK(world.belief(7, 2) == State::dead);
    CHECK(world.belief(2, 3) == State::alive);
    CHECK(world.belief(7, 8) == State::alive);
    world.passes = nullptr;
    CHECK(world.run_until([&] { return world.all_alive(); }, 60s));
    world.run_for(60s);
    CHECK(world.all_alive());
  }
}

TEST_CASE("G10: two pools that grew apart from the beginning merge once their seeds meet") {
  World world(81);
  world.passes = [](std::size_t from, std::size_t to) { return (from < 4) == (to < 4); };
  for (std::size_t number = 0; number < 8; ++number) world.start(number, {0, 4});
  world.run_for(120s);
  CHECK(world.at(1).members().size() == 4);
  CHECK(world.at(6).members().size() == 4);
  world.passes = nullptr;
  CHECK(world.run_until([&] { return world.all_alive(); }, 60s));
  CHECK(world.at(1).members().size() == 8);
}

TEST_CASE("G10: a split heals through the dead when no seed is left") {
  World world(82);
  world.start_all(7);
  world.run_for(5s);
  world.leave(0);
  world.kill(0);
  world.passes = [](std::size_t from, std::size_t to) { return (from < 4) == (to < 4); };
  world.run_for(600s);
  CHECK(world.belief(2, 5) == State::dead);
  world.passes = nullptr;
  CHECK(world.run_until([&] { return world.all_believe(2, State::alive) && world.all_believe(5, State::alive); }, 60s));
}

TEST_CASE("G10: a split heals when nobody tells of the dead any more, and when they are forgotten") {
  Tuning tuning;
  tuning.forget_after = 2h;
  for (const auto length : {90min, 180min}) {
    World world(85, tuning);
    for (std::size_t number = 0; number < 10; ++number) world.start(number, {0, 9});
    world.run_for(20s);
    world.passes = [](std::size_t from, std::size_t to) { return (from < 4) == (to < 4); };
    world.run_for(length);
    CHECK(world.belief(2, 7) == (length < 2h ? std::optional(State::dead) : std::nullopt));
    world.passes = nullptr;
    CHECK(world.run_until([&] { return world.all_alive() && world.at(2).members().size() == 10; }, 30s));
  }
}

TEST_CASE("G10: a seed that left is dialled again, so that it need not know anybody to come back") {
  World world(83);
  world.start_all(4);
  world.run_for(5s);
  world.leave(0);
  world.kill(0);
  world.run_for(600s);
  world.start(0, {});
  CHECK(world.run_until([&] { return world.all_alive(); }, 60s));
}

TEST_CASE("G10: the dead are forgotten in the end") {
  Tuning tuning;
  tuning.forget_after = 1h;
  World world(84, tuning);
  world.start_all(4);
  world.kill(3);
  world.run_for(1700s);
  // A newcomer hears of the dead, and does not keep the memory of others up.
  world.start(4, {0});
  world.run_for(1700s);
  CHECK(world.belief(1, 3) == State::dead);
  CHECK(world.belief(4, 3) == State::dead);
  world.start(5, {4});
  world.run_for(10s);
  CHECK(world.at(5).members().size() == 5);
  CHECK(world.belief(5, 3) == std::nullopt);
  world.run_for(400s);
  CHECK(world.belief(1, 3) == std::nullopt);
  CHECK(world.belief(2, 3) == std::nullopt);
  CHECK(world.belief(4, 3) == State::dead);
  world.run_for(1700s);
  CHECK(world.belief(4, 3) == std::nullopt);
}

TEST_CASE("G2: a member that restarts at once is the same member in a later boot") {
  World world(90);
  world.start_all(6);
  world.run_for(5s);
  world.kill(3);
  world.start(3, {0});
  world.run_for(5s);
  CHECK(world.all_alive());
  CHECK(world.at(1).members().size() == 6);
  for (std::size_t number = 0; number < 6; ++number) {
    CHECK(world.at(number).members().at(member_id(3)).rumour.age.boot_epoch == BootEpoch{2});
    CHECK(accusations(world.events(number)) == 0);
  }
}

TEST_CASE("G2: a member that returns from the dead is alive again to all") {
  World world(91);
  world.start_all(6);
  world.kill(3);
  REQUIRE(world.run_until([&] { return world.all_believe(3, State::dead); }, 20s));
  world.start(3, {5});
  CHECK(world.run_until([&] { return world.all_alive(); }, 5s));
}

TEST_CASE("G4: a cloned data folder is reported to both claimants and to a bystander") {
  World world(92);
  world.start_all(4);
  world.run_for(5s);
  // The clone joins at another place, in the boot of the original.
  Effects effects;
  Gossip clone({member_id(3), "m3", address_of(9), BootEpoch{1}, Role::observer}, {address_of(0)}, {}, Prng(7),
               world.now());
  clone.on_tick(world.now(), effects);
  REQUIRE(effects.send.size() == 1);
  Effects answer;
  world.at(0).on_message(address_of(9), member_id(3), effects.send[0].message, world.now(), answer);
  CHECK(answer.events == std::vector<Event>{CloneSeen{
                             member_id(3), {address_of(3), BootEpoch{1}}, {address_of(9), BootEpoch{1}}}});
  const std::vector<Rumour> known{world.at(0).members().at(member_id(3)).rumour};
  CHECK(std::ranges::count(answer.send, Datagram{address_of(9), {Tell{}, known}}) == 1);
  Effects heard;
  for (const Datagram& datagram : answer.send) {
    if (datagram.to == address_of(9)) clone.on_message(address_of(0), member_id(0), datagram.message, world.now(), heard);
    if (datagram.to == address_of(3)) world.inject(3, 0, datagram.message);
  }
  CHECK(all_of<CloneSeen>(heard.events).size() == 1);
  REQUIRE(all_of<CloneSeen>(world.events(3)).size() == 1);
  CHECK(all_of<CloneSeen>(world.events(3))[0].other.address == address_of(9));
  world.run_for(5s);
  CHECK(world.at(1).members().at(member_id(3)).rumour.address == address_of(3));
}

TEST_CASE("G12: a member that leaves is left to all within a second, and silent") {
  World world(93);
  world.start_all(10);
  world.run_for(5s);
  world.leave(4);
  CHECK(world.at(4).next_wakeup() == Instant::max());
  CHECK(world.run_until([&] { return world.all_believe(4, State::left); }, 1s));
  world.run_for(30s);
  CHECK(world.all_believe(4, State::left));
  for (std::size_t number = 0; number < 10; ++number) CHECK(accusations(world.events(number)) == 0);
  world.kill(4);
  world.start(4, {0});
  CHECK(world.run_until([&] { return world.all_alive(); }, 3s));
}

TEST_CASE("G1: a role that a member says of itself is told to all") {
  World world(94);
  world.start_all(5);
  world.kill(2);
  world.start(2, {0}, Role::voter);
  const auto known = [&](std::size_t number) {
    return world.at(number).members().at(member_id(2)).rumour.role == Role::voter;
  };
  CHECK(world.run_until([&] { return known(0) && known(1) && known(3) && known(4); }, 3s));
}

TEST_CASE("G5, G9: storms of news outgrow neither queue nor datagram") {
  World world(95);
  world.start_all(5);
  Prng prng(5);
  for (int round = 0; round < 300; ++round) {
    Message storm{Tell{}, {}};
    for (int i = 0; i < 5; ++i) {
      Rumour rumour = rumour_of(20 + prng.below(200), static_cast<State>(prng.below(4)), prng.below(9));
      rumour.name = std::string(1 + prng.below(64), 'n');
      rumour.accuser = member_id(prng.below(5));
      storm.rumours.push_back(rumour);
    }
    world.inject(prng.below(5), prng.below(4), storm);
    world.run_for(50ms);
  }
  CHECK(world.greatest_datagram() <= datagram_bytes_max);
  CHECK(world.greatest_datagram() > datagram_bytes_max / 2);
  CHECK(world.at(1).members().size() > 150);
  world.run_for(120s);
  for (std::size_t number = 0; number < 5; ++number) {
    CHECK(world.belief(0, number) == State::alive);
    CHECK(world.at(number).news() == 0);
  }
}

TEST_CASE("G13: nonsense is counted and changes nothing else") {
  World world(96);
  world.start_all(3);
  Rumour nameless = rumour_of(9);
  nameless.name = "";
  world.inject(0, 1, {Tell{}, {nameless, nameless}});
  CHECK(world.at(0).malformed() == 2);
  CHECK(world.at(0).members().size() == 3);
  const Gossip before = world.at(0);
  for (const Body& body : {Body{Ack{99}}, Body{Nack{99}}, Body{JoinReply{99, {}, false}}, Body{Ping{99, member_id(2)}}}) {
    world.inject(0, 1, {body, {}});
  }
  CHECK(world.at(0).members() == before.members());
  CHECK(world.at(0).malformed() == before.malformed());
}

TEST_CASE("the same seed gives the same states, another one others; a copy is equal and goes the same way") {
  const auto run = [](std::uint64_t seed) {
    World world(seed);
    world.loss_per_mille = 100;
    world.start_all(8);
    world.kill(3);
    world.run_for(30s);
    return world.hash();
  };
  CHECK(run(100) == run(100));
  CHECK(run(100) != run(101));

  World world(102);
  world.start_all(4);
  Gossip copy = world.at(1);
  CHECK(copy == world.at(1));
  Effects first;
  Effects second;
  const Instant later = copy.next_wakeup();
  copy.on_tick(later, first);
  CHECK_FALSE(copy == world.at(1));
  CHECK(state_hash(copy) != state_hash(world.at(1)));
  world.at(1).on_tick(later, second);
  CHECK(first == second);
  CHECK(copy == world.at(1));
}
