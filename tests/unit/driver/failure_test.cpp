// Disks that fail and invariants that break under a running cluster: who falls silent, who is told, and what the rest does.
#include <doctest/doctest.h>

#include "base/invariant.hpp"
#include "unit/driver/cluster.hpp"
#include "unit/driver/watched_ports.hpp"
#include "wire/frame.hpp"

using namespace conclave;
using namespace conclave::driver;
using namespace std::chrono_literals;

namespace {

/// A cluster whose ports are watched, at work.
struct Watched {
  explicit Watched(std::uint64_t seed) : cluster(seed) {
    cluster.found([this](sim::Machine& machine) { watch(machine, journal); });
    REQUIRE(world.run_until([this] { return world.leader().has_value(); }));
    cluster.work();
    REQUIRE(cluster.run_turns(40));
  }
  /// Runs until `name` has stopped, and says why.
  Error stopped(const std::string& name) {
    REQUIRE(world.run_until([&] { return world.process(name).stopped().has_value(); }, 5s));
    return *world.process(name).stopped();
  }
  /// The rest of the cluster works on, while `name` says nothing.
  void works_on_without(const std::string& name) {
    const auto said = journal.frames_from(name);
    cluster.work();
    CHECK(cluster.run_turns(40));
    CHECK(journal.frames_from(name) == said);
    for (const auto& violation : journal.violations()) FAIL_CHECK(violation);
  }

  Journal journal;
  Cluster cluster;
  sim::World& world = cluster.world;
};

bool says(const Error& error, const std::string& text) { return error.message().find(text) != std::string::npos; }

/// A transport in which a bug of ours shows: sending an acceptance breaks an invariant, once `broken`.
class BrokenTransport final : public transport::Transport {
 public:
  BrokenTransport(transport::Transport& network, const bool& broken) : network_(network), broken_(broken) {}

  [[nodiscard]] std::optional<Address> listening_on() const override { return network_.listening_on(); }
  void start(transport::Listener& listener) override { network_.start(listener); }
  void dial(const Address& address) override { network_.dial(address); }
  [[nodiscard]] transport::Sent send(LinkId link, BytesView body) override {
    CONCLAVE_INVARIANT(!broken_ || !speaks_of_acceptance(body));
    return network_.send(link, body);
  }
  void close(LinkId link) override { network_.close(link); }
  void send_datagram(const Address& to, BytesView body) override { network_.send_datagram(to, body); }
  void stop() override { network_.stop(); }
  [[nodiscard]] transport::Traffic traffic() const override { return network_.traffic(); }

 private:
  static bool speaks_of_acceptance(BytesView body) {
    const auto frame = wire::decode_frame(body);
    return frame && std::ranges::any_of(frame->messages, [](const auto& message) {
             const auto* consensus = std::get_if<paxos::Message>(&message);
             return consensus && std::holds_alternative<paxos::Accepted>(*consensus);
           });
  }

  transport::Transport& network_;
  const bool& broken_;
};

}  // namespace

TEST_CASE("P8: a failed sync silences the node, tells its host, and costs its store the vote for good") {
  for (const bool leads : {true, false}) {
    CAPTURE(leads);
    Watched watched(3);
    auto& world = watched.world;
    const auto name = leads ? *world.leader() : watched.cluster.follower();
    world.machine(name).disk.faults.failing_syncs = 1;
    CHECK(watched.stopped(name) == errc::disk_failed);
    watched.works_on_without(name);

    // Its next lives follow the cluster and never vote: the kernel may have shown pages that no disk holds.
    for (const bool power_cut : {false, true}) {
      CAPTURE(power_cut);
      if (power_cut)
        world.power_off(name);
      else
        world.kill(name);
      REQUIRE(world.start(name));
      watched.cluster.work(name);
      REQUIRE(watched.cluster.run_turns(60));
      world.run_for(500ms);
      const auto& replica = world.engine(name).replica();
      REQUIRE(replica.has_value());
      CHECK_FALSE(replica->has_vote());
      CHECK(replica->watermark().value + 20 > world.engine(*world.leader()).replica()->watermark().value);
      for (const auto& violation : watched.journal.violations()) FAIL_CHECK(violation);
    }
  }
}

TEST_CASE("P8: a failed write is taken like a failed sync") {
  Watched watched(4);
  auto& world = watched.world;
  const auto name = watched.cluster.follower();
  world.machine(name).disk.faults.failing_writes = 1;
  CHECK(watched.stopped(name) == errc::disk_failed);
  watched.works_on_without(name);
  world.kill(name);
  REQUIRE(world.start(name));
  REQUIRE(world.run_until([&] { return world.engine(name).replica().has_value(); }));
  CHECK_FALSE(world.engine(name).replica()->has_vote());
}

TEST_CASE("P8: a disk that fails before the opening is stored stops the node before it says a word") {
  Journal journal;
  Cluster cluster(5);
  auto& world = cluster.world;
  cluster.found([&](sim::Machine& machine) {
    watch(machine, journal);
    if (machine.name == "2") machine.disk.faults.failing_writes = 1;
  });
  world.run_for(2s);
  REQUIRE(world.process("2").stopped().has_value());
  CHECK(*world.process("2").stopped() == errc::disk_failed);
  CHECK(journal.frames_from("2") == 0);
}

TEST_CASE("a broken invariant silences the node and tells its host; nothing of that step is stored or sent") {
  Watched watched(6);
  auto& world = watched.world;
  const auto name = watched.cluster.follower();
  auto& machine = world.machine(name);
  // Nothing under way, so that what is stored from here on was asked for by a later step.
  watched.cluster.rest();
  world.run_for(300ms);
  REQUIRE(machine.disk.unsynced() == 0);
  const auto stored = machine.disk.visible();
  const auto said = watched.journal.frames_from(name);
  // This node's clock jumps back, which must never be: no step begins any more.
  world.jump_clock(name, -std::chrono::seconds(1));
  watched.cluster.work(*world.leader());
  const auto why = watched.stopped(name);
  CHECK(why == errc::internal);
  CHECK(says(why, "now >= now_"));
  watched.works_on_without(name);
  CHECK(machine.disk.visible() == stored);
  CHECK(watched.journal.frames_from(name) == said);

  // A bug is no damage: the store still has its vote.
  world.kill(name);
  REQUIRE(world.start(name));
  watched.cluster.work(name);
  REQUIRE(watched.cluster.run_turns(20));
  CHECK(world.engine(name).replica()->has_vote());
}

TEST_CASE("an invariant that breaks after a sync, outside of any step, silences the node and tells its host") {
  bool broken = false;
  Cluster cluster(7);
  auto& world = cluster.world;
  cluster.found([&](sim::Machine& machine) {
    machine.watch_transport = [&](transport::Transport& network) { return std::make_unique<BrokenTransport>(network, broken); };
  });
  REQUIRE(world.run_until([&] { return world.leader().has_value(); }));
  cluster.work();
  REQUIRE(cluster.run_turns(20));
  const auto name = cluster.follower();
  broken = true;
  REQUIRE(world.run_until([&] { return world.process(name).stopped().has_value(); }, 1s));
  broken = false;
  CHECK(*world.process(name).stopped() == errc::internal);
  CHECK(says(*world.process(name).stopped(), "!broken_"));
  CHECK(cluster.run_turns(20));
}
