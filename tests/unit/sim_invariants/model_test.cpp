// Each rule of the model, broken by one event.
#include <doctest/doctest.h>

#include "unit/sim_invariants/doctored.hpp"

using namespace doctored;

TEST_CASE("P1 to P5: a regular election and choice is a run of the model") {
  Stream stream;
  stream.choose_x();
  stream.accepted(2, ballot(1, 1), 1);
  stream.say(1, paxos::Chosen{.ballot = ballot(1, 1), .upto = Slot{1}});
  stream.judge.chose("2", Slot{1}, entry("x"), stream.now);
  // 3 takes over with the help of 2, and proposes what 2 reports.
  stream.elect(3, 2, ballot(2, 3), {{Slot{1}, ballot(1, 1), false, entry("x")}});
  stream.propose(3, 1, ballot(2, 3), "x");
  // The deposed one goes on for a while.
  stream.propose(1, 2, ballot(1, 1), "y");
  CHECK(stream.found().empty());
}

TEST_CASE("P1: a promise that goes back on the disk") {
  Stream stream;
  stream.promises(2, ballot(5, 1));
  stream.promises(2, ballot(4, 1));
  CHECK(stream.found("promises-only-rise"));
}

TEST_CASE("P1: an accept below a promise") {
  Stream stream;
  stream.elect(1, 2, ballot(1, 1));
  stream.propose(1, 1, ballot(1, 1), "x");
  stream.promises(3, ballot(2, 3));
  stream.accepts(3, 1, ballot(1, 1), "x");
  CHECK(stream.found("no-accept-below-a-promise"));
}

TEST_CASE("P2: an accepted value that nobody proposed") {
  Stream stream;
  stream.elect(1, 2, ballot(1, 1));
  stream.accepts(2, 1, ballot(1, 1), "x");
  CHECK(stream.found("no-invention"));
}

TEST_CASE("P3: two values in one ballot and slot, proposed or accepted") {
  Stream stream;
  stream.choose_x();
  SUBCASE("proposed") { stream.propose(1, 1, ballot(1, 1), "y"); }
  SUBCASE("accepted") { stream.accepts(3, 1, ballot(1, 1), "y"); }
  CHECK(stream.found("one-value-per-ballot-and-slot"));
}

TEST_CASE("P3: an accept above an empty slot") {
  Stream stream;
  stream.choose_x();
  stream.propose(1, 2, ballot(1, 1), "y");
  stream.propose(1, 3, ballot(1, 1), "z");
  stream.accepts(2, 3, ballot(1, 1), "z");
  CHECK(stream.found("no-holes"));
}

TEST_CASE("P2: somebody else's ballot") {
  Stream stream;
  stream.promises(2, ballot(1, 1));
  SUBCASE("asked for") { stream.prepare(2, ballot(1, 1)); }
  SUBCASE("proposed in") { stream.propose(2, 1, ballot(1, 1), "x"); }
  SUBCASE("led in") { stream.elect(1, 2, ballot(1, 1)), stream.say(2, paxos::Heartbeat{.leading = ballot(1, 1)}); }
  CHECK(stream.found("one-owner-per-ballot"));
}

TEST_CASE("P2: a ballot from before the restart") {
  Stream stream;
  stream.promises(1, ballot(1, 1));
  stream.prepare(1, ballot(1, 1));
  stream.store(1, engine::GenerationRecord{.nonces = {11, 1}});
  stream.say(1, paxos::Prepare{.ballot = ballot(1, 1)}, 11);
  CHECK(stream.found("no-ballot-twice"));
}

TEST_CASE("P4: a proposal without a majority of promises") {
  Stream stream;
  stream.promises(1, ballot(1, 1));
  stream.prepare(1, ballot(1, 1));
  // Durable, but it has not left.
  stream.promises(2, ballot(1, 1));
  SUBCASE("proposed") {
    stream.propose(1, 1, ballot(1, 1), "x");
    CHECK(stream.found("no-proposal-without-a-quorum"));
  }
  SUBCASE("claimed") {
    stream.say(1, paxos::Heartbeat{.leading = ballot(1, 1)});
    CHECK(stream.found("no-leader-without-a-quorum"));
  }
}

