// E1 to E9, one voter at a time: what it concludes, asks and answers.
#include <doctest/doctest.h>

#include "election_world.hpp"

using namespace conclave;
using namespace conclave::paxos;
using namespace conclave::paxos::test;

namespace {

const Tuning tuning;
const Ballot led{Round(3), member(5)};

/// Voter 2 of five, all linked, which follows 5 since the start.
struct Voter2 {
  Voter2() : following(at(0ms)) {
    facts.self = member(2);
    facts.has_vote = true;
    facts.promised = facts.promised_synced = led;
    facts.last_accepted = Slot(10);
    facts.watermark = Slot(8);
    facts.priority = 100;
    configuration.slot = Slot(4);
    for (int n = 1; n <= 5; ++n) configuration.configuration.voters.push_back({member(n), Incarnation(1)});
    for (const int n : {1, 3, 4, 5}) {
      peers.on_link_up(member(n), now);
      say(n, 10);
    }
    hear_leader();
  }

  [[nodiscard]] Surroundings around() const { return {tuning, facts, configuration, peers, now}; }

  void say(int from, std::uint64_t last_accepted, bool content = true) {
    Heartbeat beat;
    beat.last_accepted = Slot(last_accepted);
    beat.priority = 100;
    beat.content = content;
    if (from == 5) beat.leading = led;
    peers.on_heartbeat(member(from), beat, now);
  }
  void hear_leader() {
    if (following.on_heard(around(), led)) election.on_decided();
    Heartbeat beat;
    beat.leading = led;
    beat.content = true;
    beat.echo = Echo{led, ++heard_back};
    following.on_heartbeat(around(), member(5), beat);
  }
  ElectionOutput update() {
    ElectionOutput out;
    following.assess(around());
    election.update(around(), following, prng, out);
    return out;
  }
  ElectionOutput pass(Duration duration) {
    now += duration;
    return update();
  }
  /// The answers to a pre-vote of `from`, given at once.
  std::optional<PreVoteReply> asked_by(int from, std::uint64_t round = 4, std::uint64_t last_accepted = 10) {
    PreVote question{Ballot{Round(round), member(from)}, configuration.ref(), Slot(last_accepted)};
    return asked(from, question);
  }
  std::optional<PreVoteReply> asked(int from, const PreVote& question) {
    election.on_pre_vote(member(from), question);
    return answer_to(from, update());
  }
  static std::optional<PreVoteReply> answer_to(int from, const ElectionOutput& out) {
    for (const auto& [to, reply] : out.answer)
      if (to == member(from)) return reply;
    return std::nullopt;
  }
  void grant(int from, const Ballot& ballot, bool granted = true, PreVoteReason reason = PreVoteReason::leader_lost) {
    PreVoteReply reply;
    reply.ballot = ballot;
    reply.granted = granted;
    reply.reason = reason;
    election.on_pre_vote_reply(around(), member(from), reply);
  }
  /// The leader's process is gone.
  void lose_leader() {
    peers.on_link_down(member(5), now);
    peers.on_link_refused(member(5), now);
  }

  Facts facts;
  PlacedConfiguration configuration;
  Liveness peers;
  Instant now = at(0ms);
  Prng prng{1};
  RoundTrip heard_back;
  Following following;
  Election election;
};

}  // namespace

