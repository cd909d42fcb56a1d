// A disk without room, and with room again: new work is refused, nothing is lost, and nobody is started anew (P8).
#include <doctest/doctest.h>

#include <conclave/error.hpp>

#include "unit/driver/cluster.hpp"
#include "unit/driver/watched_ports.hpp"

using namespace conclave;
using namespace conclave::driver;
using namespace std::chrono_literals;

namespace {

struct Watched {
  explicit Watched(std::uint64_t seed) : cluster(seed) {
    cluster.found([this](sim::Machine& machine) { watch(machine, journal); });
    REQUIRE(world.run_until([this] { return world.leader().has_value(); }));
    cluster.work();
    REQUIRE(cluster.run_turns(40));
  }
  ~Watched() { check_order(); }

  void check_order() const {
    for (const auto& violation : journal.violations()) FAIL_CHECK(violation);
  }
  /// What `name` answers who asks for a lock that is free; nothing if it has not answered within `limit`.
  std::optional<Result<void>> asks(const std::string& name, BootClock::duration limit = 2s) {
    auto answer = std::make_shared<std::optional<Result<void>>>();
    world.client(name).acquire("asked-" + std::to_string(++asked_), true, {.timeout = std::chrono::minutes(1)},
                               [answer](const Result<Lock>& lock) {
                                 if (lock)
                                   answer->emplace();
                                 else
                                   answer->emplace(lock.error());
                               });
    (void)world.run_until([&] { return answer->has_value(); }, limit);
    return *answer;
  }
  /// Until `name` refuses new work for want of room.
  void fill(const std::string& name) {
    world.machine(name).disk.faults.full = true;
    REQUIRE(world.run_until([&] { return refused(name); }, 5s));
  }
  bool refused(const std::string& name) { return world.process(name).status().sentence.find("disk is full") != std::string::npos; }
  void make_room(const std::string& name) {
    world.machine(name).disk.faults.full = false;
    REQUIRE(world.run_until([&] { return !refused(name); }, 3s));
  }
  /// A lock that `name` holds.
  std::shared_ptr<Lock> hold(const std::string& name) {
    auto held = std::make_shared<std::shared_ptr<Lock>>();
    world.client(name).acquire("held by " + name, true, {},
                               [held](Result<Lock> lock) { *held = std::make_shared<Lock>(std::move(*lock)); });
    REQUIRE(world.run_until([&] { return *held != nullptr; }));
    return *held;
  }

  Journal journal;
  Cluster cluster;
  sim::World& world = cluster.world;

 private:
  int asked_ = 0;
};

bool is_refusal(const std::optional<Result<void>>& answer) {
  return answer && !*answer && answer->error() == errc::disk_full && is_retryable(answer->error());
}

}  // namespace

TEST_CASE("P8: a follower without room refuses new work, keeps what it holds, and goes on when there is room") {
  Watched watched(11);
  auto& world = watched.world;
  const auto name = watched.cluster.follower();
  const auto lock = watched.hold(name);
  watched.fill(name);
  const auto answer = watched.asks(name, 10ms);
  REQUIRE(is_refusal(answer));
  CHECK(answer->error().message().find("no room") != std::string::npos);

  // The others work on, and it stays so for much longer than any session or election timeout; nothing is lost meanwhile.
  const auto leader = *world.leader();
  for (const auto& other : world.names())
    if (other != name) watched.cluster.work(other);
  REQUIRE(watched.cluster.run_turns(100));
  watched.cluster.rest();
  world.run_for(30s);
  CHECK(world.leader() == leader);
  CHECK(lock->held());
  CHECK_FALSE(world.process(name).stopped());

  watched.make_room(name);
  CHECK(watched.asks(name).value_or(Error(errc::timeout)));
  CHECK(lock->held());
  // It votes: without it this cluster could decide nothing any more.
  world.kill(leader);
  watched.cluster.work(name);
  CHECK(watched.cluster.run_turns(40));
}

