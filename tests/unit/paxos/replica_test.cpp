#include "paxos/replica.hpp"

#include <doctest/doctest.h>

#include "base/hash.hpp"
#include "base/invariant.hpp"
#include "paxos/entry.hpp"
#include "unit/paxos/stage.hpp"

using namespace conclave;
using namespace conclave::paxos;
using namespace conclave::paxos::test;
using namespace std::chrono_literals;

TEST_CASE("P1: a lower ballot is refused with the promised one, whatever it asks") {
  Stage stage(recovered(ballot(5, 3), {}, 0));
  const auto low = ballot(4, 2);
  Heartbeat heartbeat;
  heartbeat.leading = low;
  for (const Message& message :
       {Message(prepare(low)), Message(Accept{low, Slot(1), {command("a")}, Slot(0)}), Message(Chosen{low, Slot(1)}),
        Message(Go{low, member(1), Slot(0)}), Message(heartbeat)}) {
    const auto effects = stage.hear(2, message);
    CAPTURE(message.index());
    CHECK(sent<Refused>(effects.send_after, 2) == std::vector{Refused{low, ballot(5, 3), {}}});
    CHECK(effects.persist.empty());
    CHECK_FALSE(stage.replica.leader());
  }
}

TEST_CASE("P2: Promise and Accepted wait for their batch") {
  Stage stage;
  auto effects = stage.hear(2, prepare(ballot(3, 2)));
  CHECK(effects.batch == BatchId(1));
  CHECK(effects.send_now.empty());
  CHECK(sent<Promise>(effects.send_after, 2).size() == 1);
  CHECK(stage.replica.synced_promised() == Ballot{});
  effects = stage.hear(2, Accept{ballot(3, 2), Slot(1), {command("a")}, Slot(0)});
  CHECK(effects.batch == BatchId(2));
  CHECK(sent<Accepted>(effects.send_now, 2).empty());
  CHECK(sent<Accepted>(effects.send_after, 2).size() == 1);
  stage.sync();
  CHECK(stage.replica.synced_promised() == ballot(3, 2));
  CHECK(stage.replica.synced_last() == Slot(1));
}

TEST_CASE("P2: a stated watermark is stored with, or before, the answer that states it") {
  Stage stage;
  stage.hear(2, Accept{ballot(3, 2), Slot(1), {command("a")}, Slot(0)});
  CHECK(stage.hear(2, Chosen{ballot(3, 2), Slot(1)}).persist.empty());
  const auto effects = stage.hear(2, Accept{ballot(3, 2), Slot(2), {}, Slot(1)});
  CHECK(records<WatermarkRecord>(effects) == std::vector{WatermarkRecord{Slot(1)}});
  CHECK(sent<Accepted>(effects.send_after, 2)[0].watermark == Slot(1));
}

TEST_CASE("P2: the own promise joins the batch that Prepare waits for, and counts once synced") {
  Stage stage;
  auto effects = stage.go();
  const auto own = stage.replica.promised();
  CHECK(own == ballot(2, 1));
  CHECK(records<PromisedRecord>(effects) == std::vector{PromisedRecord{own}});
  CHECK(sent<Prepare>(effects.send_now, 3).empty());
  CHECK(sent<Prepare>(effects.send_after, 3) == std::vector{Prepare{own, Slot(0), {ConfigurationId(1), Slot(0)}, 7}});
  stage.hear(3, stage.promised(own));
  CHECK(stage.replica.role() == Role::candidate);
  stage.sync();
  CHECK(stage.replica.role() == Role::leader);
}

TEST_CASE("P2: after a restart a new ballot is above any stored, and answers to another life do not count") {
  Stage stage(recovered(ballot(8, 1), {}, 0));
  stage.link(2);
  stage.link(3);
  stage.hear(2, Accept{ballot(9, 2), Slot(1), {}, Slot(0)});
  stage.hear(2, Go{ballot(9, 2), member(1), Slot(0)});
  const auto own = stage.replica.promised();
  CHECK(own == ballot(10, 1));
  stage.sync();
  auto stale = stage.promised(own);
  stale.boot_nonce = 6;
  stage.hear(2, stale);
  stage.hear(3, stale);
  CHECK(stage.replica.role() == Role::candidate);
  stage.hear(3, stage.promised(own));
  CHECK(stage.replica.role() == Role::leader);
}

