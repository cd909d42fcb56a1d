// S5: taking a grant from a living session is two entries. And the timers that begin it.
#include <doctest/doctest.h>

#include "machine.hpp"

using namespace conclave;
using namespace conclave::coordination;
using std::chrono::milliseconds;

namespace {

Command ended(const ResourceName& resource, Token token, const Term& term = Machine::leader) {
  return Judgement{term, Ended{resource, token}};
}

/// A holder, a waiter, and an operator.
struct Scene {
  Machine machine;
  SessionId holder = machine.open(1);
  SessionId other = machine.open(2);
  SessionId admin = machine.open(3);
  Token token = machine.hold(holder, lock("jobs"));
  RequestId waiter = machine.wait(other, lock("jobs"));
};

}  // namespace

TEST_CASE("S5: a revocation marks the grant as ending, and grants nothing yet") {
  Scene at;
  CHECK(at.machine.ask(at.admin, Revoke{lock("jobs"), at.token}).status == Status::ok);
  CHECK(at.machine.all<Ending>() == std::vector{Ending{lock("jobs"), at.token, Cause::revoked}});
  CHECK(at.machine.token(lock("jobs")) == at.token);
  CHECK(at.machine.state.ending_tokens(at.holder) == std::vector{at.token});
  CHECK(at.machine.state.ending_tokens(at.other).empty());
  CHECK(at.machine.state.endings() == std::vector{EndingGrant{at.holder, lock("jobs"), at.token}});

  CHECK(at.machine.ask(at.admin, Revoke{lock("jobs"), at.token}).status == Status::ok);  // again
  CHECK(at.machine.all<Ending>().empty());
  CHECK(at.machine.ask(at.admin, Revoke{lock("jobs"), at.token.next()}).status == Status::not_found);
}

TEST_CASE("S5: the next grant follows the holder's release, which counts as a loss") {
  Scene at;
  at.machine.submit(at.admin, Revoke{lock("jobs"), at.token});
  CHECK(at.machine.ask(at.holder, Release{lock("jobs"), at.token}).status == Status::ok);
  CHECK(at.machine.all<Ungranted>() == std::vector{Ungranted{lock("jobs"), at.token, Cause::revoked}});
  CHECK(at.machine.holder(lock("jobs")) == at.waiter);
  CHECK(at.machine.state.loss_of(at.token)->cause == Cause::revoked);
  CHECK(at.machine.state.endings().empty());
}

TEST_CASE("S5: the next grant follows the leader's word that it has ended") {
  Scene at;
  at.machine.apply(ended(lock("jobs"), at.token));
  CHECK(at.machine.events.empty());  // it was not marked: its deadline may still be ahead
  at.machine.submit(at.admin, Revoke{lock("jobs"), at.token});
  at.machine.apply(ended(lock("jobs"), at.token, {.round = 9, .member = member(1)}));
  CHECK(at.machine.events.empty());  // P12
  at.machine.apply(ended(lock("jobs"), at.token.next()));
  CHECK(at.machine.events.empty());
  at.machine.apply(ended(lock("jobs"), at.token));
  CHECK(at.machine.all<Ungranted>() == std::vector{Ungranted{lock("jobs"), at.token, Cause::revoked}});
  CHECK(at.machine.holder(lock("jobs")) == at.waiter);
  CHECK(at.machine.state.endings().empty());
  CHECK(at.machine.ask(at.holder, Release{lock("jobs"), at.token}).status == Status::not_owner);
}

TEST_CASE("S5: the end of the holder's session ends an ending grant") {
  Scene at;
  at.machine.submit(at.admin, Revoke{lock("jobs"), at.token});
  at.machine.apply(Judgement{Machine::leader, EndSessions{{at.holder}, Cause::expired}});
  CHECK(at.machine.all<Ungranted>() == std::vector{Ungranted{lock("jobs"), at.token, Cause::expired}});
  CHECK(at.machine.holder(lock("jobs")) == at.waiter);
  CHECK(at.machine.state.endings().empty());
}

