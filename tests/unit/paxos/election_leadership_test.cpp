// L1 to L4: the leader's proof, round by round.
#include <doctest/doctest.h>

#include "election_world.hpp"

using namespace conclave;
using namespace conclave::paxos;
using namespace conclave::paxos::test;

namespace {

const Tuning tuning;
const Ballot ballot{Round(7), member(1)};

/// The leader 1 of five voters that are all linked.
struct Leading {
  explicit Leading(int voters = 5) : leadership(ballot, RoundTrip(10), at(0ms)) {
    facts.self = member(1);
    facts.has_vote = true;
    facts.promised = ballot;
    for (int n = 1; n <= voters; ++n) {
      configuration.configuration.voters.push_back({member(n), Incarnation(1)});
      if (n > 1) peers.on_link_up(member(n), at(0ms));
    }
  }

  [[nodiscard]] Surroundings around() const { return {tuning, facts, configuration, peers, now}; }

  void echo(int from, RoundTrip round, Ballot in = ballot, bool content = true, Incarnation incarnation = Incarnation(1)) {
    Heartbeat beat;
    beat.echo = Echo{in, round};
    beat.incarnation = incarnation;
    beat.content = content;
    peers.on_heartbeat(member(from), beat, now);
    static_cast<void>(leadership.on_heartbeat(around(), member(from), beat));
  }
  [[nodiscard]] std::optional<Confirmed> count() { return leadership.count(around()); }

  Facts facts;
  PlacedConfiguration configuration;
  Liveness peers;
  Instant now = at(0ms);
  Leadership leadership;
};

}  // namespace

TEST_CASE("L1: a majority of echoes confirms a round, with the time at which it was sent") {
  Leading leader;
  leader.now = at(5ms);
  const auto round = leader.leadership.send(leader.now);
  leader.now = at(8ms);
  leader.echo(2, round);
  CHECK(!leader.count());
  leader.echo(2, round);
  CHECK(!leader.count());
  leader.echo(3, round);
  CHECK(leader.count() == Confirmed{round, at(5ms)});
  CHECK(!leader.count());
  CHECK(leader.leadership.confirmed() == Confirmed{round, at(5ms)});
}

TEST_CASE("L1: an echo counts only in this very ballot") {
  Leading leader;
  const auto round = leader.leadership.send(leader.now);
  leader.echo(2, round, Ballot{Round(6), member(1)});
  leader.echo(3, round, Ballot{Round(8), member(3)});
  leader.echo(4, round, Ballot{Round(7), member(2)});
  leader.echo(5, round);
  CHECK(!leader.count());
}

TEST_CASE("L1: an own promise above the ballot is no vote for it") {
  Leading leader(3);
  const auto round = leader.leadership.send(leader.now);
  leader.facts.promised = Ballot{Round(8), member(2)};
  leader.echo(3, round);
  CHECK(!leader.count());
}

TEST_CASE("P9: the echo of another incarnation, and that of a stranger, do not count") {
  Leading leader(3);
  const auto round = leader.leadership.send(leader.now);
  leader.echo(2, round, ballot, true, Incarnation(2));
  leader.echo(9, round);
  CHECK(!leader.count());
}

TEST_CASE("L1: an echo of a round never sent, or of one before this term, counts for nothing") {
  Leading leader(3);
  leader.echo(2, RoundTrip(10));
  CHECK(!leader.count());
  const auto round = leader.leadership.send(leader.now);
  leader.echo(2, round + 5);
  CHECK(!leader.count());
  leader.echo(2, round);
  CHECK(leader.count().has_value());
}

TEST_CASE("L1: a later round confirms the earlier ones, a late echo takes nothing back") {
  Leading leader(3);
  const auto first = leader.leadership.send(leader.now);
  leader.now = at(1ms);
  const auto second = leader.leadership.send(leader.now);
  leader.echo(2, second);
  CHECK(leader.count() == Confirmed{second, at(1ms)});
  leader.echo(3, first);
  CHECK(!leader.count());
  CHECK(leader.leadership.confirmed()->round == second);
}

TEST_CASE("L1: a request is served by a round sent after it; requests meanwhile share the next one") {
  Leading leader(3);
  CHECK(!leader.leadership.due());
  const auto first = leader.leadership.request();
  CHECK(leader.leadership.due());
  CHECK(leader.leadership.request() == first);
  CHECK(leader.leadership.send(leader.now) == first);
  const auto next = leader.leadership.request();
  CHECK(next > first);
  CHECK(leader.leadership.request() == next);
  CHECK(!leader.leadership.due());
  leader.echo(2, first);
  CHECK(leader.count()->round == first);
  CHECK(leader.leadership.due());
  CHECK(leader.leadership.send(leader.now) == next);
}