TEST_CASE("E1: each evidence by itself, and what takes it back") {
  SUBCASE("silence") {
    Voter2 voter;
    static_cast<void>(voter.pass(tuning.election_timeout_min - 1ns));
    CHECK(!voter.following.lost());
    static_cast<void>(voter.pass(1ns));
    CHECK(voter.following.lost() == Loss::silent);
    CHECK(!voter.following.content(voter.around()));
  }
  SUBCASE("refused") {
    Voter2 voter;
    voter.peers.on_link_down(member(5), voter.now);
    static_cast<void>(voter.pass(tuning.probe_wait * 2));
    CHECK(!voter.following.lost());
    voter.peers.on_link_refused(member(5), voter.now);
    static_cast<void>(voter.update());
    CHECK(voter.following.lost() == Loss::refused);
    // A new process at that address is not that leader.
    voter.peers.on_link_up(member(5), voter.now);
    static_cast<void>(voter.update());
    CHECK(voter.following.lost() == Loss::refused);
  }
  SUBCASE("goodbye") {
    Voter2 voter;
    voter.peers.on_goodbye(member(5), voter.now);
    static_cast<void>(voter.update());
    CHECK(voter.following.lost() == Loss::departed);
  }
  SUBCASE("its own word") {
    Voter2 voter;
    Heartbeat beat;
    voter.following.on_heartbeat(voter.around(), member(1), beat);
    static_cast<void>(voter.update());
    CHECK(!voter.following.lost());
    voter.following.on_heartbeat(voter.around(), member(5), beat);
    static_cast<void>(voter.update());
    CHECK(voter.following.lost() == Loss::resigned);
  }
  SUBCASE("its disk, for a whole timeout") {
    Voter2 voter;
    Heartbeat beat;
    beat.leading = led;
    beat.content = true;
    beat.disk_healthy = false;
    for (int i = 0; i < 3; ++i) {
      static_cast<void>(voter.following.on_heard(voter.around(), led));
      voter.following.on_heartbeat(voter.around(), member(5), beat);
      static_cast<void>(voter.update());
      CHECK(!voter.following.lost());
      voter.now += tuning.heartbeat;
    }
    static_cast<void>(voter.following.on_heard(voter.around(), led));
    voter.following.on_heartbeat(voter.around(), member(5), beat);
    static_cast<void>(voter.update());
    CHECK(voter.following.lost() == Loss::sick_disk);
    voter.hear_leader();
    static_cast<void>(voter.update());
    CHECK(!voter.following.lost());
  }
  SUBCASE("the leader heard again") {
    Voter2 voter;
    static_cast<void>(voter.pass(1s));
    REQUIRE(voter.following.lost());
    voter.hear_leader();
    static_cast<void>(voter.update());
    CHECK(!voter.following.lost());
    CHECK(voter.asked_by(1)->reason == PreVoteReason::hears_leader);
  }
}

TEST_CASE("E1: content means heard both ways") {
  Voter2 voter;
  Heartbeat beat;
  beat.leading = led;
  beat.content = true;
  beat.echo = Echo{led, voter.heard_back};
  for (int i = 0; i < 4; ++i) {
    voter.now += tuning.heartbeat;
    static_cast<void>(voter.following.on_heard(voter.around(), led));
    voter.following.on_heartbeat(voter.around(), member(5), beat);
    static_cast<void>(voter.update());
  }
  CHECK(!voter.following.lost());
  CHECK(!voter.following.content(voter.around()));
  voter.hear_leader();
  CHECK(voter.following.content(voter.around()));
}

TEST_CASE("E3: it asks all linked voters for a ballot above all it knows, and promises nothing") {
  Voter2 voter;
  Heartbeat beat;
  beat.promised = Ballot{Round(8), member(4)};
  beat.last_accepted = Slot(10);
  voter.peers.on_heartbeat(member(4), beat, voter.now);
  voter.facts.last_accepted = Slot(11);
  voter.lose_leader();
  const auto out = voter.update();
  REQUIRE(out.ask.size() == 3);
  CHECK(out.ask[0].first == member(1));
  CHECK(out.ask[0].second == PreVote{Ballot{Round(9), member(2)}, voter.configuration.ref(), Slot(11)});
  CHECK(!out.stand);
}

TEST_CASE("E2: no vote, a sick disk, no voter: it never asks and never stands") {
  for (int fault = 0; fault < 3; ++fault) {
    Voter2 voter;
    if (fault == 0) voter.facts.has_vote = false;
    if (fault == 1) voter.facts.disk_healthy = false;
    if (fault == 2) voter.configuration.configuration.voters.erase(voter.configuration.configuration.voters.begin() + 1);
    voter.lose_leader();
    voter.election.on_go(voter.around(), Go{led, member(2), Slot(8)});
    for (int i = 0; i < 100; ++i) {
      const auto out = voter.pass(20ms);
      CHECK(out.ask.empty());
      CHECK(!out.stand);
    }
  }
}

TEST_CASE("E4: a voter that hears its leader says no, at once") {
  Voter2 voter;
  const auto reply = voter.asked_by(1);
  REQUIRE(reply);
  CHECK(!reply->granted);
  CHECK(reply->reason == PreVoteReason::hears_leader);
  CHECK(reply->ballot == Ballot{Round(4), member(1)});
  CHECK(reply->promised == led);
  CHECK(reply->watermark == Slot(8));
}

