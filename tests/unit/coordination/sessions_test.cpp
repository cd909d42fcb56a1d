// Sessions: their names, the turn of their commands, and what hangs on their end.
#include <doctest/doctest.h>

#include "machine.hpp"

using namespace conclave;
using namespace conclave::coordination;

namespace {

Command end(SessionId session, Cause cause = Cause::expired) {
  return Judgement{.term = Machine::leader, .verdict = EndSessions{.sessions = {session}, .cause = cause}};
}

}  // namespace

TEST_CASE("C12: a session is named by the slot of its opening, and a repeated opening makes another") {
  Machine machine;
  OpenSession open{
      .nonce = {}, .owner = member(2), .owner_name = "b", .ttl = std::chrono::seconds(4), .ephemeral = true};
  open.nonce.bytes[0] = 7;
  machine.apply(open);
  const SessionId first{machine.state.applied().value};
  CHECK(machine.all<SessionOpened>() ==
        std::vector{SessionOpened{open.nonce, first, open.owner, open.owner_name, open.ttl, open.ephemeral}});
  const auto* session = machine.state.session(first);
  REQUIRE(session);
  CHECK(session->nonce == open.nonce);
  CHECK(session->owner == open.owner);
  CHECK(session->owner_name == "b");
  CHECK(session->ttl == open.ttl);
  CHECK(session->ephemeral);
  CHECK(session->opened_at == machine.now);
  machine.apply(open);
  CHECK(machine.all<SessionOpened>().at(0).session == SessionId{first.value + 1});
  CHECK(machine.state.sessions().size() == 2);
}

TEST_CASE("C12: an opening that breaks a limit opens nothing") {
  Machine machine;
  const auto opened = [&](std::chrono::milliseconds ttl, std::size_t name) {
    machine.apply(OpenSession{.nonce = {}, .owner = {}, .owner_name = std::string(name, 'x'), .ttl = ttl});
    return !machine.events.empty();
  };
  CHECK_FALSE(opened(std::chrono::milliseconds(0), 1));
  CHECK_FALSE(opened(std::chrono::milliseconds(-1), 1));
  CHECK_FALSE(opened(ttl_max + std::chrono::milliseconds(1), 1));
  CHECK_FALSE(opened(std::chrono::seconds(4), 65));
  CHECK(machine.state.sessions().empty());
  CHECK(opened(std::chrono::milliseconds(1), 64));
  CHECK(opened(ttl_max, 0));
}

TEST_CASE("S6: a gap changes nothing, and the missing number still runs") {
  Machine machine;
  const auto session = machine.open();
  auto expected = machine.state;
  machine.apply(Submission{session, Sequence{2}, {}, Acquire{.resource = lock("jobs")}});
  CHECK(machine.events.empty());
  expected.skip(machine.state.applied());
  CHECK(machine.state == expected);
  CHECK(machine.wait(session, lock("jobs")) == RequestId{session, Sequence{1}});
  CHECK(machine.holder(lock("jobs")) == machine.last);
}

TEST_CASE("S6: a repeated command gets its first answer and never runs again") {
  Machine machine;
  const auto session = machine.open();
  const Submission command{session, Sequence{1}, {}, Acquire{.resource = lock("jobs"), .wait = false}};
  machine.apply(command);
  const auto first = machine.all<Answered>().at(0);
  machine.apply(Submission{session, Sequence{2}, {}, Release{lock("jobs"), first.outcome.token}});
  machine.apply(command);
  CHECK(machine.events == std::vector<Event>{first});
  CHECK(machine.state.resource(lock("jobs")) == nullptr);
  CHECK(machine.state.answer(session, Sequence{1}) == first.outcome);
  CHECK(machine.state.next_sequence(session) == Sequence{3});
}

TEST_CASE("S6: answers are kept until the client acknowledges them, then the number is pruned") {
  Machine machine;
  const auto session = machine.open();
  for (int i = 0; i < 3; ++i) machine.submit(session, UnknownOp{});
  CHECK(machine.state.answer(session, Sequence{1})->status == Status::not_supported);
  machine.submit(session, UnknownOp{}, Sequence{3});
  CHECK(machine.state.answer(session, Sequence{2})->status == Status::pruned);
  CHECK(machine.state.answer(session, Sequence{3})->status == Status::not_supported);
  CHECK_FALSE(machine.state.answer(session, Sequence{5}));
  machine.apply(Submission{session, Sequence{2}, {}, Acquire{.resource = lock("jobs")}});
  CHECK(machine.events == std::vector<Event>{Answered{session, Sequence{2}, {.status = Status::pruned}}});
  CHECK(machine.state.resources().empty());
  machine.apply(Submission{session, Sequence{0}, {}, Acquire{.resource = lock("jobs")}});
  CHECK(machine.events == std::vector<Event>{Answered{session, Sequence{0}, {.status = Status::pruned}}});
}

