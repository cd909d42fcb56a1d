// The parts of gossip, each alone: the ring, the queue of rumours, a suspicion, the bound of a datagram.
#include <doctest/doctest.h>

#include <map>
#include <set>

#include <conclave/config.hpp>

#include "gossip/datagram.hpp"
#include "gossip/ring.hpp"
#include "gossip/rumours.hpp"
#include "gossip/suspicion.hpp"
#include "unit/gossip/world.hpp"

using namespace gossip_test;

TEST_CASE("a ring gives every member once per round, in another order each time") {
  Ring ring{Prng(1)};
  for (std::size_t i = 0; i < 20; ++i) ring.insert(member_id(i));
  std::vector<std::vector<MemberId>> rounds(2);
  for (auto& round : rounds) {
    for (std::size_t i = 0; i < 20; ++i) round.push_back(*ring.next());
    CHECK(std::set<MemberId>(round.begin(), round.end()).size() == 20);
  }
  CHECK(rounds[0] != rounds[1]);
}

TEST_CASE("a ring skips nobody when members come and go in the middle of a round") {
  Ring ring{Prng(2)};
  for (std::size_t i = 0; i < 10; ++i) ring.insert(member_id(i));
  std::set<MemberId> seen;
  for (std::size_t i = 0; i < 5; ++i) seen.insert(*ring.next());
  const MemberId gone = *seen.begin();
  ring.erase(gone);
  ring.insert(member_id(10));
  for (std::size_t i = 0; i < 6; ++i) seen.insert(*ring.next());
  CHECK(seen.size() == 11);
}

TEST_CASE("a sample has no doubles, leaves one out, and prefers nobody") {
  Ring ring{Prng(3)};
  for (std::size_t i = 0; i < 8; ++i) ring.insert(member_id(i));
  for (std::size_t but = 0; but < 8; ++but) {
    std::map<MemberId, int> drawn;
    for (int i = 0; i < 7000; ++i) {
      const std::vector<MemberId> sample = ring.sample(3, member_id(but));
      CHECK(std::set<MemberId>(sample.begin(), sample.end()).size() == 3);
      for (const MemberId member : sample) ++drawn[member];
    }
    CHECK(drawn.size() == 7);
    CHECK_FALSE(drawn.contains(member_id(but)));
    for (const auto& [member, times] : drawn) CHECK(times == doctest::Approx(3000).epsilon(0.08));
  }
  CHECK(ring.sample(100).size() == 8);
  CHECK(Ring{Prng(4)}.sample(3).empty());
}

TEST_CASE("G5: news of a member has one slot, however often it comes") {
  Rumours rumours;
  for (int i = 0; i < 100; ++i) rumours.push(member_id(1));
  CHECK(rumours.size() == 1);
}

TEST_CASE("G3: the urgent goes first, then the least told, the newer before the older; enough is enough") {
  Rumours rumours;
  rumours.push(member_id(1));
  rumours.push(member_id(2));
  rumours.push(member_id(3), true);
  rumours.push(member_id(4));
  const auto take = [&](std::size_t count) {
    std::vector<MemberId> taken;
    rumours.take(
        3,
        [&](MemberId member) {
          taken.push_back(member);
          return true;
        },
        [&] { return taken.size() == count; });
    return taken;
  };
  CHECK(take(2) == std::vector{member_id(3), member_id(4)});
  CHECK(take(3) == std::vector{member_id(3), member_id(2), member_id(1)});
  CHECK(take(2) == std::vector{member_id(3), member_id(4)});
  CHECK_FALSE(rumours.contains(member_id(3)));
  CHECK(take(9) == std::vector{member_id(2), member_id(1), member_id(4)});
  CHECK(take(9) == std::vector{member_id(2), member_id(1)});
  CHECK(rumours.empty());
}

TEST_CASE("G7: a suspect has the less time the more agree, never less than the minimum") {
  const Tuning tuning;
  const Instant start{10s};
  const auto minimum = Suspicion::timeout_min(tuning, 8);
  Suspicion suspicion(tuning, 8, start);
  CHECK(suspicion.confirm(member_id(1), Evidence::silence, start));
  CHECK(suspicion.deadline() == start + minimum * tuning.suspicion_stretch);
  CHECK_FALSE(suspicion.confirm(member_id(1), Evidence::silence, start));
  CHECK(suspicion.confirm(member_id(2), Evidence::silence, start));
  CHECK(suspicion.deadline() < start + minimum * tuning.suspicion_stretch);
  CHECK(suspicion.deadline() > start + minimum);
  CHECK(suspicion.confirm(member_id(3), Evidence::silence, start));
  CHECK(suspicion.deadline() == start + minimum);
  CHECK_FALSE(suspicion.confirm(member_id(4), Evidence::silence, start));
  CHECK(suspicion.deadline() == start + minimum);
}