TEST_CASE("E4: the leader says no") {
  Voter2 voter;
  voter.facts.promised = Ballot{Round(4), member(2)};
  voter.following.on_elected(voter.facts.promised, voter.now);
  voter.election.on_decided();
  CHECK(voter.asked_by(1, 9)->reason == PreVoteReason::hears_leader);
}

TEST_CASE("E4: it says yes once it has lost its leader, however little the candidate has accepted") {
  Voter2 voter;
  voter.facts.disk_healthy = false;
  voter.lose_leader();
  const auto reply = voter.asked_by(1, 4, 0);
  REQUIRE(reply);
  CHECK(reply->granted);
  CHECK(reply->reason == PreVoteReason::leader_lost);
}

TEST_CASE("E4: with the link closed the answer waits for the probe: up is no, refused is yes, in vain is yes") {
  Voter2 voter;
  voter.peers.on_link_down(member(5), voter.now);
  CHECK(!voter.asked_by(1));
  SUBCASE("up") {
    voter.now += 1ms;
    voter.peers.on_link_up(member(5), voter.now);
    voter.hear_leader();
    CHECK(Voter2::answer_to(1, voter.update())->reason == PreVoteReason::hears_leader);
  }
  SUBCASE("refused") {
    voter.now += 1ms;
    voter.peers.on_link_refused(member(5), voter.now);
    CHECK(Voter2::answer_to(1, voter.update())->granted);
  }
  SUBCASE("in vain") {
    CHECK(voter.following.next_wakeup(voter.around()) == voter.now + tuning.probe_wait);
    CHECK(!Voter2::answer_to(1, voter.pass(tuning.probe_wait - 1ns)));
    const auto out = voter.pass(1ns);
    CHECK(Voter2::answer_to(1, out)->granted);
    // Enough to grant, not to stand.
    CHECK(out.ask.empty());
    CHECK(voter.pass(50ms).ask.empty());
  }
}

TEST_CASE("E4: with a heartbeat missed the answer waits for the leader or the timeout") {
  Voter2 voter;
  voter.now += 2 * tuning.heartbeat + 1ms;
  CHECK(!voter.asked_by(1));
  SUBCASE("heard again") {
    voter.hear_leader();
    CHECK(Voter2::answer_to(1, voter.update())->reason == PreVoteReason::hears_leader);
  }
  SUBCASE("silent for good") {
    for (const int n : {1, 3, 4}) voter.say(n, 10);
    const auto out = voter.pass(tuning.election_timeout_min);
    CHECK(Voter2::answer_to(1, out)->granted);
  }
}

TEST_CASE("E4: a voter just started does not know yet, and does not help to unseat") {
  Voter2 voter;
  voter.following = Following(voter.now);
  CHECK(!voter.asked_by(1));
  voter.hear_leader();
  CHECK(Voter2::answer_to(1, voter.update())->reason == PreVoteReason::hears_leader);
}

TEST_CASE("E4: a promise at or above the ballot, another configuration, no vote, a stranger: no") {
  Voter2 voter;
  voter.lose_leader();
  static_cast<void>(voter.update());
  CHECK(voter.asked_by(1, 2)->reason == PreVoteReason::higher_promise);
  const auto own = voter.configuration.ref();
  const Ballot ballot{Round(9), member(1)};
  CHECK(voter.asked(1, {ballot, {own.id, Slot(3)}, Slot()})->reason == PreVoteReason::older_configuration);
  CHECK(voter.asked(1, {ballot, {own.id, Slot(5)}, Slot()})->reason == PreVoteReason::newer_configuration);
  CHECK(voter.asked(9, {ballot, own, Slot()})->reason == PreVoteReason::other);
  voter.facts.has_vote = false;
  CHECK(voter.asked_by(1, 9)->reason == PreVoteReason::no_vote);
}