TEST_CASE("S6: an acknowledgement reaches no further than what has run") {
  Machine machine;
  const auto session = machine.open();
  machine.submit(session, UnknownOp{}, Sequence{1000});
  CHECK(machine.state.answer(session, Sequence{1})->status == Status::not_supported);
  CHECK(machine.state.next_sequence(session) == Sequence{2});
}

TEST_CASE("S6: a session that acknowledges nothing keeps the newest 1,024 answers") {
  Machine machine;
  const auto session = machine.open();
  for (std::uint64_t i = 0; i < unanswered_max + 1; ++i) machine.submit(session, UnknownOp{});
  CHECK(machine.state.session(session)->answers.size() == unanswered_max);
  CHECK(machine.state.answer(session, Sequence{1})->status == Status::pruned);
  CHECK(machine.state.answer(session, Sequence{2})->status == Status::not_supported);
}

TEST_CASE("S6: for an unknown session the outcome is unknown") {
  Machine machine;
  const auto session = machine.open();
  machine.apply(end(session));
  machine.apply(Submission{session, Sequence{1}, {}, Acquire{.resource = lock("jobs")}});
  CHECK(machine.events == std::vector<Event>{Answered{session, Sequence{1}, {.status = Status::session_ended}}});
  CHECK(machine.state.resources().empty());
  CHECK(machine.state.answer(session, Sequence{1})->status == Status::session_ended);
  CHECK_FALSE(machine.state.next_sequence(session));
}

TEST_CASE("W4: an unknown command changes nothing; an unknown operation takes its number") {
  Machine machine;
  const auto session = machine.open();
  auto expected = machine.state;
  machine.apply(Unknown{});
  CHECK(machine.events.empty());
  expected.skip(machine.state.applied());
  CHECK(machine.state == expected);
  CHECK(machine.ask(session, UnknownOp{}).status == Status::not_supported);
  CHECK(machine.state.next_sequence(session) == Sequence{2});
}

TEST_CASE("S3: the end of a session frees its grants and drops its waiters, then others are granted") {
  Machine machine;
  const auto dying = machine.open(1);
  const auto other = machine.open(2);
  const auto token = machine.hold(dying, lock("a"));
  const auto held = machine.last;
  const auto blocker = machine.hold(other, lock("b"));
  const auto dropped = machine.wait(dying, lock("b"));
  const auto next = machine.wait(other, lock("a"));

  machine.apply(end(dying));
  REQUIRE(machine.events.size() == 4);
  CHECK(std::get<Ungranted>(machine.events[0]) == Ungranted{lock("a"), token, Cause::expired});
  CHECK(std::get<WaiterDropped>(machine.events[1]) == WaiterDropped{lock("b"), dropped, Cause::expired});
  CHECK(std::get<SessionEnded>(machine.events[2]) == SessionEnded{dying, Cause::expired});
  CHECK(std::get<Granted>(machine.events[3]).grant.request == next);
  CHECK(machine.state.session(dying) == nullptr);
  CHECK_FALSE(machine.state.grant_of(held));
  CHECK_FALSE(machine.state.is_waiting(dropped));
  machine.submit(other, Release{lock("b"), blocker});
  CHECK(machine.state.resource(lock("b")) == nullptr);
}

TEST_CASE("C5: a session that ends in the same entry as the holder's is not granted what that held") {
  Machine machine;
  const auto holder = machine.open();
  const auto waiter = machine.open();
  const auto third = machine.open();
  machine.hold(holder, lock("jobs"));
  machine.wait(waiter, lock("jobs"));
  const auto last = machine.wait(third, lock("jobs"));
  machine.apply(Judgement{Machine::leader, EndSessions{{holder, waiter}, Cause::expired}});
  REQUIRE(machine.all<Granted>().size() == 1);
  CHECK(machine.holder(lock("jobs")) == last);
}

TEST_CASE("C5: a session's own second request does not inherit its first one's lock") {
  Machine machine;
  const auto session = machine.open();
  machine.hold(session, lock("jobs"));
  const auto waiting = machine.wait(session, lock("jobs"));
  machine.apply(end(session));
  CHECK(machine.all<Granted>().empty());
  CHECK(machine.all<WaiterDropped>() == std::vector{WaiterDropped{lock("jobs"), waiting, Cause::expired}});
  CHECK(machine.state.resources().empty());
}

