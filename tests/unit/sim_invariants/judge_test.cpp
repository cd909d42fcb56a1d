// What is said, lost and believed: each check, made to fire by one event; and once, however often it is broken.
#include <doctest/doctest.h>

#include <functional>

#include "sim/invariants/invariants.hpp"
#include "unit/sim_invariants/doctored.hpp"

using namespace doctored;
using namespace std::chrono_literals;

TEST_CASE("P2: words before their records") {
  Stream stream;
  stream.promises(1, ballot(1, 1));
  SUBCASE("a Prepare") { stream.prepare(2, ballot(1, 2)); }
  SUBCASE("a Promise") { stream.prepare(1, ballot(1, 1)), stream.promise(2, ballot(1, 1)); }
  SUBCASE("a report") {
    stream.prepare(1, ballot(1, 1));
    stream.promises(2, ballot(1, 1));
    stream.promise(2, ballot(1, 1), {{Slot{1}, ballot(0, 3), false, entry("x")}});
  }
  SUBCASE("an Accepted, its promise missing") { stream.accepted(2, ballot(1, 1), 0); }
  SUBCASE("an Accepted, its entry missing") { stream.promises(2, ballot(1, 1)), stream.accepted(2, ballot(1, 1), 1); }
  SUBCASE("a heartbeat's promise") { stream.say(2, paxos::Heartbeat{.promised = ballot(1, 1)}); }
  SUBCASE("a heartbeat's last entry") { stream.say(2, paxos::Heartbeat{.last_accepted = Slot{1}}); }
  CHECK(stream.found("said-implies-stored"));
}

TEST_CASE("P2: an Accepted whose entry lies there from a lower ballot") {
  Stream stream;
  stream.choose_x();
  stream.promises(2, ballot(2, 1));
  stream.accepted(2, ballot(2, 1), 1);
  CHECK(stream.found("said-implies-stored"));
}

TEST_CASE("I5: a word of an opening that is not on the disk") {
  Stream stream;
  stream.say(1, paxos::Heartbeat{}, 99);
  CHECK(stream.found("no-word-before-the-opening"));
}

TEST_CASE("L1: an echo of a ballot below the promise") {
  Stream stream;
  stream.promises(2, ballot(2, 3));
  stream.say(2, paxos::Heartbeat{.echo = paxos::Echo{ballot(1, 1), paxos::RoundTrip{1}}});
  CHECK(stream.found("echoes-of-the-highest-promise"));
}

TEST_CASE("P8, P9: a store that lost its vote, and votes") {
  struct Loss {
    std::string check;
    std::function<void(Stream&)> happens;
  };
  const std::vector<Loss> losses{
      {"damage-is-not-absence",
       [](Stream& stream) {
         Reopening reopening{.damaged = true};
         reopening.records.emplace_back(engine::IdentityRecord{.member = member(2)});
         stream.open(2, reopening);
       }},
      {"a-failed-sync-costs-the-vote", [](Stream& stream) { stream.open(2, {.failed = true}); }},
      {"a-lost-vote-stays-lost",
       [](Stream& stream) {
         stream.store(2, engine::VoteLostRecord{});
         stream.open(2);
       }},
      // The disk is empty, and the same identity is drawn anew.
      {"wiped-never-votes", [](Stream& stream) { stream.open(2, {.stale = true}); }},
  };
  const std::vector<std::function<void(Stream&)>> votes{
      [](Stream& stream) { stream.promise(2, ballot(1, 1)); },
      [](Stream& stream) { stream.accepted(2, ballot(1, 1), 0); },
      [](Stream& stream) {
        stream.say(2, paxos::Heartbeat{.echo = paxos::Echo{ballot(1, 1), paxos::RoundTrip{1}}});
      },
  };
  for (const auto& loss : losses)
    for (const auto& vote : votes) {
      CAPTURE(loss.check);
      Stream stream;
      loss.happens(stream);
      stream.promises(1, ballot(1, 1));
      stream.prepare(1, ballot(1, 1));
      stream.promises(2, ballot(1, 1));
      CHECK(stream.found().empty());
      vote(stream);
      CHECK(stream.found(loss.check));
    }
}

TEST_CASE("I5: a restored backup is no crime, and its old votes count for those who knew") {
  Stream stream;
  stream.choose_x();
  stream.promises(2, ballot(7, 3));
  Reopening reopening{.stale = true};
  reopening.records.emplace_back(engine::IdentityRecord{.member = member(2)});
  stream.open(2, reopening);
  stream.promises(2, ballot(3, 3));
  stream.say(1, paxos::Chosen{.ballot = ballot(1, 1), .upto = Slot{1}});
  CHECK(stream.found().empty());
}