TEST_CASE("E5: it stands with a majority of answers, each from a voter, once, for this ballot, and fresh") {
  Voter2 voter;
  voter.facts.last_accepted = Slot(11);
  voter.lose_leader();
  const auto ballot = voter.update().ask.at(0).second.ballot;
  voter.grant(1, ballot);
  voter.grant(1, ballot);
  voter.grant(9, ballot);
  voter.grant(3, Ballot{Round(77), member(2)});
  voter.grant(4, ballot, false, PreVoteReason::hears_leader);
  CHECK(!voter.update().stand);
  SUBCASE("a second one") {
    voter.grant(3, ballot);
    CHECK(voter.update().stand == Stand{ballot, Loss::refused});
  }
  SUBCASE("one that is too old") {
    voter.now += tuning.election_timeout_min + 1ms;
    voter.grant(3, ballot);
    CHECK(!voter.update().stand);
  }
  SUBCASE("one that is taken back") {
    voter.grant(1, ballot, false, PreVoteReason::hears_leader);
    voter.grant(3, ballot);
    CHECK(!voter.update().stand);
  }
  SUBCASE("a leader heard meanwhile") {
    voter.peers.on_link_up(member(5), voter.now);
    voter.hear_leader();
    voter.grant(3, ballot);
    CHECK(!voter.update().stand);
  }
}

TEST_CASE("E3: told of a higher promise it asks again at once, above that") {
  Voter2 voter;
  voter.facts.last_accepted = Slot(11);
  voter.lose_leader();
  const auto ballot = voter.update().ask.at(0).second.ballot;
  PreVoteReply reply;
  reply.ballot = ballot;
  reply.reason = PreVoteReason::higher_promise;
  reply.promised = Ballot{Round(20), member(4)};
  voter.election.on_pre_vote_reply(voter.around(), member(4), reply);
  const auto out = voter.update();
  REQUIRE(out.ask.size() == 3);
  CHECK(out.ask[0].second.ballot == Ballot{Round(21), member(2)});
}

TEST_CASE("E6: it waits a step for each better placed voter that looks alive") {
  Voter2 voter;
  voter.say(1, 10);  // the smaller id
  voter.say(3, 11);  // accepted more
  voter.say(4, 9);
  voter.lose_leader();
  CHECK(voter.update().ask.empty());
  CHECK(voter.election.next_wakeup(voter.around(), voter.following) == voter.now + 2 * tuning.rank_step);
  CHECK(voter.pass(2 * tuning.rank_step - 1ns).ask.empty());
  CHECK(voter.pass(1ns).ask.size() == 3);
}

TEST_CASE("E6: who is gone or has a sick disk is not waited for") {
  Voter2 voter;
  voter.peers.on_link_down(member(1), voter.now);
  Heartbeat sick;
  sick.last_accepted = Slot(99);
  sick.disk_healthy = false;
  voter.peers.on_heartbeat(member(3), sick, voter.now);
  voter.lose_leader();
  CHECK(voter.update().ask.size() == 2);
}

TEST_CASE("E7: while it helps one candidate another one waits, unless it is better placed") {
  Voter2 voter;
  voter.lose_leader();
  CHECK(voter.asked_by(3, 4, 10)->granted);
  CHECK(!voter.asked_by(4, 4, 10));
  CHECK(voter.asked_by(1, 4, 10)->granted);
  // Having helped another it does not ask itself.
  CHECK(voter.pass(tuning.turn - 1ms).ask.empty());
  const auto out = voter.pass(1ms);
  CHECK(Voter2::answer_to(4, out)->granted);
}

TEST_CASE("E7: each candidate has one turn; then this voter tries itself") {
  Voter2 voter;
  voter.lose_leader();
  REQUIRE(voter.asked_by(1)->granted);
  auto waited = Duration::zero();
  for (;; waited += 1ms) {
    REQUIRE(waited < 200ms);
    voter.election.on_pre_vote(member(1), {Ballot{Round(4), member(1)}, voter.configuration.ref(), Slot(10)});
    if (!voter.pass(1ms).ask.empty()) break;
  }
  CHECK(waited >= tuning.turn - 2ms);
  CHECK(waited <= tuning.turn + 5 * tuning.rank_step);
}