TEST_CASE("L1: the echo measures the round trip") {
  Leading leader(3);
  const auto round = leader.leadership.send(at(10ms));
  Heartbeat beat;
  beat.echo = Echo{ballot, round};
  beat.incarnation = Incarnation(1);
  leader.now = at(14ms);
  CHECK(leader.leadership.on_heartbeat(leader.around(), member(2), beat) == 4ms);
  CHECK(!leader.leadership.on_heartbeat(leader.around(), member(2), beat));
}

TEST_CASE("L2: without a confirmed round the quorum is lost, counted from the sending of the newest") {
  Leading leader(3);
  leader.now = tuning.election_timeout_max - 1ns + at(0ms);
  CHECK(!leader.leadership.lost_quorum(leader.around()));
  leader.now = at(tuning.election_timeout_max);
  CHECK(leader.leadership.lost_quorum(leader.around()));

  Leading proven(3);
  for (int i = 1; i <= 20; ++i) {
    proven.now = at(i * tuning.heartbeat);
    const auto round = proven.leadership.send(proven.now);
    proven.echo(2, round);
    REQUIRE(proven.count());
  }
  const auto newest = proven.now;
  // Rounds that nobody echoes do not help.
  for (int i = 0; i < 2; ++i) static_cast<void>(proven.leadership.send(proven.now += tuning.heartbeat));
  CHECK(!proven.leadership.lost_quorum(proven.around()));
  CHECK(proven.leadership.next_wakeup(proven.around()) == newest + tuning.election_timeout_min);
  proven.now = newest + tuning.election_timeout_min;
  CHECK(proven.leadership.lost_quorum(proven.around()));
}

TEST_CASE("L3: after a pause only a round sent later proves anything; it is due at once") {
  Leading leader(3);
  const auto before = leader.leadership.send(leader.now);
  leader.leadership.on_pause(10s);
  leader.now = at(10s);
  CHECK(!leader.leadership.confirmed());
  CHECK(!leader.leadership.lost_quorum(leader.around()));
  leader.echo(2, before);
  CHECK(!leader.count());
  CHECK(leader.leadership.due());
  const auto after = leader.leadership.send(leader.now);
  leader.echo(2, after);
  CHECK(leader.count() == Confirmed{after, at(10s)});
}

TEST_CASE("L3: what was confirmed before the pause is not shown after it") {
  Leading leader(3);
  leader.echo(2, leader.leadership.send(leader.now));
  REQUIRE(leader.count());
  leader.leadership.on_pause(1s);
  CHECK(!leader.leadership.confirmed());
}

TEST_CASE("L4: a majority that is not content for a timeout does not want this leader; a minority decides nothing") {
  Leading leader;
  const auto round = leader.leadership.send(leader.now);
  leader.echo(2, round, ballot, false);
  leader.echo(3, round, ballot, false);
  REQUIRE(leader.count());
  leader.now = at(5s);
  static_cast<void>(leader.count());
  CHECK(!leader.leadership.unwanted(leader.around()));

  leader.echo(4, round, ballot, false);
  static_cast<void>(leader.count());
  CHECK(!leader.leadership.unwanted(leader.around()));
  leader.now += tuning.election_timeout_max;
  CHECK(leader.leadership.unwanted(leader.around()));
  leader.echo(4, round, ballot, true);
  static_cast<void>(leader.count());
  CHECK(!leader.leadership.unwanted(leader.around()));
}

TEST_CASE("L4: the successor is linked, follows, is content, has a healthy disk, and is the best placed") {
  Leading leader;
  CHECK(!leader.leadership.successor(leader.around()));
  const auto round = leader.leadership.send(leader.now);
  const auto say = [&](int from, std::uint64_t last_accepted, auto change) {
    Heartbeat beat;
    beat.echo = Echo{ballot, round};
    beat.content = true;
    beat.last_accepted = Slot(last_accepted);
    change(beat);
    leader.peers.on_heartbeat(member(from), beat, leader.now);
  };
  const auto nothing = [](Heartbeat&) {};
  say(2, 5, nothing);
  say(3, 6, nothing);
  CHECK(leader.leadership.successor(leader.around()) == member(3));
  say(4, 9, [](Heartbeat& beat) { beat.disk_healthy = false; });
  say(5, 9, [](Heartbeat& beat) { beat.content = false; });
  CHECK(leader.leadership.successor(leader.around()) == member(3));
  say(4, 9, [](Heartbeat& beat) { beat.echo->ballot = Ballot{Round(6), member(2)}; });
  CHECK(leader.leadership.successor(leader.around()) == member(3));
  leader.peers.on_link_down(member(3), leader.now);
  CHECK(leader.leadership.successor(leader.around()) == member(2));
}