TEST_CASE("P2: entries leave for the followers before the leader's own write ends") {
  Stage stage;
  const auto effects = stage.lead();
  REQUIRE(stage.replica.role() == Role::leader);
  CHECK(records<AcceptedRecord>(effects).size() == 1);
  CHECK(sent<Accept>(effects.send_now, 2).size() == 1);
  CHECK(sent<Accept>(effects.send_now, 3).size() == 1);
}

TEST_CASE("P4: a candidate fetches what its voters know chosen before it proposes") {
  Stage stage;
  stage.go();
  stage.sync();
  const auto own = stage.replica.promised();
  auto effects = stage.hear(3, stage.promised(own, 3, {{Slot(1), {}, true, command("a")}}));
  // What the report has is learnt; the rest is asked for.
  CHECK(effects.apply == std::vector{Chose{Slot(1), command("a")}});
  CHECK(sent<Fetch>(effects.send_now, 3) == std::vector{Fetch{Slot(2), Slot(3)}});
  CHECK(stage.replica.role() == Role::candidate);
  CHECK_FALSE(stage.replica.leading());
  effects = stage.hear(3, Learn{Slot(2), {command("b"), command("c")}, Slot(3)});
  CHECK(stage.replica.role() == Role::leader);
  CHECK(sent<Accept>(effects.send_now, 2)[0].first == Slot(4));
}

TEST_CASE("P4: a holder that does not deliver is left out; the rest suffices") {
  Stage stage;
  stage.go();
  stage.sync();
  const auto own = stage.replica.promised();
  stage.hear(3, stage.promised(own, 3));
  // A majority with member 3 alone would need what it does not deliver.
  CHECK(said(stage.tick(150ms), "gives up fetching"));
  CHECK(stage.replica.role() == Role::candidate);
  stage.hear(2, stage.promised(own, 0));
  CHECK(stage.replica.role() == Role::leader);
  CHECK(stage.replica.watermark() == Slot(0));
}

TEST_CASE("P7: whoever sees a higher ballot stops leading, and says why") {
  const auto deposed = [](const Message& message) {
    Stage stage;
    stage.lead();
    stage.sync();
    stage.hear(3, Accepted{ballot(2, 1), Incarnation(1), Slot(0), Slot(1), false});
    REQUIRE(stage.replica.term_started());
    REQUIRE(stage
                .step([&](Effects& effects) {
                  CHECK(stage.replica.propose({command("a"), command("b")}, stage.now, effects) == Slot(2));
                })
                .persist.size() >= 2);
    const auto effects = stage.hear(3, message);
    CHECK(stage.replica.role() != Role::leader);
    REQUIRE(events<RoleChanged>(effects).size() == 1);
    CHECK(events<RoleChanged>(effects)[0].reason == "saw 7.03");
    CHECK_FALSE(stage.replica.can_propose());
  };
  const auto higher = ballot(7, 3);
  Heartbeat heartbeat;
  heartbeat.promised = higher;
  deposed(prepare(higher));
  deposed(Accept{higher, Slot(1), {}, Slot(0)});
  deposed(Refused{ballot(2, 1), higher, {}});
  deposed(Chosen{higher, Slot(0)});
  deposed(heartbeat);
}

TEST_CASE("P7: a leader that was overtaken does not learn over what it proposed") {
  Stage stage;
  stage.lead();
  stage.hear(3, Learn{Slot(1), {command("other")}, Slot(1)});
  CHECK(stage.replica.watermark() == Slot(0));
  CHECK(stage.replica.entry(Slot(1))->kind == EntryKind::term_start);
}

TEST_CASE("P8: after a failed sync the store has no vote, and nothing is persisted or answered") {
  Stage stage;
  stage.lead();
  auto effects = stage.step([&](Effects& out) { stage.replica.on_disk_failed(stage.now, out); });
  CHECK(events<VoteLost>(effects) == std::vector{VoteLost{"the disk failed"}});
  CHECK(stage.replica.role() == Role::observer);
  CHECK_FALSE(stage.replica.has_vote());
  effects = stage.hear(2, prepare(ballot(9, 2)));
  CHECK(effects.send_after.empty());
  effects = stage.hear(2, Accept{ballot(9, 2), Slot(1), {command("a")}, Slot(0)});
  CHECK(effects.send_after.empty());
  CHECK(effects.persist.empty());
  // It goes on learning, in memory.
  effects = stage.hear(2, Learn{Slot(1), {command("a")}, Slot(1)});
  CHECK(effects.apply.size() == 1);
  CHECK(effects.persist.empty());
  CHECK(stage.tick(1s).persist.empty());
}

