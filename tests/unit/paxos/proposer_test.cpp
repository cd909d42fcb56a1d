#include "paxos/proposer.hpp"

#include <doctest/doctest.h>

#include "base/invariant.hpp"
#include "paxos/entry.hpp"
#include "unit/paxos/parts.hpp"

using namespace conclave;
using namespace conclave::paxos;
using namespace conclave::paxos::test;

namespace {

const auto mine = ballot(9, 1);
const Instant start{};

// Member 1 leads; what it holds and what member 2 reported is given.
struct Leading {
  Leading(std::uint8_t voters, std::initializer_list<Ballot> log, std::uint64_t watermark,
          std::vector<Reported> reported = {}, Tuning tuning = {})
      : core(core_of(voters, tuning)) {
    fill(core, log, watermark);
    acceptor = Acceptor({}, core.log);
    acceptor.promise(mine, core, effects);
    Phase1 phase1(mine, core.watermark(), start);
    phase1.add_own(core.identity);
    for (std::uint8_t i = 2; i <= voters; ++i)
      (void)phase1.add(member(i), {mine, Incarnation(1), core.watermark(), Slot(1),
                                   i == 2 ? reported : std::vector<Reported>{}, 0, 0, 7});
    proposer.emplace(std::move(phase1), core, start);
  }

  void resume() { proposer->resume(core, acceptor, effects); }
  void count() { proposer->count(core, start, effects); }
  Slot propose(std::string_view text) { return proposer->propose({command(text)}, core, acceptor, effects); }
  void accepted(std::uint8_t from, std::uint64_t upto, const Ballot& in = mine, std::uint32_t incarnation = 1) {
    proposer->on_accepted(member(from), {in, Incarnation(incarnation), Slot(0), Slot(upto), false}, core, start);
  }
  // All that was written is on disk.
  void sync() {
    core.durable.seal(acceptor.stored(core), effects);
    core.durable.on_persisted(*effects.batch);
    effects = {};
  }

  Core core;
  Acceptor acceptor{{}, core.log};
  Effects effects;
  std::optional<Proposer> proposer;
};

Reported held(std::uint64_t slot, const Ballot& in, Entry entry) { return {Slot(slot), in, false, std::move(entry)}; }

Entry configuration(std::uint8_t voters) {
  return {EntryKind::configuration, ClusterTime(3),
          encode(Configuration{ConfigurationId(2), ConfigurationId(1), founders(voters).voters})};
}

}  // namespace

TEST_CASE("P4, P12: found values are proposed again with their stamps, then the term-start, then new values") {
  Leading leading(3, {ballot(1, 2), ballot(1, 2)}, 1,
                  {held(2, ballot(3, 3), command("x", 50)), held(3, ballot(2, 3), command("y", 40))});
  CHECK_FALSE(leading.proposer->can_propose(leading.core));
  leading.resume();
  const auto& log = leading.core.log;
  CHECK(log.at(Slot(2))->entry == command("x", 50));
  CHECK(log.at(Slot(2))->ballot == mine);
  CHECK(log.at(Slot(3))->entry == command("y", 40));
  CHECK(leading.proposer->term_start() == Slot(4));
  CHECK(log.at(Slot(4))->entry == Entry{EntryKind::term_start, ClusterTime(50), encode(TermStart{mine})});
  CHECK(leading.proposer->can_propose(leading.core));
  CHECK(leading.propose("new") == Slot(5));
  CHECK(records<AcceptedRecord>(leading.effects).size() == 4);
}

TEST_CASE("P4: a hole between found values becomes a no-op") {
  Leading leading(3, {}, 0);
  // Holes arise above a configuration, where the reports of a new set come later: here one is made by hand.
  Phase1 phase1(mine, Slot(0), start);
  phase1.add_own(leading.core.identity);
  REQUIRE(
      phase1.add(member(2), {mine, Incarnation(1), Slot(1), Slot(1), {held(2, ballot(1, 2), command("b"))}, 0, 0, 7}));
  leading.proposer.emplace(std::move(phase1), leading.core, start);
  leading.resume();
  CHECK(leading.core.log.at(Slot(1))->entry == Entry{});
  CHECK(leading.core.log.at(Slot(2))->entry == command("b"));
  CHECK(leading.proposer->term_start() == Slot(3));
}

TEST_CASE("P5: chosen needs a majority in this ballot, and the leader's own vote only once it is on disk") {
  Leading leading(3, {}, 0);
  leading.resume();
  leading.accepted(2, 1);
  leading.count();
  CHECK(leading.core.watermark() == Slot(0));
  leading.sync();
  leading.count();
  CHECK(leading.core.watermark() == Slot(1));
  CHECK(leading.proposer->term_started(leading.core));
  CHECK(leading.effects.apply.size() == 1);
}