TEST_CASE("G7: two members alone have nobody to agree, and wait the minimum") {
  const Tuning tuning;
  Suspicion suspicion(tuning, 2, Instant{});
  suspicion.confirm(member_id(1), Evidence::silence, Instant{});
  CHECK(suspicion.deadline() == Instant{} + Suspicion::timeout_min(tuning, 2));
}

TEST_CASE("G7: agreement that comes late ends a suspicion then, not before") {
  const Instant start{10s};
  Suspicion suspicion({}, 8, start);
  suspicion.confirm(member_id(1), Evidence::silence, start);
  const Instant late = start + Suspicion::timeout_min({}, 8) + 1s;
  CHECK(suspicion.confirm_fully(late));
  CHECK(suspicion.deadline() == late);
}

TEST_CASE("G8: two refusals leave one period, one leaves the usual time") {
  const Tuning tuning;
  const Instant start{10s};
  Suspicion suspicion(tuning, 8, start);
  suspicion.confirm(member_id(1), Evidence::refused, start);
  const Instant usual = suspicion.deadline();
  CHECK_FALSE(suspicion.confirm(member_id(1), Evidence::refused, start + 100ms));
  CHECK(suspicion.deadline() == usual);
  CHECK(suspicion.confirm(member_id(2), Evidence::refused, start + 200ms));
  CHECK(suspicion.deadline() == start + 200ms + tuning.period);
}

TEST_CASE("G6: a suspicion gets lost time back, and the grace on top") {
  const Tuning tuning;
  const Instant start{10s};
  Suspicion suspicion(tuning, 3, start);
  const Instant before = suspicion.deadline();
  suspicion.postpone(5s, start + 6s);
  CHECK(suspicion.deadline() == before + 5s);
  suspicion.confirm_fully(start);
  suspicion.postpone(0s, start + 60s);
  CHECK(suspicion.deadline() == start + 60s);
}

TEST_CASE("G9: three rumours of the greatest size fit, two beside an address") {
  Rumour rumour = rumour_of(1);
  rumour.name = std::string(member_name_bytes_max, 'n');
  rumour.address.host = std::string(host_bytes_max, 'h');
  CHECK(3 * rumour_bytes(rumour) <= room_for_rumours(Tell{}));
  CHECK(2 * rumour_bytes(rumour) <= room_for_rumours(PingRequest{1, member_id(1), rumour.address}));
  CHECK(datagram_bytes({Tell{}, {rumour, rumour, rumour}}) <= datagram_bytes_max);
  CHECK(datagram_bytes({Tell{}, {}}) + room_for_rumours(Tell{}) == datagram_bytes_max);
}

TEST_CASE("G13: what no correct peer says is told apart") {
  CHECK(is_well_formed(rumour_of(1)));
  const auto broken = [](auto change) {
    Rumour rumour = rumour_of(1);
    change(rumour);
    return !is_well_formed(rumour);
  };
  CHECK(broken([](Rumour& r) { r.member = {}; }));
  CHECK(broken([](Rumour& r) { r.name = ""; }));
  CHECK(broken([](Rumour& r) { r.name = std::string(65, 'n'); }));
  CHECK(broken([](Rumour& r) { r.address.host = ""; }));
  CHECK(broken([](Rumour& r) { r.address.host = std::string(65, 'h'); }));
  CHECK(broken([](Rumour& r) { r.address.host = "0.0.0.0"; }));
  CHECK(broken([](Rumour& r) { r.address.port = 0; }));
  CHECK(broken([](Rumour& r) { r.age.incarnation = Incarnation{~std::uint64_t{0}}; }));
  CHECK(broken([](Rumour& r) { r.state = static_cast<State>(4); }));
  CHECK(broken([](Rumour& r) { r.evidence = static_cast<Evidence>(2); }));
}