TEST_CASE("P8: what a failed batch carried is never taken for stored") {
  Stage stage;
  stage.hear(2, prepare(ballot(3, 2)));
  stage.step([&](Effects& out) { stage.replica.on_disk_failed(stage.now, out); });
  stage.sync();
  CHECK(stage.replica.synced_promised() == Ballot{});
}

TEST_CASE("P9: a missing record takes the vote, and what is above it is not used") {
  auto store = recovered(ballot(3, 2), {ballot(3, 2), ballot(3, 2), ballot(3, 2)}, 3);
  store.accepted.erase(store.accepted.begin() + 1);
  Stage stage(store);
  const auto effects = stage.step([](Effects&) {});
  CHECK(events<VoteLost>(effects).size() == 1);
  CHECK_FALSE(stage.replica.has_vote());
  CHECK(stage.replica.watermark() == Slot(1));
  CHECK(effects.apply.size() == 1);
  // It is repaired by learning.
  Heartbeat heartbeat;
  heartbeat.watermark = Slot(3);
  CHECK(sent<Fetch>(stage.hear(2, heartbeat).send_now, 2) == std::vector{Fetch{Slot(2), Slot(3)}});
  CHECK(stage.hear(2, Learn{Slot(2), {filled(2, ballot(3, 2)), filled(3, ballot(3, 2))}, Slot(3)}).apply.size() == 2);

  auto tail = recovered(ballot(3, 2), {ballot(3, 2)}, 2);
  Stage torn(tail);
  CHECK_FALSE(torn.replica.has_vote());
}

TEST_CASE("P9: a store without a vote never promises, accepts, echoes or stands") {
  Stage stage({}, false);
  stage.link(2);
  CHECK(stage.hear(2, prepare(ballot(3, 2))).send_after.empty());
  CHECK(stage.hear(2, Accept{ballot(3, 2), Slot(1), {command("a")}, Slot(0)}).send_after.empty());
  Heartbeat heartbeat;
  heartbeat.leading = ballot(3, 2);
  heartbeat.promised = ballot(3, 2);
  for (const auto& answer : sent<Heartbeat>(stage.hear(2, heartbeat).send_now, 2)) CHECK_FALSE(answer.echo);
  for (int i = 0; i < 100; ++i) {
    const auto effects = stage.tick(50ms);
    CHECK(sent<PreVote>(effects.send_now, 2).empty());
    CHECK(sent<Prepare>(effects.send_after, 2).empty());
  }
  CHECK(stage.replica.role() == Role::observer);
}

TEST_CASE("restart: what was chosen is applied again from slot 1, before anything new") {
  Stage stage(recovered(ballot(3, 2), {ballot(3, 2), ballot(3, 2), ballot(3, 2)}, 2));
  const auto effects = stage.hear(2, Chosen{ballot(3, 2), Slot(3)});
  REQUIRE(effects.apply.size() == 3);
  for (std::uint64_t i = 0; i < 3; ++i) CHECK(effects.apply[i] == Chose{Slot(i + 1), filled(i + 1, ballot(3, 2))});
  CHECK(stage.step([](Effects&) {}).apply.empty());
}

TEST_CASE("P10: a leader's heartbeat tells what is chosen, and is echoed at once by who promised nothing higher") {
  Stage stage;
  stage.link(2);
  stage.hear(2, Accept{ballot(3, 2), Slot(1), {command("a")}, Slot(0)});
  Heartbeat heartbeat;
  heartbeat.leading = heartbeat.promised = ballot(3, 2);
  heartbeat.content = true;
  heartbeat.round = RoundTrip(5);
  heartbeat.watermark = Slot(1);
  auto effects = stage.hear(2, heartbeat);
  CHECK(effects.apply.size() == 1);
  REQUIRE(!sent<Heartbeat>(effects.send_now, 2).empty());
  CHECK(sent<Heartbeat>(effects.send_now, 2).back().echo == Echo{ballot(3, 2), RoundTrip(5)});
  CHECK(stage.replica.leader() == member(2));
  // A leader whose ballot is not the promised one is heard, and gets no echo.
  heartbeat.leading = heartbeat.promised = ballot(4, 2);
  heartbeat.round = RoundTrip(6);
  effects = stage.hear(2, heartbeat);
  REQUIRE(!sent<Heartbeat>(effects.send_now, 2).empty());
  CHECK_FALSE(sent<Heartbeat>(effects.send_now, 2).back().echo);
}

