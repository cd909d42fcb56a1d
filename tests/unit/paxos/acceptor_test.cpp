#include "paxos/acceptor.hpp"

#include <doctest/doctest.h>

#include "base/invariant.hpp"
#include "unit/paxos/parts.hpp"

using namespace conclave;
using namespace conclave::paxos;
using namespace conclave::paxos::test;

namespace {

Prepare prepare(const Ballot& of, std::uint64_t watermark = 0) {
  return {of, Slot(watermark), {ConfigurationId(1), Slot(0)}, 99};
}

Accept accept(const Ballot& of, std::uint64_t first, std::vector<Entry> entries) {
  return {of, Slot(first), std::move(entries), Slot(0)};
}

}  // namespace

TEST_CASE("P1: promising below the promised ballot is our own bug") {
  auto core = core_of(3);
  Acceptor acceptor({}, core.log);
  Effects effects;
  acceptor.promise(ballot(5, 2), core, effects);
  CHECK(acceptor.promised() == ballot(5, 2));
  CHECK_THROWS_AS(acceptor.promise(ballot(4, 3), core, effects), InvariantBroken);
  CHECK_THROWS_AS((void)acceptor.on_prepare(prepare(ballot(5, 1)), core, effects), InvariantBroken);
  auto low = accept(ballot(4, 9), 1, {command("a")});
  CHECK_THROWS_AS((void)acceptor.on_accept(low, core, effects), InvariantBroken);
}

TEST_CASE("P1: accepting raises the promise, and both are stored") {
  auto core = core_of(3);
  Acceptor acceptor({}, core.log);
  Effects effects;
  auto message = accept(ballot(3, 2), 1, {command("a"), command("b")});
  const auto answer = std::get<Accepted>(acceptor.on_accept(message, core, effects));
  CHECK(acceptor.promised() == ballot(3, 2));
  CHECK(records<PromisedRecord>(effects) == std::vector{PromisedRecord{ballot(3, 2)}});
  CHECK(records<AcceptedRecord>(effects) == std::vector{AcceptedRecord{Slot(1), ballot(3, 2), command("a")},
                                                        AcceptedRecord{Slot(2), ballot(3, 2), command("b")}});
  CHECK(answer == Accepted{ballot(3, 2), Incarnation(1), Slot(0), Slot(2), false});
}

TEST_CASE("P2: a promise is stored, and a repeated Prepare answered again without a new record") {
  auto core = core_of(3);
  Acceptor acceptor({}, core.log);
  Effects effects;
  const auto first = acceptor.on_prepare(prepare(ballot(2, 2)), core, effects);
  CHECK(records<PromisedRecord>(effects) == std::vector{PromisedRecord{ballot(2, 2)}});
  Effects again;
  CHECK(acceptor.on_prepare(prepare(ballot(2, 2)), core, again) == first);
  CHECK(again.persist.empty());
  CHECK(first[0].boot_nonce == 99);
}

TEST_CASE("P3: an acceptor accepts in order, and answers a gap with where it stands") {
  auto core = core_of(3);
  fill(core, {ballot(1, 2), ballot(1, 2), ballot(1, 2)}, 1);
  Acceptor acceptor(ballot(1, 2), core.log);
  CHECK(acceptor.accepted_upto(ballot(1, 2), core.log) == Slot(3));
  Effects effects;
  // In a new ballot nothing above the watermark is accepted yet, whatever older ballots left there.
  auto late = accept(ballot(2, 3), 3, {command("x")});
  CHECK(std::get<Accepted>(acceptor.on_accept(late, core, effects)) ==
        Accepted{ballot(2, 3), Incarnation(1), Slot(1), Slot(1), true});
  CHECK(core.log.at(Slot(3))->entry == filled(3, ballot(1, 2)));
  auto next = accept(ballot(2, 3), 2, {command("x")});
  CHECK(std::get<Accepted>(acceptor.on_accept(next, core, effects)) ==
        Accepted{ballot(2, 3), Incarnation(1), Slot(1), Slot(2), false});
  // An old ballot's entry above stays until it is accepted anew.
  CHECK(core.log.at(Slot(3))->ballot == ballot(1, 2));
}

