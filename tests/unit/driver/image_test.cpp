// P11, O2 through the driver: images that take long to make and to open, and a network that drops some of their parts.
#include <doctest/doctest.h>

#include <conclave/config.hpp>
#include <conclave/state_machine.hpp>

#include <algorithm>

#include "unit/driver/cluster.hpp"
#include "unit/driver/full_transport.hpp"

using namespace conclave;
using namespace conclave::driver;
using namespace std::chrono_literals;

namespace {

/// Holds bytes that no command made: where they are, a snapshot brought them.
class Vault final : public StateMachine {
 public:
  explicit Vault(std::size_t bytes) : held(bytes, std::byte{7}) {}

  [[nodiscard]] std::string name() const override { return "vault/1"; }
  Bytes apply(const Applied&, BytesView) override { return {}; }
  void snapshot(const std::function<void(BytesView)>& write) const override {
    for (BytesView rest = held; !rest.empty();) {
      const auto chunk = rest.first(std::min(rest.size(), snapshot_chunk_bytes_max));
      write(chunk);
      rest = rest.subspan(chunk.size());
    }
  }
  Result<void> restore(const std::function<BytesView()>& read) override {
    held.clear();
    for (auto chunk = read(); !chunk.empty(); chunk = read()) held.insert(held.end(), chunk.begin(), chunk.end());
    return {};
  }
  [[nodiscard]] std::uint64_t digest() const override { return held.size(); }

  Bytes held;
};

constexpr std::size_t large = std::size_t{10} << 20;

void invite(sim::World& world, const std::shared_ptr<Vault>& vault) {
  auto& guest = world.add("g");
  guest.config.state_machine = vault;
  guest.config.join = {"node-1:7400"};
  guest.config.data_dir.clear();
  guest.config.listen.clear();
}

}  // namespace

TEST_CASE("O2, W6: each part has a frame of its own, and those that are dropped are sent again") {
  sim::World world(31);
  std::size_t parts = 0;
  std::size_t dropped = 0;
  std::size_t longest = 0;
  const FullTransport::Full full = [&](BytesView body) {
    longest = std::max(longest, body.size());
    if (body.size() < engine::image_part_bytes) return false;
    const bool lost = ++parts % 20 == 5;
    dropped += lost ? 1 : 0;
    return lost;
  };
  auto& host = world.add("1");
  host.config.single = true;
  host.config.state_machine = std::make_shared<Vault>(large);
  host.watch_transport = [&](transport::Transport& network) { return std::make_unique<FullTransport>(network, full); };
  REQUIRE(world.start("1"));
  REQUIRE(world.run_until([&] { return world.leader().has_value(); }));
  const auto vault = std::make_shared<Vault>(0);
  invite(world, vault);
  REQUIRE(world.start("g"));
  REQUIRE(world.run_until([&] { return world.client("g").session().has_value(); }, 60s));
  CHECK(vault->held.size() == large);
  CHECK(dropped >= 2);
  CHECK(longest <= engine::image_part_bytes + 1024);
}

TEST_CASE("P11, O2: however long an image takes, its maker leads on and commands go on") {
  Cluster cluster(32);
  auto& world = cluster.world;
  int elected = 0;
  world.onlooker.notice = [&](const std::string&, const engine::Notice& notice) {
    elected += std::holds_alternative<engine::LeaderChanged>(notice) ? 1 : 0;
  };
  cluster.found([](sim::Machine& machine) {
    machine.config.state_machine = std::make_shared<Vault>(1000);
    machine.image_latency = 5s;
    machine.config.priority = machine.name == "1" ? 200 : 100;
  });
  REQUIRE(world.run_until([&] { return world.leader() == "1"; }));
  world.run_for(1s);
  const auto vault = std::make_shared<Vault>(0);
  invite(world, vault);
  world.machine("g").image_latency = 7s;
  elected = 0;
  cluster.work();
  REQUIRE(world.start("g"));
  const auto begun = world.now();
  std::size_t turns = 0;
  for (auto end = begun; !world.client("g").session(); turns = cluster.turns()) {
    REQUIRE((end += 1s) < begun + 20s);
    world.run_for(end - world.now());
    CHECK(cluster.turns() > turns);
  }
  CHECK(world.now() - begun >= 12s);
  CHECK(vault->held.size() == 1000);
  CHECK(world.leader() == "1");
  CHECK(elected == 1);  // the guest has heard who leads
}
