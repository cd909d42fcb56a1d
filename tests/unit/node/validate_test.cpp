// The configuration: what is refused, and that the refusal names the knob, its value and what mends it.
#include <doctest/doctest.h>

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include <conclave/config.hpp>

using namespace conclave;
using namespace std::chrono_literals;

namespace {

Config good() {
  Config config;
  config.name = "a";
  config.data_dir = "/var/lib/a";
  config.listen = "10.0.0.1:7400";
  config.founders = {"10.0.0.1:7400", "10.0.0.2:7400", "10.0.0.3:7400"};
  return config;
}

class Named final : public StateMachine {
 public:
  explicit Named(std::string name) : name_(std::move(name)) {}
  [[nodiscard]] std::string name() const override {
    if (name_ == "throws") throw std::runtime_error("no name today");
    if (name_ == "throws a number") throw 42;
    return name_;
  }
  Bytes apply(const Applied&, BytesView) override { return {}; }
  void snapshot(const std::function<void(BytesView)>&) const override {}
  Result<void> restore(const std::function<BytesView()>&) override { return {}; }
  [[nodiscard]] std::uint64_t digest() const override { return 0; }

 private:
  std::string name_;
};

struct Case {
  std::function<void(Config&)> spoil;
  /// What the message has to say.
  std::vector<std::string> says;
};

void check(const std::vector<Case>& cases) {
  for (const auto& [spoil, says] : cases) {
    auto config = good();
    spoil(config);
    const auto valid = validate(config);
    CAPTURE(says.front());
    REQUIRE_FALSE(valid);
    for (const auto& text : says)
      CHECK_MESSAGE(valid.error().message().find(text) != std::string::npos, valid.error().message(), " lacks ", text);
  }
}

}  // namespace

TEST_CASE("validate: the default timing, wan() and each way into a cluster are fine") {
  CHECK(validate(good()));
  auto config = good();
  config.timing = Timing::wan();
  CHECK(validate(config));
  config.founders.clear();
  config.single = true;
  CHECK(validate(config));
  config.single = false;
  config.join = {"10.0.0.2:7400"};
  CHECK(validate(config));
  config.data_dir.clear();
  config.listen.clear();
  CHECK(validate(config));
}

TEST_CASE("validate: names have their lengths and are UTF-8") {
  check({
      {[](Config& c) { c.name.clear(); }, {"name", "1 to 64 bytes", "has 0"}},
      {[](Config& c) { c.name.assign(65, 'x'); }, {"name", "1 to 64 bytes", "has 65"}},
      {[](Config& c) { c.name = "\xff"; }, {"name", "UTF-8"}},
      {[](Config& c) { c.cluster.assign(65, 'x'); }, {"cluster", "has 65"}},
      {[](Config& c) { c.state_machine = std::make_shared<Named>(""); }, {"state_machine", "1 to 64 bytes"}},
      {[](Config& c) { c.state_machine = std::make_shared<Named>(std::string(65, 'x')); }, {"state_machine", "has 65"}},
      {[](Config& c) { c.state_machine = std::make_shared<Named>("throws"); }, {"state_machine", "threw", "no name today"}},
      {[](Config& c) { c.state_machine = std::make_shared<Named>("throws a number"); }, {"state_machine", "threw"}},
  });
}

TEST_CASE("validate: one way into the cluster, with what it needs") {
  check({
      {[](Config& c) { c.single = true; }, {"founders, single, join", "exactly one"}},
      {[](Config& c) { c.founders.clear(); }, {"founders, single, join", "exactly one"}},
      {[](Config& c) { c.data_dir.clear(); }, {"data_dir", "a founder needs a data folder"}},
      {[](Config& c) { c.listen.clear(); }, {"listen", "set host:port"}},
      {[](Config& c) { c.listen = "nonsense"; }, {"listen", "nonsense"}},
      {[](Config& c) { c.listen = "0.0.0.0:7400"; }, {"listen", "0.0.0.0:7400", "set advertise"}},
      {[](Config& c) { c.advertise = "0.0.0.0:7400"; }, {"advertise", "0.0.0.0"}},
      {[](Config& c) { c.founders[0] = "10.0.0.9:7400"; }, {"founders", "10.0.0.1:7400", "must be among them"}},
      {[](Config& c) { c.founders[2] = c.founders[1]; }, {"founders", "named twice"}},
      {[](Config& c) { c.founders[2] = "[::]:7400"; }, {"founders", "[::]:7400"}},
      {[](Config& c) { c.founders.resize(65, "10.0.0.2:7400"); }, {"founders", "are 65", "at most 64"}},
  });
}