TEST_CASE("C1: a longest time to hold marks the grant as ending when it has passed, before the command") {
  Machine machine;
  const auto session = machine.open();
  machine.submit(session, Acquire{.resource = lock("jobs"), .max_hold = milliseconds(100)});
  const auto token = machine.token(lock("jobs"));
  const auto due = ClusterTime{machine.now.value + 100};
  CHECK(machine.state.next_timer_due() == due);
  machine.now = due.previous();
  machine.apply(Tick{});
  CHECK(machine.events.empty());
  machine.now = due;
  machine.submit(session, Acquire{.resource = lock("jobs")});
  REQUIRE(machine.events.size() == 2);
  CHECK(std::get<Ending>(machine.events[0]) == Ending{lock("jobs"), token, Cause::held_too_long});
  CHECK_FALSE(machine.state.next_timer_due());
  machine.apply(ended(lock("jobs"), token));
  CHECK(machine.state.loss_of(token)->cause == Cause::held_too_long);
}

TEST_CASE("C1: the time to hold counts from the grant, not from the request") {
  Machine machine;
  const auto session = machine.open();
  const auto token = machine.hold(session, lock("jobs"));
  machine.submit(session, Acquire{.resource = lock("jobs"), .max_hold = milliseconds(100)});
  CHECK_FALSE(machine.state.next_timer_due());
  machine.now = ClusterTime{5000};
  machine.submit(session, Release{lock("jobs"), token});
  CHECK(machine.state.next_timer_due() == ClusterTime{5100});
}

TEST_CASE("C1: a timer goes with its grant") {
  Machine machine;
  const auto session = machine.open();
  const Acquire acquire{.resource = lock("jobs"), .wait = false, .max_hold = milliseconds(100)};
  machine.submit(session, Release{lock("jobs"), machine.ask(session, acquire).token});
  CHECK_FALSE(machine.state.next_timer_due());
  machine.submit(session, Revoke{lock("jobs"), machine.ask(session, acquire).token});
  CHECK_FALSE(machine.state.next_timer_due());
  machine.apply(Judgement{Machine::leader, EndSessions{{session}, Cause::expired}});
  machine.now = ClusterTime{9000};
  machine.apply(Tick{});
  CHECK(machine.events.empty());
}

TEST_CASE("C1: timers fire in the order of (due, slot, index)") {
  Machine machine;
  const auto session = machine.open();
  const auto hold = [&](const char* name, int span) {
    return machine.ask(session, Acquire{.resource = lock(name), .wait = false, .max_hold = milliseconds(span)}).token;
  };
  const auto late = hold("a", 300);
  const auto tied_first = hold("z", 200);
  const auto tied_second = hold("b", 200);
  const auto early = hold("y", 100);
  machine.now = ClusterTime{machine.now.value + 300};
  machine.apply(Tick{});
  std::vector<Token> order;
  for (const auto& ending : machine.all<Ending>()) order.push_back(ending.token);
  CHECK(order == std::vector{early, tied_first, tied_second, late});
}

TEST_CASE("C1: time never goes back, and a slot without a command moves none") {
  Machine machine;
  machine.now = ClusterTime{900};
  machine.apply(Tick{});
  CHECK(machine.state.now() == ClusterTime{1000});
  machine.state.skip(machine.state.applied().next());
  CHECK(machine.state.now() == ClusterTime{1000});
  machine.now = ClusterTime{2000};
  machine.term_start({.round = 2, .member = member(2)});
  CHECK(machine.state.now() == ClusterTime{2000});
}

TEST_CASE("C1: a term-start fires what is due") {
  Machine machine;
  const auto session = machine.open();
  machine.submit(session, Acquire{.resource = lock("jobs"), .max_hold = milliseconds(100)});
  machine.now = ClusterTime{9000};
  machine.term_start({.round = 2, .member = member(2)});
  CHECK(machine.all<Ending>().size() == 1);
}

TEST_CASE("C1: the end of time does not wrap around") {
  Machine machine;
  const auto session = machine.open();
  machine.now = ClusterTime{~std::uint64_t{0} - 5};
  machine.submit(session, Acquire{.resource = lock("jobs"), .max_hold = milliseconds(100)});
  CHECK(machine.state.next_timer_due() == ClusterTime{~std::uint64_t{0}});
  machine.apply(Tick{});
  CHECK(machine.events.empty());
}
