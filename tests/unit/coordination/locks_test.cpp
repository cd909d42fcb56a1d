// Locks: who holds, who waits, and how a request ends.
#include <doctest/doctest.h>

#include "machine.hpp"

using namespace conclave;
using namespace conclave::coordination;

TEST_CASE("C4: a waiting acquire is answered queued, and its grant is an event") {
  Machine machine;
  const auto session = machine.open(3);
  machine.submit(session, Acquire{.resource = lock("jobs"), .value = to_bytes("note")});
  REQUIRE(machine.events.size() == 2);
  const auto& granted = std::get<Granted>(machine.events[0]);
  CHECK(granted.resource == lock("jobs"));
  CHECK(granted.grant == *machine.state.resource(lock("jobs"))->holder);
  CHECK(granted.grant.request == RequestId{session, Sequence{1}});
  CHECK(granted.grant.owner == member(3));
  CHECK(granted.grant.owner_name == "c");
  CHECK(granted.grant.slot == machine.state.applied());
  CHECK(granted.grant.time == machine.now);
  CHECK(granted.grant.value == to_bytes("note"));
  CHECK(std::get<Answered>(machine.events[1]) == Answered{session, Sequence{1}, {.status = Status::queued}});
}

TEST_CASE("C4: a try takes what is free and waits for nothing") {
  Machine machine;
  const auto first = machine.open();
  const auto second = machine.open();
  const auto outcome = machine.ask(first, Acquire{.resource = lock("jobs"), .wait = false});
  CHECK(outcome.status == Status::ok);
  CHECK(outcome.token == machine.token(lock("jobs")));
  CHECK(outcome.version == 1);
  CHECK(machine.ask(second, Acquire{.resource = lock("jobs"), .wait = false}).status == Status::not_acquired);
  CHECK(machine.state.resource(lock("jobs"))->waiters.empty());
  machine.submit(first, Release{lock("jobs"), outcome.token});
  CHECK(machine.state.resource(lock("jobs")) == nullptr);
}

TEST_CASE("C2: a lock is granted strictly in the order of the log, and priority is for elections") {
  Machine machine;
  const auto holder = machine.open();
  auto token = machine.hold(holder, lock("jobs"));
  std::vector<RequestId> queue;
  for (std::uint8_t i = 0; i < 5; ++i) queue.push_back(machine.wait(machine.open(), lock("jobs"), i));
  auto session = holder;
  for (const auto& request : queue) {
    machine.submit(session, Release{lock("jobs"), token});
    CHECK(machine.holder(lock("jobs")) == request);
    session = request.session;
    token = machine.token(lock("jobs"));
  }
}

TEST_CASE("C2: the request owns: a second one of the same session waits") {
  Machine machine;
  const auto session = machine.open();
  const auto token = machine.hold(session, lock("jobs"));
  const auto second = machine.wait(session, lock("jobs"));
  CHECK(machine.all<Granted>().empty());
  CHECK(machine.state.is_waiting(second));
  machine.submit(session, Release{lock("jobs"), token});
  CHECK(machine.holder(lock("jobs")) == second);
  CHECK(machine.token(lock("jobs")) > token);
}

TEST_CASE("C2: only the holder's session releases, and only the current grant") {
  Machine machine;
  const auto holder = machine.open();
  const auto stranger = machine.open();
  const auto token = machine.hold(holder, lock("jobs"));
  CHECK(machine.ask(stranger, Release{lock("jobs"), token}).status == Status::not_owner);
  CHECK(machine.ask(holder, Release{lock("jobs"), token.next()}).status == Status::not_owner);
  CHECK(machine.ask(holder, Release{lock("others"), token}).status == Status::not_owner);
  CHECK(machine.token(lock("jobs")) == token);
  CHECK(machine.ask(holder, Release{lock("jobs"), token}).status == Status::ok);

  const auto next = machine.hold(stranger, lock("jobs"));
  CHECK(machine.ask(holder, Release{lock("jobs"), token}).status == Status::not_owner);  // a late one
  CHECK(machine.token(lock("jobs")) == next);
}

TEST_CASE("C4: a request that waits is cancelled, and never granted") {
  Machine machine;
  const auto holder = machine.open();
  const auto other = machine.open();
  const auto token = machine.hold(holder, lock("jobs"));
  const auto request = machine.wait(other, lock("jobs"));
  const auto behind = machine.wait(holder, lock("jobs"));
  CHECK(machine.ask(other, Cancel{request.sequence}).status == Status::cancelled);
  CHECK(machine.all<WaiterDropped>() == std::vector{WaiterDropped{lock("jobs"), request, Cause::cancelled}});
  CHECK(machine.ask(other, Cancel{request.sequence}).status == Status::not_found);
  machine.submit(holder, Release{lock("jobs"), token});
  CHECK(machine.holder(lock("jobs")) == behind);
}