TEST_CASE("P8: a leader without room hands over at once, and follows when there is room") {
  Watched watched(12);
  auto& world = watched.world;
  const auto name = *world.leader();
  const auto lock = watched.hold(name);
  watched.fill(name);
  const auto full_at = world.now();
  REQUIRE(world.run_until([&] { return world.leader() && world.leader() != name; }, 5s));
  CHECK(world.now() - full_at < 200ms);
  CHECK(is_refusal(watched.asks(name)));
  for (const auto& other : world.names())
    if (other != name) watched.cluster.work(other);
  REQUIRE(watched.cluster.run_turns(100));
  CHECK(lock->held());

  watched.make_room(name);
  CHECK(world.engine(name).replica()->has_vote());
  CHECK(watched.asks(name).value_or(Error(errc::timeout)));
  world.kill(*world.leader());
  watched.cluster.work(name);
  CHECK(watched.cluster.run_turns(40));
}

TEST_CASE("P8: a leader that nobody can succeed refuses, gives nothing up, and goes on when there is room") {
  Watched watched(13);
  auto& world = watched.world;
  const auto name = *world.leader();
  const auto lock = watched.hold(name);
  // Renewals need no disk, so a session that nobody can end does not end.
  const auto elsewhere = watched.hold(watched.cluster.follower());
  for (const auto& each : world.names()) world.machine(each).disk.faults.full = true;
  REQUIRE(world.run_until([&] {
    return watched.refused(name) && std::ranges::all_of(world.names(), [&](const auto& each) { return watched.refused(each); });
  }, 10s));
  CHECK(is_refusal(watched.asks(name)));
  // A release is no new work: it waits, and is done in the end.
  std::optional<Result<void>> released;
  lock->release([&](const Result<void>& done) { released = done; });
  const auto proposed = world.engine(name).replica()->last_accepted();
  world.run_for(20s);
  CHECK_FALSE(released);
  CHECK(world.engine(name).replica()->last_accepted() == proposed);
  CHECK(elsewhere->held());
  for (const auto& each : world.names()) world.machine(each).disk.faults.full = false;
  REQUIRE(world.run_until([&] { return released.has_value(); }, 20s));
  for (const auto& each : world.names()) CHECK_FALSE(world.process(each).stopped());
  watched.cluster.work();
  CHECK(watched.cluster.run_turns(40));
}

TEST_CASE("P8: a write without room is tried again later each time, and soon enough") {
  Watched watched(14);
  auto& world = watched.world;
  const auto name = watched.cluster.follower();
  watched.fill(name);
  watched.cluster.rest();
  const auto before = watched.journal.retries(name);
  world.run_for(60s);
  const auto tried = watched.journal.retries(name) - before;
  CHECK(tried >= 25);
  CHECK(tried <= 40);
  // From the beginning again: the first try after a short while does not wait for the end of the last long one.
  watched.make_room(name);
  watched.cluster.work();
  REQUIRE(watched.cluster.run_turns(20));
  watched.fill(name);
  const auto again = watched.journal.retries(name);
  world.run_for(400ms);
  CHECK(watched.journal.retries(name) - again >= 2);
}

TEST_CASE("P8: a disk that fails while it is full costs the vote like any other") {
  Watched watched(15);
  auto& world = watched.world;
  const auto name = watched.cluster.follower();
  watched.fill(name);
  world.machine(name).disk.faults.failing_writes = 1;
  REQUIRE(world.run_until([&] { return world.process(name).stopped().has_value(); }, 5s));
  CHECK(*world.process(name).stopped() == errc::disk_failed);
}

TEST_CASE("P8: a power cut on a full disk costs nothing but what was never said") {
  Watched watched(16);
  auto& world = watched.world;
  const auto name = watched.cluster.follower();
  watched.fill(name);
  for (const auto& other : world.names())
    if (other != name) watched.cluster.work(other);
  REQUIRE(watched.cluster.run_turns(40));
  world.power_off(name);
  world.machine(name).disk.faults.full = false;
  REQUIRE(world.start(name));
  watched.cluster.work(name);
  REQUIRE(watched.cluster.run_turns(40));
  CHECK(world.engine(name).replica()->has_vote());
}

TEST_CASE("a disk that is full at the opening stops the node with a clear error") {
  Cluster cluster(17);
  auto& world = cluster.world;
  cluster.found([](sim::Machine& machine) { machine.disk.faults.full = machine.name == "2"; });
  world.run_for(1s);
  REQUIRE(world.process("2").stopped());
  CHECK(*world.process("2").stopped() == errc::disk_full);
}
