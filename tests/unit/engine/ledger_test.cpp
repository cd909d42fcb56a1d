// The leader's side of sessions: S1 to S3, S5 and S6.
#include <doctest/doctest.h>

#include "engine/session_ledger.hpp"
#include "node.hpp"

using namespace conclave;
using namespace conclave::engine;
using namespace conclave::engine::test;

namespace {

constexpr SessionId session{2};

/// A ledger over a state with one session of 4 s.
struct Desk {
  Desk() {
    std::vector<coordination::Event> events;
    state.term_start(Slot{1}, {}, {.round = 1, .member = member(1)}, events);
    state.apply(Slot{2}, {}, coordination::OpenSession{.nonce = uuid(1), .owner = member(1), .owner_name = "a", .ttl = 4s}, events);
  }
  /// What a command of the session leaves behind.
  void apply(coordination::Op op) {
    std::vector<coordination::Event> events;
    state.apply(state.applied().next(), {}, coordination::Submission{session, next, {}, std::move(op)}, events);
    ++next;
  }
  void renew(std::uint64_t number, Instant at) { ledger.on_renew(LinkId{7}, {.session = session, .number = number}, state, at); }
  /// The numbers that a round sent at `sent` acknowledged; what it ended goes to `expired`.
  std::vector<std::uint64_t> round(Instant sent) {
    acknowledged.clear();
    ledger.on_round(sent, state, acknowledged, expired);
    std::vector<std::uint64_t> numbers;
    for (const auto& one : acknowledged) numbers.push_back(one.item.number);
    return numbers;
  }
  SessionLedger::Admission admit(std::uint64_t sequence) {
    return ledger.admit({session, Sequence{sequence}, {}, coordination::UnknownOp{}}, state).admission;
  }
  /// Holds the lock "jobs", and has it revoked.
  coordination::EndingGrant ending() {
    apply(coordination::Acquire{.resource = lock("jobs")});
    const auto token = state.resource(lock("jobs"))->holder->token;
    apply(coordination::Revoke{.resource = lock("jobs"), .token = token});
    REQUIRE(state.ending_tokens(session) == std::vector{token});
    return {.session = session, .resource = lock("jobs"), .token = token};
  }

  coordination::State state;
  SessionLedger ledger;
  std::vector<SessionLedger::Acknowledgement> acknowledged;
  std::vector<SessionId> expired;
  Sequence next{1};
  Instant t0{1000s};
};

}  // namespace

TEST_CASE("S1: a renewal counts only with a round that was sent after it arrived, and names its link and number") {
  Desk desk;
  desk.ledger.lead(desk.state, desk.t0);
  desk.renew(5, desk.t0 + 10ms);
  CHECK(desk.ledger.wants_round());
  CHECK(desk.round(desk.t0 + 9ms).empty());
  CHECK(desk.round(desk.t0 + 10ms) == std::vector<std::uint64_t>{5});
  CHECK(desk.acknowledged.front().to == LinkId{7});
  CHECK(desk.acknowledged.front().item.session == session);
  CHECK(desk.round(desk.t0 + 20ms).empty());
  CHECK_FALSE(desk.ledger.wants_round());
}

TEST_CASE("S1: a renewal from before the term-start is kept, and acknowledged after it") {
  Desk desk;
  desk.renew(5, desk.t0);
  CHECK(desk.round(desk.t0 + 1ms).empty());  // P12
  desk.ledger.lead(desk.state, desk.t0 + 2ms);
  CHECK(desk.round(desk.t0 + 3ms) == std::vector<std::uint64_t>{5});
}

TEST_CASE("S1: once a session's end is proposed no renewal of it is acknowledged") {
  Desk desk;
  desk.ledger.lead(desk.state, desk.t0);
  desk.renew(1, desk.t0 + 1ms);
  desk.ledger.condemn(session);
  desk.renew(2, desk.t0 + 2ms);
  CHECK(desk.round(desk.t0 + 5ms).empty());
}