TEST_CASE("C4: a cancel that comes too late releases the grant in its own step") {
  Machine machine;
  const auto first = machine.open();
  const auto second = machine.open();
  const auto token = machine.hold(first, lock("jobs"));
  const auto request = machine.wait(second, lock("jobs"));
  const auto third = machine.wait(first, lock("jobs"));
  machine.submit(first, Release{lock("jobs"), token});
  const auto lost = machine.token(lock("jobs"));
  REQUIRE(machine.holder(lock("jobs")) == request);

  CHECK(machine.ask(second, Cancel{request.sequence}) ==
        Outcome{.status = Status::was_granted, .token = lost, .version = 2});
  CHECK(machine.all<Ungranted>() == std::vector{Ungranted{lock("jobs"), lost, Cause::cancelled}});
  CHECK(machine.holder(lock("jobs")) == third);
}

TEST_CASE("C4: a cancel of what was released, of another's request, or of the future finds nothing") {
  Machine machine;
  const auto first = machine.open();
  const auto second = machine.open();
  const auto token = machine.hold(first, lock("jobs"));
  const auto request = machine.last;
  CHECK(machine.ask(second, Cancel{request.sequence}).status == Status::not_found);
  CHECK(machine.token(lock("jobs")) == token);
  machine.submit(first, Release{lock("jobs"), token});
  CHECK(machine.ask(first, Cancel{request.sequence}).status == Status::not_found);
  CHECK(machine.ask(first, Cancel{Sequence{99}}).status == Status::not_found);
}

TEST_CASE("C9: a version counts changes of holder, also over times when the lock was free") {
  Machine machine;
  const auto session = machine.open();
  for (std::uint64_t version = 1; version <= 3; ++version) {
    const auto outcome = machine.ask(session, Acquire{.resource = lock("jobs"), .wait = false});
    CHECK(outcome.version == version);
    machine.submit(session, Release{lock("jobs"), outcome.token});
  }
  const auto token = machine.hold(session, lock("jobs"));
  machine.wait(session, lock("jobs"));
  machine.submit(session, Release{lock("jobs"), token});
  CHECK(machine.state.resource(lock("jobs"))->version == 5);
  CHECK(machine.state.resource(lock("jobs"))->holder->version == 5);
}

TEST_CASE("C9: a forgotten name goes on above every forgotten version") {
  Machine machine;
  const auto session = machine.open();
  const auto cycle = [&](const std::string& name) {
    const auto outcome = machine.ask(session, Acquire{.resource = lock(name), .wait = false});
    machine.submit(session, Release{lock(name), outcome.token}, machine.last.sequence);
    return outcome.version;
  };
  for (int i = 0; i < 7; ++i) cycle("old");
  CHECK(cycle("young") == 1);
  for (std::size_t i = 0; i < free_resources_max; ++i) cycle("n" + std::to_string(i));
  CHECK(machine.state.image().free.size() == free_resources_max);
  CHECK(cycle("old") == 8);
  CHECK(cycle("new") == 8);
}

TEST_CASE("C10: what breaks a limit is invalid, and takes its number all the same") {
  Machine machine;
  const auto session = machine.open();
  const auto invalid = [&](Op op) { return machine.ask(session, std::move(op)).status == Status::invalid; };
  CHECK(invalid(Acquire{.resource = lock("")}));
  CHECK(invalid(Acquire{.resource = lock(std::string(129, 'x'))}));
  CHECK(invalid(Acquire{.resource = {ResourceKind{7}, "x"}}));
  CHECK(invalid(Acquire{.resource = lock("x"), .value = Bytes(1025)}));
  CHECK(invalid(Acquire{.resource = lock("x"), .max_hold = std::chrono::milliseconds(-1)}));
  CHECK(invalid(Acquire{.resource = lock("x"), .max_hold = max_hold_max + std::chrono::milliseconds(1)}));
  CHECK(invalid(Apply{.payload = Payload(Bytes((1 << 20) + 1)), .guards = {}}));
  CHECK(invalid(Apply{.payload = {}, .guards = std::vector<Guard>(17)}));
  CHECK(machine.state.resources().empty());
  CHECK(machine.state.next_sequence(session) == Sequence{9});
  CHECK(machine.ask(session, Acquire{.resource = lock(std::string(128, 'x')), .value = Bytes(1024)}).status ==
        Status::queued);
}

TEST_CASE("C10: a session has a bounded number of requests that wait or hold") {
  Machine machine;
  const auto session = machine.open();
  for (std::size_t i = 0; i < requests_per_session_max; ++i)
    machine.submit(session, Acquire{.resource = lock("jobs")}, machine.last.sequence);
  CHECK(machine.ask(session, Acquire{.resource = lock("jobs")}).status == Status::overloaded);
  CHECK(machine.ask(session, Release{lock("jobs"), machine.token(lock("jobs"))}).status == Status::ok);
  CHECK(machine.ask(session, Acquire{.resource = lock("jobs")}).status == Status::queued);
}
