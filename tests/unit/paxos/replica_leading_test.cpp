// A replica that leads: its proof round by round, and how it hands over.
#include <doctest/doctest.h>

#include "base/invariant.hpp"
#include "paxos/entry.hpp"
#include "unit/paxos/stage.hpp"

using namespace conclave;
using namespace conclave::paxos;
using namespace conclave::paxos::test;
using namespace std::chrono_literals;

TEST_CASE("L1: a round is confirmed by a majority's echoes, and those who ask meanwhile share the next") {
  Stage stage;
  const auto beats = sent<Heartbeat>(stage.lead().send_now, 3);
  REQUIRE(!beats.empty());
  const auto on_its_way = beats.back().round;
  const auto ask = [&](Effects& out) { CHECK(stage.replica.start_round(stage.now, out) == on_its_way.next()); };
  CHECK(sent<Heartbeat>(stage.step(ask).send_now, 3).empty());
  CHECK(sent<Heartbeat>(stage.step(ask).send_now, 3).empty());
  const auto echo = [&](const Ballot& of, RoundTrip round) {
    Heartbeat heartbeat;
    heartbeat.promised = ballot(2, 1);
    heartbeat.incarnation = Incarnation(1);
    heartbeat.echo = Echo{of, round};
    return stage.hear(3, heartbeat);
  };
  CHECK(events<RoundConfirmed>(echo(ballot(1, 2), on_its_way)).empty());
  auto effects = echo(ballot(2, 1), on_its_way);
  CHECK(events<RoundConfirmed>(effects) == std::vector{RoundConfirmed{ballot(2, 1), on_its_way, stage.now}});
  // Now the shared one leaves.
  REQUIRE(sent<Heartbeat>(effects.send_now, 3).size() == 1);
  CHECK(sent<Heartbeat>(effects.send_now, 3)[0].round == on_its_way.next());
  CHECK(events<RoundConfirmed>(echo(ballot(2, 1), on_its_way)).empty());
  effects = echo(ballot(2, 1), on_its_way.next());
  CHECK(events<RoundConfirmed>(effects) == std::vector{RoundConfirmed{ballot(2, 1), on_its_way.next(), stage.now}});
  CHECK(stage.replica.proof_time() == stage.now);
}

TEST_CASE("a second flush of a step finds nothing to do, whatever the first one did") {
  Stage stage;
  const auto is_done = [&] {
    const auto wakeup = stage.replica.next_wakeup();
    const auto before = stage.replica;
    CHECK(stage.step([](Effects&) {}).none());
    CHECK(stage.replica == before);
    CHECK(stage.replica.next_wakeup() == wakeup);
  };
  stage.go();
  is_done();
  stage.sync();
  is_done();
  stage.hear(3, stage.promised(stage.replica.promised()));
  is_done();
  stage.tick(20s);  // its round was not echoed, so it steps down
  is_done();
  // At another time there is something to do, although nothing came.
  stage.now += 20s;
  CHECK(!stage.step([](Effects&) {}).none());
}

TEST_CASE("L4: a leader that nobody wants and nobody can follow goes on") {
  Stage stage;
  stage.lead();
  stage.sync();
  stage.hear(3, Accepted{ballot(2, 1), Incarnation(1), Slot(0), Slot(1), false});
  Heartbeat word;
  word.promised = ballot(2, 1);
  word.incarnation = Incarnation(1);
  for (const auto end = stage.now + 3 * Tuning{}.election_timeout_max; stage.now < end;) {
    // Their echoes are no reason to step down (L2).
    for (const auto& beat : sent<Heartbeat>(stage.tick(40ms).send_now, 3)) word.echo = Echo{ballot(2, 1), beat.round};
    word.content = false;
    stage.hear(2, word);
    stage.hear(3, word);
  }
  CHECK(stage.replica.role() == Role::leader);
  CHECK(stage.replica.can_propose());
}

TEST_CASE("P12: a leader takes values only above its term-start, and says when that is chosen") {
  Stage stage;
  stage.go();
  stage.sync();
  CHECK_FALSE(stage.replica.can_propose());
  stage.hear(3, stage.promised(ballot(2, 1)));
  CHECK(stage.replica.can_propose());
  CHECK_FALSE(stage.replica.term_started());
  stage.sync();
  const auto effects = stage.hear(3, Accepted{ballot(2, 1), Incarnation(1), Slot(0), Slot(1), false});
  CHECK(events<TermStarted>(effects) == std::vector{TermStarted{ballot(2, 1), Slot(1)}});
  REQUIRE(effects.apply.size() == 1);
  CHECK(decode_term_start(effects.apply[0].entry.payload.view())->ballot == ballot(2, 1));
  CHECK(sent<Chosen>(effects.send_now, 3) == std::vector{Chosen{ballot(2, 1), Slot(1)}});
}

TEST_CASE("handover: Go leaves once the target is level and all is chosen; without an answer the leader goes on") {
  Stage stage;
  stage.lead();
  stage.sync();
  auto effects = stage.step([&](Effects& out) { CHECK(stage.replica.hand_over(member(3), stage.now, out)); });
  CHECK(sent<Go>(effects.send_now, 3).empty());
  CHECK_FALSE(stage.replica.can_propose());
  effects = stage.hear(3, Accepted{ballot(2, 1), Incarnation(1), Slot(0), Slot(1), false});
  CHECK(sent<Go>(effects.send_now, 3) == std::vector{Go{ballot(2, 1), member(3), Slot(1)}});
  Stage other = stage;
  other.hear(3, prepare(ballot(3, 3)));
  CHECK(other.replica.role() == Role::follower);
  // Echoes keep it leading while it waits.
  const auto begin = stage.now;
  while (!stage.replica.can_propose() && stage.now < begin + 1s) {
    Heartbeat heartbeat;
    heartbeat.promised = ballot(2, 1);
    heartbeat.incarnation = Incarnation(1);
    heartbeat.content = true;
    for (const auto& mine : sent<Heartbeat>(stage.tick(40ms).send_now, 3))
      heartbeat.echo = Echo{ballot(2, 1), mine.round};
    stage.hear(3, heartbeat);
  }
  CHECK(stage.replica.can_propose());
  CHECK(stage.now - begin >= Tuning{}.handover_timeout);
}

TEST_CASE("Go: only from the leader of the highest known ballot, and the watermark moves first") {
  Stage stage;
  stage.link(2);
  stage.hear(2, Accept{ballot(3, 2), Slot(1), {command("a")}, Slot(0)});
  CHECK(stage.hear(3, Go{ballot(3, 2), member(1), Slot(1)}).persist.empty());
  CHECK(stage.hear(2, Go{ballot(3, 2), member(3), Slot(1)}).persist.empty());
  const auto effects = stage.hear(2, Go{ballot(3, 2), member(1), Slot(1)});
  CHECK(effects.apply.size() == 1);
  CHECK(records<WatermarkRecord>(effects) == std::vector{WatermarkRecord{Slot(1)}});
  CHECK(sent<Prepare>(effects.send_after, 2)[0].watermark == Slot(1));
}