TEST_CASE("S2: a new leader gives every session a full TTL from its term-start") {
  Desk desk;
  desk.ledger.lead(desk.state, desk.t0);
  CHECK(desk.ledger.next_wakeup() == desk.t0 + 4s);
  desk.ledger.step_down();
  CHECK(desk.ledger.next_wakeup() == std::nullopt);
  desk.ledger.lead(desk.state, desk.t0 + 3s);
  desk.ledger.on_tick(desk.t0 + 6999ms);
  (void)desk.round(desk.t0 + 6999ms);
  CHECK(desk.expired.empty());
  desk.ledger.on_tick(desk.t0 + 7s);
  (void)desk.round(desk.t0 + 7s);
  CHECK(desk.expired == std::vector{session});
}

TEST_CASE("S3: a session whose time is up ends only with a later round, and not when it was renewed meanwhile") {
  Desk desk;
  desk.ledger.lead(desk.state, desk.t0);
  desk.ledger.on_tick(desk.t0 + 4s);
  CHECK(desk.ledger.wants_round());
  (void)desk.round(desk.t0 + 4s - 1ms);
  CHECK(desk.expired.empty());
  desk.renew(1, desk.t0 + 4s + 1ms);  // was on its way while this leader was paused
  CHECK(desk.round(desk.t0 + 5s) == std::vector<std::uint64_t>{1});
  CHECK(desk.expired.empty());
  desk.ledger.on_tick(desk.t0 + 8s + 1ms);
  (void)desk.round(desk.t0 + 8s + 1ms);
  CHECK(desk.expired == std::vector{session});
  (void)desk.round(desk.t0 + 9s);
  CHECK(desk.expired.size() == 1);  // proposed once
}

TEST_CASE("S5: an acknowledgement names what is ending, even what began to end after the renewal came") {
  Desk desk;
  desk.ledger.lead(desk.state, desk.t0);
  desk.renew(1, desk.t0 + 1ms);
  const auto ending = desk.ending();
  REQUIRE(desk.round(desk.t0 + 2ms).size() == 1);
  CHECK(desk.acknowledged.front().item.ending == std::vector{ending.token});
}

TEST_CASE("S5: an ending grant has ended one TTL after the last renewal that did not name it arrived") {
  Desk desk;
  desk.ledger.lead(desk.state, desk.t0);
  desk.renew(1, desk.t0 + 1s);
  REQUIRE(desk.round(desk.t0 + 1s).size() == 1);
  desk.renew(2, desk.t0 + 2s);  // its acknowledgement will name the token
  const auto ending = desk.ending();
  desk.ledger.on_ending(ending);
  REQUIRE(desk.round(desk.t0 + 2500ms).size() == 1);
  CHECK(desk.ledger.ended_grants(desk.t0 + 5s - 1ns).empty());
  const auto ended = desk.ledger.ended_grants(desk.t0 + 5s);
  REQUIRE(ended.size() == 1);
  CHECK(ended.front() == coordination::Ended{.resource = lock("jobs"), .token = ending.token});
  CHECK(desk.ledger.ended_grants(desk.t0 + 9s).empty());
}

TEST_CASE("S5: a new leader counts from its term-start, whatever the one before acknowledged") {
  Desk desk;
  (void)desk.ending();
  desk.ledger.lead(desk.state, desk.t0);
  CHECK(desk.ledger.ended_grants(desk.t0 + 4s - 1ns).empty());
  CHECK(desk.ledger.ended_grants(desk.t0 + 4s).size() == 1);
}

TEST_CASE("S6: the next number is proposed, an old one dropped, a later one sent for again, an unknown session told") {
  using enum SessionLedger::Admission;
  Desk desk;
  desk.apply(coordination::UnknownOp{});  // number 1, before this leadership
  desk.ledger.lead(desk.state, desk.t0);
  CHECK(desk.admit(1) == drop);
  CHECK(desk.admit(3) == resend);
  CHECK(desk.ledger.admit({session, Sequence{9}, {}, coordination::UnknownOp{}}, desk.state).expected == Sequence{2});
  CHECK(desk.admit(2) == propose);
  CHECK(desk.admit(2) == drop);  // admitted, not applied yet
  CHECK(desk.admit(3) == propose);
  desk.ledger.on_ended(session);
  CHECK(desk.admit(4) == unknown);
}
