#include "paxos/phase1.hpp"

#include <doctest/doctest.h>

#include "unit/paxos/parts.hpp"

using namespace conclave;
using namespace conclave::paxos;
using namespace conclave::paxos::test;

namespace {

const auto mine = ballot(9, 1);

Promise promise(std::uint64_t watermark, std::vector<Reported> reported, std::uint32_t part = 0,
                std::uint32_t last = 0) {
  return {mine, Incarnation(1), Slot(watermark), Slot(1), std::move(reported), part, last, 7};
}

Reported held(std::uint64_t slot, const Ballot& in, bool chosen = false) {
  return {Slot(slot), in, chosen, filled(slot, in)};
}

}  // namespace

TEST_CASE("P4: per slot the value of the highest ballot is taken, the own log included") {
  auto core = core_of(3);
  fill(core, {ballot(1, 2), ballot(4, 2), ballot(1, 2)}, 1);
  Phase1 phase1(mine, Slot(1), {});
  REQUIRE(phase1.add(member(2), promise(1, {held(2, ballot(3, 3)), held(3, ballot(5, 3)), held(4, ballot(2, 3))})));
  const auto values = phase1.values(core.log, Slot(1));
  REQUIRE(values.size() == 3);
  CHECK(values.at(Slot(2)).entry == filled(2, ballot(4, 2)));
  CHECK(values.at(Slot(3)).entry == filled(3, ballot(5, 3)));
  CHECK(values.at(Slot(4)).entry == filled(4, ballot(2, 3)));
}

TEST_CASE("P4: a majority counts each voter once, and only complete Promises of this ballot") {
  Phase1 phase1(mine, Slot(0), {});
  const auto five = founders(5);
  phase1.add_own({.self = member(1), .incarnation = Incarnation(1)});
  CHECK(phase1.add(member(2), promise(0, {})));
  CHECK_FALSE(phase1.add(member(2), promise(0, {})));
  CHECK_FALSE(phase1.has_majority_of(five));
  auto old = promise(0, {});
  old.ballot = ballot(8, 1);
  CHECK_FALSE(phase1.add(member(3), old));
  CHECK_FALSE(phase1.add(member(3), promise(0, {held(1, ballot(1, 2))}, 0, 1)));
  CHECK_FALSE(phase1.has_majority_of(five));
  CHECK(phase1.add(member(3), promise(0, {held(2, ballot(1, 2))}, 1, 1)));
  CHECK(phase1.has_majority_of(five));
}

TEST_CASE("quorum: an even number of voters needs more than half") {
  Phase1 phase1(mine, Slot(0), {});
  phase1.add_own({.self = member(1), .incarnation = Incarnation(1)});
  CHECK(phase1.add(member(2), promise(0, {})));
  CHECK(phase1.has_majority_of(founders(3)));
  CHECK_FALSE(phase1.has_majority_of(founders(4)));
  CHECK(phase1.add(member(3), promise(0, {})));
  CHECK(phase1.has_majority_of(founders(4)));
}

TEST_CASE("P9: a Promise of another incarnation, or of no voter, does not count") {
  Phase1 phase1(mine, Slot(0), {});
  phase1.add_own({.self = member(1), .incarnation = Incarnation(1)});
  auto other = promise(0, {});
  other.incarnation = Incarnation(2);
  CHECK(phase1.add(member(2), other));
  CHECK(phase1.add(member(8), promise(0, {})));
  CHECK_FALSE(phase1.has_majority_of(founders(3)));
}

TEST_CASE("P4: parts come in any order, and parts of two different reports never mix") {
  const auto in = ballot(1, 2);
  Phase1 any(mine, Slot(0), {});
  CHECK_FALSE(any.add(member(2), promise(1, {held(3, in)}, 1, 1)));
  CHECK(any.add(member(2), promise(1, {held(1, in, true), held(2, in)}, 0, 1)));
  CHECK(any.furthest()->watermark == Slot(1));

  Phase1 mixed(mine, Slot(0), {});
  CHECK_FALSE(mixed.add(member(2), promise(1, {held(2, in)}, 0, 1)));
  // The second answer came after the acceptor learnt more; it replaces the first.
  CHECK_FALSE(mixed.add(member(2), promise(2, {held(3, in)}, 1, 1)));
  CHECK_FALSE(mixed.add(member(2), promise(1, {held(2, in)}, 0, 1)));
  CHECK_FALSE(mixed.heard(member(2)));
  CHECK(mixed.add(member(2), promise(2, {held(1, in, true), held(2, in, true)}, 0, 1)));
}

TEST_CASE("P4: a report with a hole above its watermark does not count") {
  const auto in = ballot(1, 2);
  Phase1 phase1(mine, Slot(0), {});
  CHECK_FALSE(phase1.add(member(2), promise(1, {held(3, in)})));
  CHECK_FALSE(phase1.add(member(2), promise(1, {held(2, in), held(4, in)})));
  CHECK_FALSE(phase1.add(member(2), promise(1, {held(2, in), held(2, in)})));
  CHECK_FALSE(phase1.heard(member(2)));
}

TEST_CASE("P4: a holder that does not deliver is discarded whole: vote, report and watermark") {
  auto core = core_of(3);
  Phase1 phase1(mine, Slot(0), {});
  phase1.add_own(core.identity);
  REQUIRE(phase1.add(member(2), promise(5, {held(6, ballot(1, 2))})));
  CHECK(phase1.furthest()->watermark == Slot(5));
  phase1.discard(member(2));
  CHECK_FALSE(phase1.has_majority_of(founders(3)));
  CHECK_FALSE(phase1.furthest());
  CHECK(phase1.values(core.log, Slot(0)).empty());
  CHECK_FALSE(phase1.add(member(2), promise(5, {held(6, ballot(1, 2))})));
}

TEST_CASE("P4: everyone is asked once, and those that did not answer again after a while") {
  auto core = core_of(3);
  const Instant start{};
  Phase1 phase1(mine, Slot(0), start);
  CHECK(phase1.to_ask(founders(3), core, start).size() == 2);
  CHECK(phase1.to_ask(founders(3), core, start).empty());
  REQUIRE(phase1.add(member(2), promise(0, {})));
  CHECK(phase1.to_ask(founders(3), core, start + core.tuning.resend) == std::vector{member(3)});
}