TEST_CASE("E7: two that ask each other: the better placed goes on, the other yields") {
  Voter2 yields;
  yields.facts.last_accepted = Slot(11);
  yields.lose_leader();
  REQUIRE(!yields.update().ask.empty());
  CHECK(yields.asked_by(3, 4, 12)->granted);
  CHECK(!yields.election.asking());

  Voter2 goes_on;
  goes_on.facts.last_accepted = Slot(11);
  goes_on.lose_leader();
  REQUIRE(!goes_on.update().ask.empty());
  CHECK(!goes_on.asked_by(3, 4, 11));
  CHECK(goes_on.election.asking());
}

TEST_CASE("E7: a promise keeps others waiting for a timeout, unless its candidate is gone") {
  Voter2 voter;
  voter.lose_leader();
  voter.facts.promised = Ballot{Round(4), member(3)};
  voter.election.on_promised(voter.around(), voter.following, voter.facts.promised);
  CHECK(!voter.asked_by(1, 9, 99));
  CHECK(!Voter2::answer_to(1, voter.pass(tuning.election_timeout_min - 1ms)));
  SUBCASE("lapses") { CHECK(Voter2::answer_to(1, voter.pass(1ms))->granted); }
  SUBCASE("gone") {
    voter.peers.on_link_refused(member(3), voter.now);
    CHECK(Voter2::answer_to(1, voter.update())->granted);
  }
}

TEST_CASE("E8: attempts in vain come at growing distances, at most a timeout apart") {
  Voter2 voter;
  voter.facts.last_accepted = Slot(11);
  voter.lose_leader();
  std::vector<Instant> asked;
  while (asked.size() < 12) {
    if (!voter.update().ask.empty()) asked.push_back(voter.now);
    voter.now += 1ms;
  }
  CHECK(asked[1] - asked[0] >= tuning.turn + tuning.turn / 2);
  CHECK(asked[1] - asked[0] <= 2 * tuning.turn + 2ms);
  for (std::size_t i = 4; i < asked.size(); ++i) {
    CHECK(asked[i] - asked[i - 1] >= tuning.turn + tuning.election_timeout_min / 2);
    CHECK(asked[i] - asked[i - 1] <= tuning.turn + tuning.election_timeout_min + 2ms);
  }
}

TEST_CASE("E9: told to by the leader it stands at once; by an older leader, or meant for another, it does not") {
  Voter2 voter;
  voter.election.on_go(voter.around(), Go{Ballot{Round(2), member(4)}, member(2), Slot(8)});
  CHECK(!voter.update().stand);
  voter.election.on_go(voter.around(), Go{led, member(3), Slot(8)});
  CHECK(!voter.update().stand);
  voter.election.on_go(voter.around(), Go{led, member(2), Slot(8)});
  const auto out = voter.update();
  REQUIRE(out.stand);
  CHECK(out.stand->ballot == Ballot{Round(4), member(2)});
  CHECK(!out.stand->loss);
  CHECK(out.ask.empty());
}

TEST_CASE("A candidacy without progress is given up after a timeout, and one with progress is not") {
  Voter2 voter;
  voter.election.on_go(voter.around(), Go{led, member(2), Slot(8)});
  voter.facts.promised = voter.update().stand->ballot;
  for (int i = 0; i < 5; ++i) {
    CHECK(!voter.pass(tuning.election_timeout_min - 1ms).abandon);
    voter.election.on_progress(voter.around(), voter.following);
  }
  CHECK(voter.election.standing());
  // Whoever asks meanwhile waits.
  CHECK(!voter.asked_by(1, 99, 99));
  CHECK(voter.pass(tuning.election_timeout_min).abandon);
  CHECK(!voter.election.standing());
}

TEST_CASE("E2: who stepped down helps others at once, and waits a timeout itself") {
  Voter2 voter;
  voter.following.on_elected(Ballot{Round(4), member(2)}, voter.now);
  voter.election.on_decided();
  voter.facts.promised = Ballot{Round(4), member(2)};
  voter.now += 1s;
  voter.following.on_stepped_down(voter.now);
  voter.election.on_stepped_down(voter.around(), voter.following);
  for (const int n : {1, 3, 4, 5}) voter.say(n, 1);
  CHECK(voter.update().ask.empty());
  CHECK(voter.pass(tuning.election_timeout_min - 1ms).ask.empty());
  Voter2 helps = voter;
  CHECK(helps.asked_by(1, 9)->granted);
  CHECK(!voter.pass(1ms).ask.empty());
}
