// Elections: the order of candidates, and handing over.
#include <doctest/doctest.h>

#include "machine.hpp"

using namespace conclave;
using namespace conclave::coordination;

TEST_CASE("C2: candidates are elected by priority, equals in the order of the log") {
  Machine machine;
  const auto leader = machine.open();
  auto token = machine.hold(leader, election("boss"));
  const auto low = machine.wait(machine.open(), election("boss"), 1);
  const auto high = machine.wait(machine.open(), election("boss"), 9);
  const auto same = machine.wait(machine.open(), election("boss"), 9);
  const auto middle = machine.wait(machine.open(), election("boss"), 5);
  auto session = leader;
  for (const auto& next : {high, same, middle, low}) {
    machine.submit(session, Release{election("boss"), token});
    CHECK(machine.holder(election("boss")) == next);
    session = next.session;
    token = machine.token(election("boss"));
  }
}

TEST_CASE("C2: a higher priority takes nothing from who leads") {
  Machine machine;
  const auto first = machine.wait(machine.open(), election("boss"), 0);
  machine.wait(machine.open(), election("boss"), 255);
  CHECK(machine.holder(election("boss")) == first);
}

TEST_CASE("C2: a lock and an election of one name are two things") {
  Machine machine;
  const auto session = machine.open();
  const auto one = machine.hold(session, lock("x"));
  const auto two = machine.hold(session, election("x"));
  CHECK(one.next() == two);
  CHECK(machine.state.list(ResourceKind::lock, "").size() == 1);
  CHECK(machine.state.list(ResourceKind::election, "").size() == 1);
}

TEST_CASE("C7: handing over is one step, past the rest of the queue") {
  Machine machine;
  const auto leader = machine.open(1);
  const auto token = machine.hold(leader, election("boss"));
  const auto first = machine.wait(machine.open(2), election("boss"), 9);
  const auto named = machine.wait(machine.open(3), election("boss"), 1);
  machine.wait(machine.open(3), election("boss"), 0);
  CHECK(machine.ask(leader, HandOver{election("boss"), token, member(3)}).status == Status::ok);
  CHECK(machine.all<Ungranted>() == std::vector{Ungranted{election("boss"), token, Cause::handed_over}});
  REQUIRE(machine.all<Granted>().size() == 1);
  CHECK(machine.holder(election("boss")) == named);
  CHECK(machine.token(election("boss")) > token);
  CHECK(machine.state.resource(election("boss"))->version == 2);
  CHECK(machine.state.is_waiting(first));
}

TEST_CASE("C7: handing over to nobody, or by a stranger, changes nothing") {
  Machine machine;
  const auto leader = machine.open(1);
  const auto other = machine.open(2);
  const auto token = machine.hold(leader, election("boss"));
  machine.wait(other, election("boss"));
  CHECK(machine.ask(leader, HandOver{election("boss"), token, member(3)}).status == Status::not_found);
  CHECK(machine.ask(other, HandOver{election("boss"), token, member(2)}).status == Status::not_owner);
  CHECK(machine.ask(leader, HandOver{election("boss"), token.next(), member(2)}).status == Status::not_owner);
  CHECK(machine.token(election("boss")) == token);
  CHECK(machine.events.size() == 1);
}

TEST_CASE("C2: resources are listed by kind and the beginning of their name") {
  Machine machine;
  const auto session = machine.open();
  for (const char* name : {"b/1", "a", "b/2", "c", "b"}) machine.hold(session, lock(name));
  machine.hold(session, election("b/3"));
  std::vector<std::string> names;
  for (const auto* held : machine.state.list(ResourceKind::lock, "b/")) names.push_back(held->first.name);
  CHECK(names == std::vector<std::string>{"b/1", "b/2"});
  CHECK(machine.state.list(ResourceKind::lock, "").size() == 5);
  CHECK(machine.state.list(ResourceKind::lock, "d").empty());
}
