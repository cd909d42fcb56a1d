#include "paxos/stream.hpp"

#include <doctest/doctest.h>

#include "unit/paxos/parts.hpp"

using namespace conclave;
using namespace conclave::paxos;
using namespace conclave::paxos::test;

namespace {

const auto mine = ballot(9, 1);
const Instant start{};

struct Sending {
  explicit Sending(std::uint64_t entries, std::uint64_t chosen, Tuning tuning = {}) : core(core_of(3, tuning)) {
    for (std::uint64_t i = 0; i < entries; ++i) core.log.put(core.log.last().next(), mine, command("v"));
    core.log.raise_watermark(Slot(chosen));
  }
  std::vector<Message> pump(Instant now = start) {
    std::vector<Message> out;
    stream.pump(mine, core.log.last(), core, now, out);
    return out;
  }
  void answer(std::uint64_t watermark, std::uint64_t upto, bool gap = false, std::uint32_t incarnation = 1) {
    stream.on_accepted({mine, Incarnation(incarnation), Slot(watermark), Slot(upto), gap}, core.log.last(), core.log,
                       start);
  }

  Core core;
  Stream stream{Slot(0), start};
};

// Which slots the Accepts of `messages` carry.
std::vector<std::uint64_t> slots(const std::vector<Message>& messages) {
  std::vector<std::uint64_t> found;
  for (const auto& message : messages)
    if (const auto* accept = std::get_if<Accept>(&message))
      for (std::size_t i = 0; i < accept->entries.size(); ++i) found.push_back(accept->first.value + i);
  return found;
}

using Slots = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("P3: a stream is everything after the follower's watermark, each slot once, in bounded frames") {
  Sending sending(5, 2, {.frame_entries_max = 2});
  const auto out = sending.pump();
  CHECK(out.size() == 3);
  CHECK(slots(out) == Slots{1, 2, 3, 4, 5});
  CHECK(std::get<Accept>(out[0]).chosen_upto == Slot(2));
  CHECK(sending.pump().empty());
}

TEST_CASE("P3: the window bounds what is unacknowledged, and each acknowledgement moves it") {
  Sending sending(8, 0, {.frame_entries_max = 1, .window_entries_max = 3});
  CHECK(slots(sending.pump()) == Slots{1, 2, 3});
  sending.answer(0, 2);
  CHECK(slots(sending.pump()) == Slots{4, 5});
  Sending tiny(3, 0, {.frame_entries_max = 1, .window_bytes_max = 1});
  CHECK(slots(tiny.pump()) == Slots{1});
  tiny.answer(0, 1);
  CHECK(slots(tiny.pump()) == Slots{2});
}

TEST_CASE("P3: a gap is answered from where the follower stands, once") {
  Sending sending(6, 0, {.frame_entries_max = 2});
  CHECK(sending.pump().size() == 3);
  sending.answer(0, 2, true);
  CHECK(slots(sending.pump()) == Slots{3, 4, 5, 6});
  // The second lost frame tells the same gap again.
  sending.answer(0, 2, true);
  CHECK(sending.pump().empty());
}

TEST_CASE("P3: the first answer corrects what the leader guessed of the follower's watermark") {
  Sending sending(4, 4);
  sending.stream = Stream(Slot(4), start);
  CHECK(slots(sending.pump()).empty());
  sending.answer(1, 1, true);
  CHECK(slots(sending.pump()) == Slots{2, 3, 4});
}

TEST_CASE("P3: after silence the follower is first asked where it stands, ever less often") {
  Sending sending(3, 0);
  (void)sending.pump();
  const auto resend = sending.core.tuning.resend;
  CHECK(sending.pump(start + resend - std::chrono::nanoseconds(1)).empty());
  REQUIRE(sending.stream.wakeup(sending.core.tuning) == start + resend);
  const auto asked = sending.pump(start + resend);
  REQUIRE(asked.size() == 1);
  CHECK(std::get<Accept>(asked[0]).entries.empty());
  CHECK(sending.pump(start + 2 * resend).empty());
  CHECK(sending.pump(start + 3 * resend).size() == 1);
  sending.answer(0, 1);
  CHECK(slots(sending.pump(start + 3 * resend)) == Slots{2, 3});
}

TEST_CASE("P3: nothing goes over a closed link, and a new one starts where the follower stands") {
  Sending sending(3, 0);
  sending.stream.set_linked(false, start);
  CHECK(sending.pump().empty());
  CHECK_FALSE(sending.stream.wakeup(sending.core.tuning));
  sending.stream.set_linked(true, start);
  CHECK(slots(sending.pump()).empty());
  sending.answer(0, 0);
  CHECK(slots(sending.pump()) == Slots{1, 2, 3});
}

TEST_CASE("P4: a follower that never saw the ballot is asked, unless an Accept is on its way") {
  Sending sending(2, 0);
  (void)sending.pump();
  sending.stream.ask(start);
  CHECK(sending.pump().empty());
  sending.answer(0, 2);
  sending.stream.ask(start);
  const auto asked = sending.pump();
  REQUIRE(asked.size() == 1);
  CHECK(std::get<Accept>(asked[0]).entries.empty());
}

TEST_CASE("P5, P9: a follower counts for what it said itself, under its incarnation") {
  Sending sending(3, 0);
  CHECK(sending.stream.counts_upto(Incarnation(1)) == Slot(0));
  sending.stream = Stream(Slot(3), start);
  CHECK(sending.stream.counts_upto(Incarnation(0)) == Slot(0));
  sending.answer(0, 2);
  CHECK(sending.stream.counts_upto(Incarnation(1)) == Slot(2));
  CHECK(sending.stream.counts_upto(Incarnation(2)) == Slot(0));
  // Late answers take nothing back; nobody has what was not proposed.
  sending.answer(0, 1);
  CHECK(sending.stream.counts_upto(Incarnation(1)) == Slot(2));
  sending.answer(7, 7);
  CHECK(sending.stream.counts_upto(Incarnation(1)) == Slot(3));
}

TEST_CASE("what was chosen is told at once, with an Accept if there is one") {
  Sending sending(2, 0);
  (void)sending.pump();
  sending.core.log.raise_watermark(Slot(1));
  const auto told = sending.pump();
  REQUIRE(told.size() == 1);
  CHECK(std::get<Chosen>(told[0]) == Chosen{mine, Slot(1)});
  CHECK(sending.pump().empty());
  sending.core.log.raise_watermark(Slot(2));
  sending.core.log.put(Slot(3), mine, command("v"));
  const auto carried = sending.pump();
  REQUIRE(carried.size() == 1);
  CHECK(std::get<Accept>(carried[0]).chosen_upto == Slot(2));
}
