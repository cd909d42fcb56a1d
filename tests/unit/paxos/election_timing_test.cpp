// How long silence may last, and what a pause excuses.
#include <doctest/doctest.h>

#include "base/hash.hpp"
#include "election_world.hpp"

using namespace conclave;
using namespace conclave::paxos;
using namespace conclave::paxos::test;

namespace {

const Tuning tuning;
const RoundTripTime no_round_trip;

/// Heard every heartbeat since the start.
Instant hear_steadily(SilenceTimeout& silence, Instant now, int times) {
  for (int i = 0; i < times; ++i) silence.heard(tuning, now += tuning.heartbeat);
  return now;
}

}  // namespace

TEST_CASE("E1: on a quiet network the adaptive timeout is its minimum") {
  SilenceTimeout silence(at(0ms));
  const auto now = hear_steadily(silence, at(0ms), 100);
  CHECK(silence.timeout(tuning, no_round_trip, now) == tuning.election_timeout_min);
}

TEST_CASE("E1: a long gap raises the timeout, and is forgotten by halves") {
  SilenceTimeout silence(at(0ms));
  auto now = hear_steadily(silence, at(0ms), 10);
  now += 450ms;
  silence.heard(tuning, now);
  // Two heartbeats, and 1.5 times the 400 ms beyond one.
  CHECK(silence.timeout(tuning, no_round_trip, now) == 700ms);
  CHECK(silence.timeout(tuning, no_round_trip, now + tuning.timeout_memory / 2) == 550ms);
  CHECK(silence.timeout(tuning, no_round_trip, now + tuning.timeout_memory) == 400ms);
  CHECK(silence.timeout(tuning, no_round_trip, now + 2 * tuning.timeout_memory) == 250ms);
  CHECK(silence.timeout(tuning, no_round_trip, now + 1000 * tuning.timeout_memory) == tuning.election_timeout_min);
}

TEST_CASE("E1: small gaps after a long one do not hide it") {
  SilenceTimeout silence(at(0ms));
  auto now = at(450ms);
  silence.heard(tuning, now);
  for (int i = 0; i < 1000; ++i) silence.heard(tuning, now += 1ms);
  CHECK(silence.timeout(tuning, no_round_trip, now) > 650ms);
}

TEST_CASE("E1: the timeout never exceeds its maximum, and never rises while nothing is heard") {
  SilenceTimeout silence(at(0ms));
  silence.heard(tuning, at(1h));
  auto before = silence.timeout(tuning, no_round_trip, at(1h));
  CHECK(before == tuning.election_timeout_max);
  for (int i = 1; i < 400; ++i) {
    const auto later = silence.timeout(tuning, no_round_trip, at(1h) + i * 97ms);
    CHECK(later <= before);
    before = later;
  }
}

TEST_CASE("E1: a slow or uneven round trip raises the timeout") {
  RoundTripTime steady;
  for (int i = 0; i < 200; ++i) steady.sample(200ms);
  CHECK(steady.smoothed() == 200ms);
  CHECK(steady.variation() < 1ms);
  RoundTripTime uneven;
  for (int i = 0; i < 200; ++i) uneven.sample(i % 2 == 0 ? 100ms : 300ms);
  CHECK(uneven.smoothed() > 150ms);
  CHECK(uneven.smoothed() < 250ms);
  CHECK(uneven.variation() > 50ms);

  SilenceTimeout silence(at(0ms));
  const auto now = hear_steadily(silence, at(0ms), 10);
  CHECK(silence.timeout(tuning, steady, now) >= 300ms);
  CHECK(silence.timeout(tuning, steady, now) < silence.timeout(tuning, uneven, now));
}

TEST_CASE("E10: waking late by less than pause_min is no pause, by more is one, told once") {
  PauseDetector pauses;
  CHECK(!pauses.woke(tuning, at(10s)));
  pauses.expect(at(100ms));
  CHECK(!pauses.woke(tuning, at(50ms)));
  CHECK(!pauses.woke(tuning, at(100ms) + tuning.pause_min - 1ns));
  CHECK(pauses.woke(tuning, at(100ms) + tuning.pause_min) == tuning.pause_min);
  CHECK(!pauses.woke(tuning, at(9s)));
  pauses.expect(std::nullopt);
  CHECK(!pauses.woke(tuning, at(99s)));
}

TEST_CASE("E10: what a pause took is no silence and no measurement") {
  SilenceTimeout silence(at(0ms));
  auto now = hear_steadily(silence, at(0ms), 10);
  silence.forgive(10s);
  now += 10s + 30ms;
  CHECK(now - silence.last() == 30ms);
  silence.heard(tuning, now);
  CHECK(silence.timeout(tuning, no_round_trip, now) == tuning.election_timeout_min);
}

TEST_CASE("Liveness: what an earlier link said is forgotten, and what comes over a closed one is not heard") {
  Liveness peers;
  Heartbeat beat;
  beat.priority = 7;
  peers.on_heartbeat(member(2), beat, at(1ms));
  CHECK(!peers[member(2)].heartbeat);
  peers.on_link_up(member(2), at(2ms));
  peers.on_heartbeat(member(2), beat, at(3ms));
  CHECK(peers[member(2)].heartbeat == beat);
  CHECK(peers[member(2)].heard == at(3ms));
  peers.on_link_down(member(2), at(4ms));
  CHECK(!peers[member(2)].heartbeat);
  peers.on_heard(member(2), at(5ms));
  CHECK(peers[member(2)].heard == at(3ms));
  CHECK(!peers.gone(member(2)));
}

TEST_CASE("Liveness: refused and departed last until the link is up again") {
  Liveness peers;
  peers.on_link_up(member(2), at(1ms));
  peers.on_link_down(member(2), at(2ms));
  peers.on_link_refused(member(2), at(3ms));
  peers.on_link_down(member(2), at(4ms));
  CHECK(peers.gone(member(2)));
  peers.on_link_up(member(2), at(5ms));
  CHECK(!peers.gone(member(2)));
  peers.on_goodbye(member(2), at(6ms));
  peers.on_link_down(member(2), at(7ms));
  CHECK(peers.gone(member(2)));
  peers.on_link_up(member(2), at(8ms));
  CHECK(!peers.gone(member(2)));
}

TEST_CASE("The election values are values: copies are equal and hash alike, and a change shows in both") {
  SilenceTimeout silence(at(0ms));
  auto copy = silence;
  CHECK(copy == silence);
  CHECK(state_hash(copy) == state_hash(silence));
  copy.heard(tuning, at(1s));
  CHECK(copy != silence);
  CHECK(state_hash(copy) != state_hash(silence));

  Election election;
  auto asked = election;
  asked.on_pre_vote(member(2), PreVote{});
  CHECK(asked != election);
  CHECK(state_hash(asked) != state_hash(election));
}