TEST_CASE("proposals of one step leave in one frame and one batch") {
  Stage stage;
  stage.lead();
  stage.sync();
  stage.hear(3, Accepted{ballot(2, 1), Incarnation(1), Slot(0), Slot(1), false});
  const auto effects = stage.step([&](Effects& out) {
    for (int i = 0; i < 3; ++i) (void)stage.replica.propose({command("x")}, stage.now, out);
  });
  CHECK(records<AcceptedRecord>(effects).size() == 3);
  REQUIRE(sent<Accept>(effects.send_now, 3).size() == 1);
  CHECK(sent<Accept>(effects.send_now, 3)[0].entries.size() == 3);
  Effects out;
  CHECK_THROWS_AS((void)stage.replica.propose({{EntryKind::term_start, {}, {}}}, stage.now, out), InvariantBroken);
}

TEST_CASE("several Accepts in one step get one answer") {
  Stage stage;
  const auto effects = stage.step([&](Effects& out) {
    for (std::uint64_t slot = 1; slot <= 3; ++slot)
      stage.replica.on_message(member(2), Accept{ballot(3, 2), Slot(slot), {command("a")}, Slot(0)}, stage.now, out);
  });
  CHECK(sent<Accepted>(effects.send_after, 2) ==
        std::vector{Accepted{ballot(3, 2), Incarnation(1), Slot(0), Slot(3), false}});
}

TEST_CASE("P6: an older candidate is shown the newer configuration, from a newer one a voter first learns") {
  const Configuration five{ConfigurationId(2), ConfigurationId(1), founders(5).voters};
  Stage stage;
  stage.hear(2, Learn{Slot(1), {{EntryKind::configuration, {}, encode(five)}}, Slot(1)});
  auto effects = stage.hear(2, prepare(ballot(4, 2)));
  CHECK(sent<Refused>(effects.send_after, 2) ==
        std::vector{Refused{ballot(4, 2), Ballot{}, PlacedConfiguration{Slot(1), five}}});
  CHECK(sent<Learn>(effects.send_now, 2)[0].entries.size() == 1);
  CHECK(stage.replica.promised() == Ballot{});

  Prepare newer = prepare(ballot(4, 2));
  newer.configuration = {ConfigurationId(3), Slot(5)};
  effects = stage.hear(2, newer);
  CHECK(sent<Fetch>(effects.send_now, 2) == std::vector{Fetch{Slot(2), Slot(5)}});
  CHECK(sent<Promise>(effects.send_after, 2).empty());
  Heartbeat behind;
  behind.configuration = {ConfigurationId(1), Slot(0)};
  CHECK(sent<Learn>(stage.hear(3, behind).send_now, 3)[0].first == Slot(1));
}

TEST_CASE("what no honest peer sends is dropped with a trace, and changes nothing") {
  Stage stage;
  Heartbeat heartbeat;
  heartbeat.leading = ballot(3, 2);
  const std::vector<Message> bad{
      prepare(ballot(3, 2)),
      prepare({}),
      Accept{ballot(3, 2), Slot(1), {command("a")}, Slot(0)},
      Accept{ballot(3, 3), Slot(0), {command("a")}, Slot(0)},
      Chosen{ballot(3, 2), Slot(1)},
      Go{ballot(3, 2), member(1), Slot(1)},
      Learn{Slot(1), {command("a"), command("b")}, Slot(1)},
      Fetch{Slot(0), Slot(5)},
      heartbeat,
  };
  for (const auto& message : bad) {
    CAPTURE(message.index());
    const auto effects = stage.hear(3, message);
    CHECK(said(effects, "drops from"));
    CHECK(effects.persist.empty());
    CHECK(effects.send_after.empty());
  }
  CHECK(said(stage.hear(1, Chosen{ballot(3, 1), Slot(1)}), "this member itself"));
  CHECK(stage.replica.promised() == Ballot{});
}

TEST_CASE("the state is a value: copies are equal, hash alike, and go their own way") {
  Stage stage;
  stage.lead();
  Replica copy = stage.replica;
  CHECK(copy == stage.replica);
  CHECK(state_hash(copy) == state_hash(stage.replica));
  Effects effects;
  (void)copy.propose({command("only here")}, stage.now, effects);
  CHECK(copy != stage.replica);
  CHECK(state_hash(copy) != state_hash(stage.replica));
  CHECK(stage.replica.last_accepted() == Slot(1));
}
