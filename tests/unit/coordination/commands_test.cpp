// Tokens, guards, and commands of the user's state machine.
#include <doctest/doctest.h>

#include "machine.hpp"

using namespace conclave;
using namespace conclave::coordination;

namespace {

Apply guarded(std::vector<Guard> guards) { return {.payload = Payload(to_bytes("x")), .guards = std::move(guards)}; }

}  // namespace

TEST_CASE("C3: a token is lineage << 48 | n, and n counts every grant of anything") {
  Machine machine(3);
  const auto session = machine.open();
  const auto base = std::uint64_t{3} << 48;
  CHECK(machine.hold(session, lock("b")) == Token{base | 1});
  CHECK(machine.hold(session, election("a")) == Token{base | 2});
  machine.submit(session, Release{lock("b"), Token{base | 1}});
  CHECK(machine.hold(session, lock("b")) == Token{base | 3});
  CHECK_THROWS(State(32768));
  CHECK(static_cast<std::int64_t>(State(32767).lineage() << 48) > 0);
}

TEST_CASE("C3: grants of one step are numbered by name, whatever was freed first") {
  Machine machine;
  const auto holder = machine.open();
  const auto other = machine.open();
  for (const char* name : {"z", "a", "m"}) machine.hold(holder, lock(name));
  machine.hold(holder, election("b"));
  const auto after = machine.token(election("b"));
  for (const auto& resource : {lock("m"), election("b"), lock("z"), lock("a")}) machine.wait(other, resource);
  machine.apply(Judgement{Machine::leader, EndSessions{{holder}, Cause::expired}});
  CHECK(machine.token(lock("a")) == after + 1);
  CHECK(machine.token(lock("m")) == after + 2);
  CHECK(machine.token(lock("z")) == after + 3);
  CHECK(machine.token(election("b")) == after + 4);
}

TEST_CASE("C3: a new leader goes on counting") {
  Machine machine;
  const auto session = machine.open();
  const auto token = machine.hold(session, lock("a"));
  machine.term_start({.round = 2, .member = member(2)});
  CHECK(machine.hold(session, lock("b")) == token.next());
}

TEST_CASE("C6: a command goes to the user's machine, and is answered with its result") {
  Machine machine;
  const auto session = machine.open();
  machine.submit(session, guarded({}));
  const auto at = machine.state.applied();
  const Sequence number{1};
  CHECK(machine.events ==
        std::vector<Event>{UserCommand{session, number, at, machine.now, Payload(to_bytes("x"))}});
  CHECK_FALSE(machine.state.answer(session, number));
  machine.apply(Submission{session, number, {}, guarded({})});  // a retry while the machine works
  CHECK(machine.events.empty());

  machine.state.user_result(session, number, to_bytes("done"), machine.events);
  const Outcome outcome{.status = Status::ok, .result = to_bytes("done")};
  CHECK(machine.events == std::vector<Event>{Answered{session, number, outcome}});
  CHECK(machine.state.answer(session, number) == outcome);
  machine.apply(Submission{session, number, {}, guarded({})});
  CHECK(machine.events == std::vector<Event>{Answered{session, number, outcome}});
}

TEST_CASE("C6: a result whose number is kept no more is told, and not kept") {
  Machine machine;
  const auto session = machine.open();
  machine.submit(session, guarded({}));
  for (std::uint64_t i = 0; i < unanswered_max; ++i) machine.submit(session, UnknownOp{});
  REQUIRE(machine.state.answer(session, Sequence{1})->status == Status::pruned);
  machine.events.clear();
  const auto before = machine.state;
  machine.state.user_result(session, Sequence{1}, to_bytes("late"), machine.events);
  CHECK(machine.events == std::vector<Event>{Answered{session, Sequence{1}, {.result = to_bytes("late")}}});
  CHECK(machine.state == before);
}

TEST_CASE("C6: a result that was never owed is dropped") {
  Machine machine;
  const auto session = machine.open();
  machine.submit(session, guarded({}));
  machine.submit(session, UnknownOp{});
  machine.state.user_result(session, Sequence{1}, to_bytes("first"), machine.events);
  machine.events.clear();
  const auto before = machine.state;
  machine.state.user_result(session, Sequence{1}, to_bytes("again"), machine.events);
  machine.state.user_result(session, Sequence{2}, to_bytes("not a user's"), machine.events);
  machine.state.user_result(session, Sequence{3}, to_bytes("not yet"), machine.events);
  machine.state.user_result(SessionId{99}, Sequence{1}, to_bytes("nobody's"), machine.events);
  CHECK(machine.events.empty());
  CHECK(machine.state == before);
}

TEST_CASE("C6: every guard must be the current grant") {
  Machine machine;
  const auto session = machine.open();
  const auto other = machine.open();
  const auto a = machine.hold(session, lock("a"));
  const auto b = machine.hold(other, election("b"));
  const auto runs = [&](std::vector<Guard> guards) {
    machine.submit(session, guarded(std::move(guards)));
    return machine.all<UserCommand>().size() == 1;
  };
  CHECK(runs({{lock("a"), a}}));
  CHECK(runs({{lock("a"), a}, {election("b"), b}}));  // whoever holds it
  CHECK_FALSE(runs({{lock("a"), a}, {election("b"), a}}));
  CHECK(machine.all<Answered>().at(0).outcome.status == Status::guard_failed);
  CHECK_FALSE(runs({{lock("free"), a}}));
  CHECK_FALSE(runs({{election("a"), a}}));
  machine.submit(session, Revoke{lock("a"), a});
  CHECK(runs({{lock("a"), a}}));  // ending, and current until it has ended
  machine.submit(session, Release{lock("a"), a});
  CHECK_FALSE(runs({{lock("a"), a}}));
  const auto next = machine.hold(session, lock("a"));
  CHECK_FALSE(runs({{lock("a"), a}}));
  CHECK(runs({{lock("a"), next}}));
}