TEST_CASE("P3: a repeated Accept changes nothing, and what is chosen is never accepted again") {
  auto core = core_of(3);
  fill(core, {ballot(1, 2), ballot(1, 2)}, 2);
  Acceptor acceptor(ballot(1, 2), core.log);
  Effects effects;
  for (int time = 0; time < 2; ++time) {
    auto message = accept(ballot(3, 2), 1, {command("other"), command("other"), command("c")});
    CHECK(std::get<Accepted>(acceptor.on_accept(message, core, effects)).upto == Slot(3));
  }
  CHECK(records<AcceptedRecord>(effects) == std::vector{AcceptedRecord{Slot(3), ballot(3, 2), command("c")}});
  CHECK(core.log.at(Slot(2))->entry == filled(2, ballot(1, 2)));
}

TEST_CASE("P3: two values for one ballot and slot are refused") {
  auto core = core_of(3);
  Acceptor acceptor({}, core.log);
  Effects effects;
  auto one = accept(ballot(3, 2), 1, {command("a")});
  (void)acceptor.on_accept(one, core, effects);
  auto other = accept(ballot(3, 2), 1, {command("b"), command("c")});
  CHECK(std::holds_alternative<Malformed>(acceptor.on_accept(other, core, effects)));
  CHECK(core.log.last() == Slot(1));
}

TEST_CASE("P3: slots that cannot be are refused") {
  auto core = core_of(3);
  Acceptor acceptor({}, core.log);
  Effects effects;
  auto zero = accept(ballot(3, 2), 0, {command("a")});
  CHECK(std::holds_alternative<Malformed>(acceptor.on_accept(zero, core, effects)));
  auto wrapped = accept(ballot(3, 2), ~std::uint64_t{0}, {command("a"), command("b")});
  CHECK(std::holds_alternative<Malformed>(acceptor.on_accept(wrapped, core, effects)));
  CHECK(effects.persist.empty());
}

TEST_CASE("P4: a Promise reports everything above the candidate's watermark, chosen ones marked") {
  auto core = core_of(3);
  fill(core, {ballot(1, 2), {}, ballot(1, 3), ballot(2, 3)}, 3);
  Acceptor acceptor(ballot(2, 3), core.log);
  Effects effects;
  const auto parts = acceptor.on_prepare(prepare(ballot(4, 2), 1), core, effects);
  REQUIRE(parts.size() == 1);
  CHECK(parts[0] == Promise{ballot(4, 2),
                            Incarnation(1),
                            Slot(3),
                            Slot(1),
                            {{Slot(2), {}, true, filled(2, {})},
                             {Slot(3), ballot(1, 3), true, filled(3, ballot(1, 3))},
                             {Slot(4), ballot(2, 3), false, filled(4, ballot(2, 3))}},
                            0,
                            0,
                            99});
}

TEST_CASE("P4: a report is cut into parts, and shortened only where it is chosen") {
  auto core = core_of(3, {.frame_entries_max = 2, .report_chosen_bytes_max = 1});
  fill(core, {ballot(1, 2), ballot(1, 2), ballot(1, 2), ballot(1, 2), ballot(1, 2), ballot(1, 2)}, 3);
  Acceptor acceptor(ballot(1, 2), core.log);
  Effects effects;
  const auto parts = acceptor.on_prepare(prepare(ballot(4, 2)), core, effects);
  std::vector<std::uint64_t> slots;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    CHECK(parts[i].part == i);
    CHECK(parts[i].last_part == parts.size() - 1);
    for (const auto& reported : parts[i].reported) slots.push_back(reported.slot.value);
  }
  CHECK(parts.size() == 2);
  CHECK(slots == std::vector<std::uint64_t>{1, 4, 5, 6});
}

TEST_CASE("P2: a restarted acceptor knows what it accepted in its promised ballot, and no more") {
  auto core = core_of(3);
  fill(core, {ballot(1, 2), ballot(3, 2), ballot(3, 2), ballot(1, 2)}, 1);
  const Acceptor acceptor(ballot(3, 2), core.log);
  CHECK(acceptor.promised() == ballot(3, 2));
  CHECK(acceptor.accepted_upto(ballot(3, 2), core.log) == Slot(3));
  CHECK(acceptor.accepted_upto(ballot(1, 2), core.log) == Slot(1));
}
