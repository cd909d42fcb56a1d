// Whole clusters of replicas under faults; the pump checks the rules at every event.
#include <doctest/doctest.h>

#include "base/hash.hpp"
#include "unit/paxos/pump.hpp"

using namespace conclave;
using namespace conclave::paxos;
using namespace conclave::paxos::test;
using namespace std::chrono_literals;

namespace {

bool elected(Pump& pump) {
  const auto leader = pump.leader();
  return leader && pump.replica(*leader).term_started();
}

bool level(Pump& pump, std::uint8_t nodes) {
  if (!elected(pump)) return false;
  const auto watermark = pump.replica(*pump.leader()).watermark();
  for (std::uint8_t i = 1; i <= nodes; ++i)
    if (!pump.alive(i) || pump.replica(i).watermark() != watermark || pump.node(i).applied != watermark) return false;
  return true;
}

}  // namespace

TEST_CASE("three replicas elect a leader, choose, and are level") {
  Pump pump(3, 1);
  REQUIRE(pump.run_until([&] { return elected(pump); }, 2s));
  const auto slot = pump.propose(command("a"));
  REQUIRE(slot);
  CHECK(pump.run_until([&] { return level(pump, 3) && pump.replica(1).watermark() >= *slot; }, 1s));
  CHECK(pump.broken() == "");
  CHECK(pump.chosen().at(*slot) == command("a"));
}

TEST_CASE("a single voter leads by itself") {
  Pump pump(1, 1);
  REQUIRE(pump.run_until([&] { return elected(pump); }, 2s));
  const auto slot = pump.propose(command("a"));
  REQUIRE(slot);
  CHECK(pump.run_until([&] { return pump.replica(1).watermark() >= *slot; }, 1s));
  CHECK(pump.broken() == "");
}

namespace {

// One random run: crashes, cuts, loss and load for a while; then all is healed and must come level.
std::string wild_run(std::uint64_t seed, std::uint8_t nodes, Tuning tuning) {
  Faults faults{.drop_percent = 5, .duplicate_percent = 5, .delay_max = 10ms, .sync_max = 5ms, .replay_percent = 1};
  Pump pump(nodes, seed, tuning, faults);
  std::uint64_t number = 0;
  const auto any = [&] { return static_cast<std::uint8_t>(1 + pump.draw(nodes)); };
  for (int round = 0; round < 300 && pump.broken().empty(); ++round) {
    pump.run(std::chrono::milliseconds(pump.draw(40)));
    const auto chosen = any();
    switch (pump.draw(8)) {
      case 0:
        if (pump.alive(chosen)) pump.crash(chosen);
        break;
      case 1:
      case 2:
        if (!pump.alive(chosen)) pump.start(chosen);
        break;
      case 3:
        if (const auto other = any(); other != chosen) pump.link(chosen, other, pump.draw(2) == 0);
        break;
      default:
        for (auto count = pump.draw(10); count > 0; --count)
          (void)pump.propose(command("c" + std::to_string(number++)));
    }
  }
  pump.faults() = {};
  for (std::uint8_t one = 1; one <= nodes; ++one)
    for (std::uint8_t other = 1; other < one; ++other) pump.link(one, other, true);
  for (std::uint8_t i = 1; i <= nodes; ++i)
    if (!pump.alive(i)) pump.start(i);
  if (!pump.broken().empty()) return pump.broken();
  if (!pump.run_until([&] { return elected(pump); }, 10s))
    return pump.broken().empty() ? "no leader after healing" : pump.broken();
  (void)pump.propose(command("last"));
  if (!pump.run_until([&] { return level(pump, nodes); }, 10s))
    return pump.broken().empty() ? "not level after healing" : pump.broken();
  return pump.broken();
}

}  // namespace

TEST_CASE("P1 to P5, P7, P10: random crashes, cuts, loss, replay and reordering") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    const auto nodes = static_cast<std::uint8_t>(3 + seed % 3);
    REQUIRE(wild_run(seed, nodes, {}) == "");
  }
}

TEST_CASE("P3, P4: random faults with tiny frames and windows") {
  const Tuning tiny{.frame_bytes_max = 80,
                    .frame_entries_max = 2,
                    .window_bytes_max = 200,
                    .window_entries_max = 4,
                    .report_chosen_bytes_max = 100};
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    REQUIRE(wild_run(seed, static_cast<std::uint8_t>(3 + seed % 3), tiny) == "");
  }
}