TEST_CASE("P10: a watermark goes back") {
  Stream stream;
  stream.judge.watermark_went_back("1", Slot{2}, Slot{1}, stream.now);
  CHECK(stream.found("applied-in-order"));
}

TEST_CASE("P7: leading on after a higher promise") {
  Stream stream;
  stream.promises(1, ballot(1, 1));
  stream.judge.leads("1", ballot(1, 1), stream.now);
  CHECK(stream.found().empty());
  stream.promises(1, ballot(2, 3));
  stream.judge.leads("1", ballot(1, 1), stream.now);
  CHECK(stream.found("no-leading-below-a-promise"));
}

TEST_CASE("L1: a round counts as confirmed that was sent after a majority had promised higher") {
  Stream stream;
  stream.elect(1, 2, ballot(1, 1));
  stream.elect(3, 2, ballot(2, 3));
  stream.judge.confirmed("1", ballot(1, 1), stream.now, stream.now + 1s);
  CHECK(stream.found().empty());
  stream.judge.confirmed("1", ballot(1, 1), stream.now + 1ns, stream.now + 1s);
  CHECK(stream.found("one-leader-in-true-time"));
}

TEST_CASE("C1: two states after one slot") {
  Stream stream;
  stream.judge.digest("1", Slot{16}, Sha256{}, stream.now);
  stream.judge.digest("2", Slot{16}, Sha256{}, stream.now);
  CHECK(stream.found().empty());
  Sha256 other{};
  other.back() = decltype(other)::value_type{1};
  stream.judge.digest("3", Slot{16}, other, stream.now);
  CHECK(stream.found("same-slot-same-digest"));
}

TEST_CASE("C3: tokens out of order, or twice") {
  Stream stream;
  const auto grant = [&](std::uint64_t token, std::uint64_t slot, std::uint64_t sequence) {
    stream.judge.granted(
        "1", {.token = Token{token}, .request = {SessionId{1}, Sequence{sequence}}, .slot = Slot{slot}}, stream.now);
  };
  grant(1, 10, 1);
  grant(3, 12, 3);
  grant(1, 10, 1);
  CHECK(stream.found().empty());
  std::string check = "tokens-rise";
  SUBCASE("late") { grant(2, 13, 2); }
  SUBCASE("back") { grant(4, 11, 4); }
  SUBCASE("twice") {
    grant(3, 12, 4);
    check = "a-token-is-one-grant's";
  }
  CHECK(stream.found(check));
}

TEST_CASE("S6: a command of a session that runs at two slots") {
  Stream stream;
  const auto run = [&](std::uint64_t session, std::uint64_t sequence, std::uint64_t slot) {
    stream.judge.ran("1", {.session = SessionId{session}, .sequence = Sequence{sequence}, .slot = Slot{slot}}, stream.now);
  };
  run(5, 1, 10);
  run(5, 2, 11);
  run(6, 1, 12);
  run(5, 1, 10);
  CHECK(stream.found().empty());
  run(5, 1, 13);
  CHECK(stream.found("runs-once"));
}

TEST_CASE("S2: a session ended before its holder stops trusting it") {
  Stream stream;
  stream.judge.expired("1", SessionId{5}, stream.now, stream.now);
  CHECK(stream.found().empty());
  stream.judge.expired("1", SessionId{5}, stream.now + 1ns, stream.now);
  CHECK(stream.found("no-end-before-the-deadline"));
}

TEST_CASE("a node that stops because it broke an invariant of its own is told of; one that stops for its disk is not") {
  World world(1);
  Invariants invariants(world);
  invariants.on_notice("1", engine::Stopped{.reason = Error(errc::disk_failed, "EIO")});
  CHECK(invariants.violations().empty());
  invariants.on_notice("2", engine::Stopped{.reason = Error(errc::internal, "ballot >= promised_")});
  REQUIRE(invariants.violations().size() == 1);
  CHECK(invariants.violations()[0].check == core_invariant);
  CHECK(invariants.violations()[0].sentence.find("ballot >= promised_") != std::string::npos);
}

TEST_CASE("a check fires once, with its time, its node and its rule") {
  Stream stream;
  stream.promises(2, ballot(5, 1));
  stream.promises(2, ballot(4, 1));
  stream.now += 1s;
  stream.promises(2, ballot(3, 1));
  const auto& found = stream.judge.violations();
  REQUIRE(found.size() == 1);
  CHECK(found[0].subject == "2");
  CHECK(found[0].from == 1s);
  CHECK(found[0].sentence == "2: its disk promises 4.01 after it promised 5.01 (P1)");
}
