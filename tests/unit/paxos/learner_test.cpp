#include "paxos/learner.hpp"

#include <doctest/doctest.h>

#include "paxos/catch_up.hpp"
#include "paxos/entry.hpp"
#include "unit/paxos/parts.hpp"

using namespace conclave;
using namespace conclave::paxos;
using namespace conclave::paxos::test;

TEST_CASE("P10: a notice moves the watermark over slots accepted in its ballot only") {
  auto core = core_of(3);
  fill(core, {ballot(1, 2), ballot(2, 2), ballot(2, 2), ballot(1, 2), ballot(2, 2)}, 1);
  Effects effects;
  learn_notice(core, ballot(2, 2), Slot(5), effects);
  CHECK(core.watermark() == Slot(3));
  CHECK(effects.apply == std::vector{Chose{Slot(2), filled(2, ballot(2, 2))}, Chose{Slot(3), filled(3, ballot(2, 2))}});
  learn_notice(core, ballot(2, 2), Slot(9), effects);
  CHECK(core.watermark() == Slot(3));
  learn_notice(core, ballot(2, 2), Slot(1), effects);
  CHECK(core.watermark() == Slot(3));
}

TEST_CASE("P10: entries marked chosen replace what was accepted, and are stored") {
  auto core = core_of(3);
  fill(core, {ballot(1, 2), ballot(2, 2), ballot(2, 2)}, 1);
  Effects effects;
  const Learn learn{
      Slot(1), {filled(1, ballot(1, 2)), command("chosen"), filled(3, ballot(2, 2)), command("new")}, Slot(4)};
  CHECK(learn_entries(core, learn, effects) == Lesson::done);
  CHECK(core.watermark() == Slot(4));
  // What is the same keeps its ballot and its record.
  CHECK(records<AcceptedRecord>(effects) ==
        std::vector{AcceptedRecord{Slot(2), {}, command("chosen")}, AcceptedRecord{Slot(4), {}, command("new")}});
  CHECK(effects.apply.size() == 3);
  CHECK(effects.apply.front() == Chose{Slot(2), command("chosen")});
}

TEST_CASE("P10: a Learn above a gap, or of more than its sender knows, is not used") {
  auto core = core_of(3);
  Effects effects;
  CHECK(learn_entries(core, {Slot(2), {command("b")}, Slot(2)}, effects) == Lesson::gap);
  CHECK(learn_entries(core, {Slot(1), {command("a"), command("b")}, Slot(1)}, effects) == Lesson::malformed);
  CHECK(learn_entries(core, {Slot(0), {command("a")}, Slot(1)}, effects) == Lesson::malformed);
  CHECK(learn_entries(core, {Slot(~std::uint64_t{0}), {command("a"), command("b")}, Slot(1)}, effects) ==
        Lesson::malformed);
  CHECK(learn_entries(core, {Slot(1), {}, Slot(0)}, effects) == Lesson::done);
  CHECK(core.watermark() == Slot(0));
  CHECK(effects.persist.empty());
}

TEST_CASE("P6: the configuration of a slot follows from the chosen prefix alone") {
  auto core = core_of(3);
  const auto& configurations = core.configurations;
  const Configuration five{ConfigurationId(2), ConfigurationId(1), founders(5).voters};
  const Configuration stray{ConfigurationId(3), ConfigurationId(1), founders(4).voters};
  const auto entry = [](const Configuration& value) {
    return Entry{EntryKind::configuration, ClusterTime(1), encode(value)};
  };
  Effects effects;
  learn_entries(core, {Slot(1), {entry(five), entry(stray)}, Slot(2)}, effects);
  CHECK(configurations.governing(Slot(1)).configuration == founders(3));
  CHECK(configurations.governing(Slot(2)).configuration == five);
  // It replaces another than the newest, before that one's change is finished: a no-op.
  CHECK(configurations.governing(Slot(3)).configuration == five);
  CHECK_FALSE(configurations.finished());

  const Configuration next{ConfigurationId(3), ConfigurationId(2), founders(4).voters};
  const Entry done{EntryKind::configuration_done, ClusterTime(1), encode(ConfigurationDone{ConfigurationId(2)})};
  const Entry broken{EntryKind::configuration, ClusterTime(1), Payload(to_bytes("?"))};
  learn_entries(core, {Slot(3), {entry(next), done, broken, entry(next)}, Slot(6)}, effects);
  CHECK(configurations.governing(Slot(6)).configuration == five);
  CHECK(configurations.governing(Slot(7)).configuration == next);
  CHECK(configurations.newest().ref() == ConfigurationRef{ConfigurationId(3), Slot(6)});
}

TEST_CASE("catch-up: a frame of lessons is bounded, and states the watermark") {
  auto core = core_of(3, {.frame_entries_max = 2});
  fill(core, {ballot(1, 2), ballot(1, 2), ballot(1, 2), ballot(1, 2)}, 3);
  CHECK(lesson(core, Slot(1), Slot(9)).entries.size() == 2);
  CHECK(lesson(core, Slot(3), Slot(9)).entries.size() == 1);
  CHECK(lesson(core, Slot(3), Slot(9)).watermark == Slot(3));
  CHECK(lesson(core, Slot(4), Slot(9)).entries.empty());
  CHECK(lesson(core, Slot(2), Slot(1)).entries.empty());
}

TEST_CASE("catch-up: a fetch goes on frame by frame, and expires without progress") {
  auto core = core_of(3);
  const Instant start{};
  const auto patience = std::chrono::milliseconds(300);
  Fetcher fetcher;
  Effects effects;
  fetcher.start(member(2), Slot(3), patience, core, start, effects);
  CHECK(sent<Fetch>(effects.send_now, 2) == std::vector{Fetch{Slot(1), Slot(3)}});
  learn_entries(core, {Slot(1), {command("a")}, Slot(3)}, effects);
  CHECK(fetcher.on_learnt(member(2), core, start + patience / 2, effects));
  CHECK(sent<Fetch>(effects.send_now, 2).back() == Fetch{Slot(2), Slot(3)});
  CHECK_FALSE(fetcher.expired(start + patience));
  CHECK(fetcher.expired(start + patience * 3 / 2));
  learn_entries(core, {Slot(2), {command("b"), command("c")}, Slot(3)}, effects);
  CHECK(fetcher.on_learnt(member(2), core, start, effects));
  CHECK_FALSE(fetcher.busy());
}

TEST_CASE("catch-up: a learner that is behind sets the pace, one that is level hears at once") {
  auto core = core_of(3, {.frame_entries_max = 2});
  fill(core, {ballot(1, 2), ballot(1, 2), ballot(1, 2), ballot(1, 2)}, 3);
  Learners learners;
  learners.add(member(7), Slot(1));
  Effects effects;
  learners.pump(core, effects);
  learners.pump(core, effects);
  REQUIRE(sent<Learn>(effects.send_now, 7).size() == 1);
  learners.on_fetch(member(7), {Slot(3), Slot(3)}, core, effects);
  CHECK(sent<Learn>(effects.send_now, 7).back().first == Slot(3));
  core.log.raise_watermark(Slot(4));
  learners.pump(core, effects);
  CHECK(sent<Learn>(effects.send_now, 7).back() == Learn{Slot(4), {filled(4, ballot(1, 2))}, Slot(4)});
  learners.remove(member(7));
  const auto before = effects.send_now.size();
  learners.pump(core, effects);
  CHECK(effects.send_now.size() == before);
}
