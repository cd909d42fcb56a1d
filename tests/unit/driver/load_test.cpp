// More than a link, a frame or a batch takes: what is dropped is said and sent again, and nothing is lost.
#include <doctest/doctest.h>

#include <conclave/state_machine.hpp>

#include <functional>

#include "unit/driver/cluster.hpp"
#include "unit/driver/full_transport.hpp"

using namespace conclave;
using namespace conclave::driver;
using namespace std::chrono_literals;

namespace {

/// Counts the commands that it applied.
class Counter final : public StateMachine {
 public:
  [[nodiscard]] std::string name() const override { return "counter/1"; }
  Bytes apply(const Applied&, BytesView) override { return to_bytes(std::to_string(++applied)); }
  void snapshot(const std::function<void(BytesView)>&) const override {}
  Result<void> restore(const std::function<BytesView()>&) override { return {}; }
  [[nodiscard]] std::uint64_t digest() const override { return applied; }

  std::uint64_t applied = 0;
};

}  // namespace

TEST_CASE("a full send queue drops a frame, says so, and costs no link and no command") {
  Cluster cluster(21);
  auto& world = cluster.world;
  std::ptrdiff_t dropped = 0;
  bool narrow = false;
  const FullTransport::Full full = [&](BytesView) {
    dropped += narrow ? 1 : 0;
    return narrow;
  };
  cluster.found([&](sim::Machine& machine) {
    machine.watch_transport = [&](transport::Transport& network) { return std::make_unique<FullTransport>(network, full); };
  });
  std::vector<std::string> said;
  world.onlooker.remark = [&](const std::string&, const engine::Remark& remark) {
    if (remark.level == LogLevel::warning) said.push_back(remark.text);
  };
  REQUIRE(world.run_until([&] { return world.leader().has_value(); }));
  cluster.work();
  REQUIRE(cluster.run_turns(40));
  for (int stall = 0; stall < 5; ++stall) {
    narrow = true;
    world.run_for(60ms);
    narrow = false;
    CHECK(cluster.run_turns(40));
  }
  const auto warned = std::ranges::count_if(
      said, [](const std::string& text) { return text.find("does not read as fast") != std::string::npos; });
  CHECK(warned >= 1);
  CHECK(dropped > 20);
  CHECK(warned <= 3 + dropped / 1024);  // by each node now and then, not for each frame
}

TEST_CASE("W1: more large commands than a frame or a batch holds are all applied, once, from any node") {
  for (const bool leads : {true, false}) {
    CAPTURE(leads);
    Cluster cluster(22);
    auto& world = cluster.world;
    std::map<std::string, std::shared_ptr<Counter>> counters;
    cluster.found([&](sim::Machine& machine) { machine.config.state_machine = counters[machine.name] = std::make_shared<Counter>(); });
    REQUIRE(world.run_until([&] { return world.leader().has_value(); }));
    world.run_for(500ms);
    const auto name = leads ? *world.leader() : cluster.follower();
    constexpr std::uint64_t count = 48;
    std::uint64_t answered = 0;
    world.process(name).post([&] {
      for (std::uint64_t i = 0; i < count; ++i)
        world.client(name).propose(Bytes(1 << 20), {.timeout = std::chrono::minutes(5)}, [&](const Result<Bytes>& result) {
          CHECK_MESSAGE(result, result.error().message());
          ++answered;
        });
    });
    CHECK(world.run_until([&] { return answered == count; }, 1min));
    for (const auto& each : world.names()) {
      CAPTURE(each);
      CHECK_MESSAGE(!world.process(each).stopped(), world.process(each).stopped().value_or(Error()).message());
    }
    world.run_for(1s);
    for (const auto& [each, counter] : counters) CHECK(counter->applied == count);
  }
}
