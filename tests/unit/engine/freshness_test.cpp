// R2: how old the state is, by stamps that come back.
#include "engine/freshness.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "sim/world.hpp"

using namespace conclave;
using namespace conclave::engine;
using namespace std::chrono_literals;

namespace {

constexpr MemberId leader{Uuid{{1}}};

Instant at(std::chrono::milliseconds time) { return Instant(time); }

Freshness answer(std::uint64_t watermark, std::uint64_t age_ms, std::uint64_t echo) {
  return {.watermark = Slot(watermark), .age_ms = age_ms, .leader = leader, .stamp = 1, .echo = echo};
}

/// The stamp that a node sends at `time`.
std::uint64_t stamp_at(std::chrono::milliseconds time) {
  return FreshState().tell(leader, {}, {}, {}, at(time)).stamp;
}

}  // namespace

TEST_CASE("R2: an answer that was held up makes the state older, never younger") {
  FreshState prompt;
  prompt.on_freshness(leader, answer(3, 20, stamp_at(1000ms)), true, Slot(3), at(1001ms));
  FreshState late;
  late.on_freshness(leader, answer(3, 20, stamp_at(1000ms)), true, Slot(3), at(9000ms));
  CHECK(prompt.proven() == at(980ms));
  CHECK(late.proven() == at(980ms));
}

TEST_CASE("R2: an answer counts once everything up to its watermark is applied, and later ones do not push it away") {
  FreshState fresh;
  fresh.on_freshness(leader, answer(10, 0, stamp_at(100ms)), true, Slot(8), at(101ms));
  CHECK_FALSE(fresh.proven());
  fresh.on_freshness(leader, answer(20, 0, stamp_at(200ms)), true, Slot(9), at(201ms));
  CHECK_FALSE(fresh.proven());
  fresh.on_applied(Slot(10));
  CHECK(fresh.proven() == at(100ms));
  fresh.on_freshness(leader, answer(20, 0, stamp_at(300ms)), true, Slot(20), at(301ms));
  CHECK(fresh.proven() == at(300ms));
  fresh.on_freshness(leader, answer(20, 250, stamp_at(301ms)), true, Slot(20), at(302ms));
  CHECK(fresh.proven() == at(300ms));  // never back
}

TEST_CASE("R2: a stamp is brought back while its link lasts") {
  FreshState fresh;
  CHECK(fresh.tell(leader, {}, {}, {}, at(5ms)).echo == 0);
  fresh.on_freshness(leader, {.watermark = {}, .age_ms = {}, .leader = {}, .stamp = 77, .echo = 0}, false, {}, at(5ms));
  CHECK(fresh.tell(leader, {}, {}, {}, at(6ms)).echo == 77);
  fresh.on_link_closed(leader);
  CHECK(fresh.tell(leader, {}, {}, {}, at(7ms)).echo == 0);
}

TEST_CASE("R2: every voter knows the age of its state; one that is cut off sees it grow") {
  sim::World world(11);
  world.found(3);
  const auto age_of = [&](const std::string& name) { return world.engine(name).staleness(world.now()); };
  const auto all_fresh = [&] {
    return std::ranges::all_of(world.names(), [&](const auto& name) { return age_of(name) && *age_of(name) < 1s; });
  };
  REQUIRE(world.run_until(all_fresh));
  world.run_for(5s);
  CHECK(all_fresh());

  const auto leader_name = *world.leader();
  const auto cut = leader_name == "1" ? "2" : "1";
  std::set<std::string> rest;
  for (const auto& name : world.names())
    if (name != cut) rest.insert(name);
  world.network().partition({{cut}, rest});
  world.run_for(10s);
  REQUIRE(age_of(cut));
  CHECK(*age_of(cut) >= 10s);
  CHECK(*age_of(leader_name) < 1s);
  world.network().heal();
  CHECK(world.run_until(all_fresh));
}