TEST_CASE("S4: a clean exit ends the session at once") {
  Machine machine;
  const auto session = machine.open();
  machine.hold(session, lock("jobs"));
  CHECK(machine.ask(session, CloseSession{}).status == Status::ok);
  CHECK(machine.all<SessionEnded>() == std::vector{SessionEnded{session, Cause::closed}});
  CHECK(machine.state.resources().empty());
  CHECK(machine.ask(session, CloseSession{}).status == Status::session_ended);
}

TEST_CASE("P12: a judgement counts only under the last term-start below it") {
  Machine machine;
  const auto session = machine.open();
  const Term next{.round = 2, .member = member(2)};
  const auto judged_by = [&](const Term& term) {
    machine.apply(Judgement{term, EndSessions{{session}, Cause::expired}});
    return !machine.events.empty();
  };
  CHECK_FALSE(judged_by(next));  // not begun
  CHECK_FALSE(judged_by({.round = 1, .member = member(2)}));
  CHECK_FALSE(judged_by({}));
  machine.term_start(next);
  CHECK(machine.state.last_term() == next);
  CHECK_FALSE(judged_by(Machine::leader));  // deposed
  CHECK(machine.state.session(session) != nullptr);
  CHECK(judged_by(next));
  CHECK(machine.state.session(session) == nullptr);
  CHECK_FALSE(judged_by(next));  // it has ended
}

TEST_CASE("P12: before the first term-start nobody judges") {
  State state;
  std::vector<Event> events;
  state.apply(Slot{1}, ClusterTime{1}, OpenSession{.nonce = {}, .owner = {}, .owner_name = {}, .ttl = ttl_max}, events);
  state.apply(Slot{2}, ClusterTime{1}, Judgement{{}, EndSessions{{SessionId{1}}, Cause::expired}}, events);
  CHECK(state.sessions().size() == 1);
}

TEST_CASE("C11: why a grant or a place in the queue was lost is recorded, what its owner gave up is not") {
  Machine machine;
  const auto dying = machine.open(2);
  const auto other = machine.open(1);
  const auto token = machine.hold(dying, lock("a"));
  const auto held = machine.last;
  const auto blocker = machine.hold(other, lock("b"));
  const auto waiting = machine.wait(dying, lock("b"));
  machine.apply(end(dying, Cause::restarted));
  const auto slot = machine.state.applied();
  CHECK(std::vector(machine.state.losses().begin(), machine.state.losses().end()) ==
        std::vector{Loss{slot, machine.now, lock("a"), token, held, member(2), "b", Cause::restarted},
                    Loss{slot, machine.now, lock("b"), {}, waiting, member(2), "b", Cause::restarted}});
  REQUIRE(machine.state.loss_of(token));
  CHECK(machine.state.loss_of(token)->cause == Cause::restarted);
  CHECK_FALSE(machine.state.loss_of(Token{}));
  machine.submit(other, Release{lock("b"), blocker});
  machine.hold(other, lock("c"));
  machine.submit(other, CloseSession{});
  CHECK(machine.state.losses().size() == 2);
}

TEST_CASE("C11: losses are forgotten after their time, and beyond their number") {
  Machine machine;
  const auto lose = [&] {
    const auto session = machine.open();
    machine.hold(session, lock("jobs"));
    machine.apply(end(session));
  };
  lose();
  machine.now = ClusterTime{machine.now.value + 3'600'000};
  machine.apply(Tick{});
  CHECK(machine.state.losses().size() == 1);
  machine.now = machine.now.next();
  machine.apply(Tick{});
  CHECK(machine.state.losses().empty());
  for (std::size_t i = 0; i < losses_max + 3; ++i) lose();
  CHECK(machine.state.losses().size() == losses_max);
}

TEST_CASE("C1: each slot is applied once, in order, without holes") {
  Machine machine;
  const auto before = machine.state;
  for (const auto slot : {Slot{0}, Slot{1}, Slot{3}}) {
    CHECK_THROWS(machine.state.apply(slot, machine.now, Tick{}, machine.events));
    CHECK_THROWS(machine.state.term_start(slot, machine.now, Machine::leader, machine.events));
    CHECK_THROWS(machine.state.skip(slot));
  }
  CHECK(machine.state == before);
  machine.state.skip(Slot{2});
  CHECK(machine.state.applied() == Slot{2});
}