TEST_CASE("P4: another value than the highest that the majority reports") {
  Stream stream;
  stream.elect(1, 2, ballot(1, 1));
  stream.propose(1, 1, ballot(1, 1), "x");
  stream.accepts(1, 1, ballot(1, 1), "x");
  stream.elect(3, 2, ballot(2, 3));
  stream.propose(3, 1, ballot(2, 3), "y");
  stream.accepts(3, 1, ballot(2, 3), "y");
  CHECK(stream.found().empty());  // neither is chosen
  // 2 stands, with the reports of 1 and 3: the one of ballot 2 counts.
  stream.elect(2, 1, ballot(3, 2), {{Slot{1}, ballot(1, 1), false, entry("x")}});
  stream.promises(3, ballot(3, 2));
  stream.promise(3, ballot(3, 2), {{Slot{1}, ballot(2, 3), false, entry("y")}});
  SUBCASE("that one") {
    stream.propose(2, 1, ballot(3, 2), "y");
    CHECK(stream.found().empty());
  }
  SUBCASE("the lower one, of a majority of 1 and 2") {
    stream.propose(2, 1, ballot(3, 2), "x");
    CHECK(stream.found().empty());
  }
  SUBCASE("neither") {
    stream.propose(2, 1, ballot(3, 2), "z");
    CHECK(stream.found("adoption-of-the-highest"));
  }
}

TEST_CASE("P4: a proposal over what is chosen") {
  Stream stream;
  stream.choose_x();
  stream.elect(3, 2, ballot(2, 3), {{Slot{1}, ballot(1, 1), false, entry("x")}});
  stream.propose(3, 1, ballot(2, 3), "y");
  CHECK(stream.found("adoption-of-the-highest"));
}

TEST_CASE("P4: a promise that leaves out what its disk holds") {
  Stream stream;
  stream.choose_x();
  stream.elect(3, 2, ballot(2, 3));
  CHECK(stream.found("a-report-is-whole"));
}

TEST_CASE("P5: a second value chosen in one slot") {
  Stream stream;
  stream.choose_x();
  stream.elect(3, 2, ballot(2, 3));
  stream.accepts(3, 1, ballot(2, 3), "y");
  stream.accepts(2, 1, ballot(2, 3), "y");
  const auto found = stream.found();
  CHECK(found == std::vector<std::string>{"a-report-is-whole", "adoption-of-the-highest", "chosen-once"});
}

TEST_CASE("P5: chosen is said, and no majority has accepted") {
  Stream stream;
  stream.elect(1, 2, ballot(1, 1));
  stream.propose(1, 1, ballot(1, 1), "x");
  stream.accepts(1, 1, ballot(1, 1), "x");
  SUBCASE("in a notice") { stream.say(1, paxos::Chosen{.ballot = ballot(1, 1), .upto = Slot{1}}); }
  SUBCASE("in an Accept") {
    stream.say(1, paxos::Accept{.ballot = ballot(1, 1), .first = Slot{2}, .chosen_upto = Slot{1}});
  }
  SUBCASE("on the disk") { stream.store(1, engine::WatermarkRecord{Slot{1}}); }
  SUBCASE("by applying it") { stream.judge.chose("1", Slot{1}, entry("x"), stream.now); }
  CHECK(stream.found("chosen-by-a-majority"));
}

TEST_CASE("P6: votes of strangers counted") {
  Stream stream;
  stream.elect(1, 2, ballot(1, 1));
  stream.propose(1, 1, ballot(1, 1), "x");
  stream.accepts(1, 1, ballot(1, 1), "x");
  stream.accepts(4, 1, ballot(1, 1), "x");
  CHECK(stream.found().empty());
  stream.say(1, paxos::Chosen{.ballot = ballot(1, 1), .upto = Slot{1}});
  CHECK(stream.found("non-members-never-count"));
}

TEST_CASE("P10: something else applied, learnt or taught than what is chosen") {
  Stream stream;
  stream.choose_x();
  SUBCASE("applied") { stream.judge.chose("3", Slot{1}, entry("y"), stream.now); }
  SUBCASE("learnt") { stream.accepts(3, 1, {}, "y"); }
  SUBCASE("taught") { stream.say(1, paxos::Learn{.first = Slot{1}, .entries = {entry("y")}, .watermark = Slot{1}}); }
  CHECK(stream.found("applied-is-chosen"));
}

TEST_CASE("F3: another founding") {
  Stream stream;
  stream.store(2, engine::GenesisRecord{.committed = true, .founders = {{.member = member(2)}}});
  CHECK(stream.found("one-founding"));
}