TEST_CASE("P5: answers of an old ballot do not count, nor what an old ballot accepted") {
  Leading leading(3, {ballot(1, 2), ballot(1, 2)}, 0);
  leading.sync();
  // On disk in an old ballot at two of three, not yet proposed again.
  leading.accepted(2, 2, ballot(1, 2));
  leading.count();
  CHECK(leading.core.watermark() == Slot(0));
  leading.resume();
  leading.accepted(2, 3, ballot(8, 2));
  leading.sync();
  leading.count();
  CHECK(leading.core.watermark() == Slot(0));
  leading.accepted(2, 3);
  leading.count();
  CHECK(leading.core.watermark() == Slot(3));
}

TEST_CASE("P5: repeated answers of one voter count once, and half of an even number is no majority") {
  Leading leading(4, {}, 0);
  leading.resume();
  leading.sync();
  leading.accepted(2, 1);
  leading.accepted(2, 1);
  leading.count();
  CHECK(leading.core.watermark() == Slot(0));
  leading.accepted(3, 1);
  leading.count();
  CHECK(leading.core.watermark() == Slot(1));
}

TEST_CASE("P9: an acceptance under another incarnation does not count, nor one of no voter") {
  Leading leading(3, {}, 0);
  leading.resume();
  leading.sync();
  leading.accepted(2, 1, mine, 2);
  leading.accepted(9, 1);
  leading.count();
  CHECK(leading.core.watermark() == Slot(0));
}

TEST_CASE("P6: nothing is proposed above a configuration until it is chosen, stored and promised by the new majority") {
  Leading leading(3, {}, 0, {held(1, ballot(1, 2), configuration(5)), held(2, ballot(1, 2), command("above"))});
  auto& proposer = *leading.proposer;
  leading.resume();
  CHECK(proposer.proposed_upto() == Slot(1));
  CHECK_FALSE(proposer.can_propose(leading.core));
  CHECK_THROWS_AS((void)leading.propose("too soon"), InvariantBroken);
  leading.accepted(2, 1);
  leading.sync();
  // Counted under the configuration that governs its slot: two of three, not three of five.
  leading.count();
  REQUIRE(leading.core.watermark() == Slot(1));
  CHECK(leading.core.governing().configuration.voters.size() == 5);
  leading.resume();
  CHECK(proposer.proposed_upto() == Slot(1));
  CHECK(proposer.unfinished(leading.core) != nullptr);
  leading.core.durable.persist(WatermarkRecord{Slot(1)}, leading.effects);
  leading.sync();
  // 1, 2 and 3 promised: three of five, so it goes on, with what was found above.
  leading.resume();
  CHECK(leading.core.log.at(Slot(2))->entry == command("above"));
  CHECK(proposer.term_start() == Slot(3));
  leading.accepted(2, 3);
  leading.sync();
  leading.count();
  // Above it the new set counts: two of five are too few.
  CHECK(leading.core.watermark() == Slot(1));
  leading.accepted(4, 3);
  leading.count();
  CHECK(leading.core.watermark() == Slot(3));
}

TEST_CASE("P6: without Promises of the new majority it waits, and takes the values they report") {
  Leading leading(2, {}, 0, {held(1, ballot(1, 2), configuration(5))});
  auto& proposer = *leading.proposer;
  leading.resume();
  leading.accepted(2, 1);
  leading.sync();
  leading.count();
  leading.core.durable.persist(WatermarkRecord{Slot(1)}, leading.effects);
  leading.sync();
  leading.resume();
  REQUIRE(proposer.proposed_upto() == Slot(1));
  // An Accepted is no Promise.
  leading.accepted(4, 1);
  leading.resume();
  REQUIRE(proposer.proposed_upto() == Slot(1));
  CHECK(proposer.on_promise(
      member(4), {mine, Incarnation(1), Slot(1), Slot(1), {held(2, ballot(2, 4), command("theirs"))}, 0, 0, 7}));
  leading.resume();
  CHECK(leading.core.log.at(Slot(2))->entry == command("theirs"));
  CHECK(proposer.term_start() == Slot(3));
}

TEST_CASE("what is unchosen is bounded") {
  Leading leading(3, {}, 0, {}, {.unchosen_entries_max = 3});
  leading.resume();
  (void)leading.propose("a");
  CHECK(leading.proposer->can_propose(leading.core));
  (void)leading.propose("b");
  CHECK_FALSE(leading.proposer->can_propose(leading.core));
  leading.accepted(2, 1);
  leading.sync();
  leading.count();
  CHECK(leading.proposer->can_propose(leading.core));

  Leading bytes(3, {}, 0, {}, {.unchosen_bytes_max = 1});
  bytes.resume();
  CHECK_FALSE(bytes.proposer->can_propose(bytes.core));
  bytes.accepted(2, 1);
  bytes.sync();
  bytes.count();
  CHECK(bytes.proposer->can_propose(bytes.core));
}