TEST_CASE("validate: whoever listens has an address that others can dial, founder or not") {
  const auto single = [](Config& c) { c.founders.clear(), c.single = true; };
  const auto joins = [](Config& c) { c.founders.clear(), c.join = {"10.0.0.2:7400"}; };
  for (const std::function<void(Config&)>& way : {std::function<void(Config&)>(single), std::function<void(Config&)>(joins)}) {
    check({
        {[&](Config& c) { way(c), c.listen = "0.0.0.0:7400"; }, {"listen", "0.0.0.0:7400", "set advertise"}},
        {[&](Config& c) { way(c), c.advertise = "nonsense"; }, {"advertise", "nonsense"}},
        {[&](Config& c) { way(c), c.advertise = "0.0.0.0:7400"; }, {"advertise", "0.0.0.0"}},
    });
    auto config = good();
    way(config);
    config.listen = "0.0.0.0:7400";
    config.advertise = "10.0.0.1:7400";
    CHECK(validate(config));
    config.listen = "127.0.0.1:0";
    config.advertise.clear();
    CHECK(validate(config));
  }
}

TEST_CASE("validate: durations stay where they make sense, and never overflow") {
  constexpr auto for_ever = milliseconds::max();
  check({
      {[](Config& c) { c.timing.heartbeat = 4ms; }, {"timing.heartbeat", "is 4 ms", "at least 5 ms"}},
      {[=](Config& c) { c.timing.heartbeat = for_ever; }, {"timing.heartbeat", "lower it to at most 60000 ms"}},
      {[](Config& c) { c.timing.election_timeout_min = 149ms; }, {"election_timeout_min", "is 149 ms", "150 ms"}},
      {[](Config& c) { c.timing.election_timeout_min = milliseconds::min(); }, {"election_timeout_min", "at least 3 heartbeats"}},
      {[=](Config& c) { c.timing.election_timeout_min = for_ever; }, {"election_timeout_min", "lower it"}},
      {[](Config& c) { c.timing.election_timeout_max = 100ms; }, {"election_timeout_max", "raise it to at least 150 ms"}},
      {[=](Config& c) { c.timing.election_timeout_max = for_ever; }, {"election_timeout_max", "lower it to at most 600000 ms"}},
      {[](Config& c) { c.timing.session_ttl = 700ms; }, {"session_ttl", "is 700 ms", "raise it to at least 701 ms"}},
      {[](Config& c) { c.timing.session_ttl = -1ms; }, {"session_ttl", "is -1 ms", "raise it"}},
      {[=](Config& c) { c.timing.session_ttl = for_ever; }, {"session_ttl", "lower it to at most 86400000 ms"}},
      {[](Config& c) { c.timing.session_ttl = milliseconds::min(); }, {"session_ttl", "raise it to at least 701 ms"}},
      // A thousand times this wraps to something large and positive.
      {[](Config& c) { c.timing.session_ttl = milliseconds(INT64_MIN / 1000 - 1); }, {"session_ttl", "raise it to at least 701 ms"}},
      {[](Config& c) { c.timing.session_ttl = 0ms; }, {"session_ttl", "is 0 ms", "raise it to at least 701 ms"}},
      {[](Config& c) { c.timing.heartbeat = milliseconds::min(); }, {"timing.heartbeat", "at least 5 ms"}},
      {[](Config& c) { c.timing.election_timeout_max = milliseconds::min(); }, {"election_timeout_max", "raise it"}},
      {[](Config& c) { c.timing.gossip_period = milliseconds::min(); }, {"gossip_period", "at least 50 ms"}},
      {[](Config& c) { c.timing.gossip_period = 49ms; }, {"gossip_period", "is 49 ms", "at least 50 ms"}},
      {[=](Config& c) { c.timing.gossip_period = for_ever; }, {"gossip_period", "lower it"}},
      {[](Config& c) { c.timing.clock_drift_ppm = 100'001; }, {"clock_drift_ppm", "is 100001", "at most 100,000"}},
  });
}

TEST_CASE("validate: limits leave room for one of each") {
  check({
      {[](Config& c) { c.priority = 256; }, {"priority", "is 256", "at most 255"}},
      {[](Config& c) { c.limits.pending_calls_max = 0; }, {"pending_calls_max", "is 0", "at least 1"}},
      {[](Config& c) { c.limits.send_queue_frames_max = 0; }, {"send_queue_frames_max", "is 0", "at least 64"}},
      {[](Config& c) { c.limits.send_queue_bytes_max = 1; }, {"send_queue_bytes_max", "is 1", "at least 16777216"}},
      {[](Config& c) { c.limits.data_bytes_max = 1; }, {"data_bytes_max", "is 1", "at least 16777216"}},
      {[](Config& c) { c.limits.data_bytes_max = SIZE_MAX; }, {"data_bytes_max", "lower it to at most 17592186044416"}},
  });
  auto config = good();
  config.limits.data_bytes_max = std::size_t{16} << 40;
  CHECK(validate(config));
}
