// Three founders in virtual time under a lock workload, for tests of the driver.
#pragma once

#include <conclave/lock.hpp>

#include <memory>
#include <string>
#include <vector>

#include "client/request.hpp"
#include "sim/world.hpp"

namespace conclave::driver {

class Cluster {
 public:
  explicit Cluster(std::uint64_t seed) : world(seed) {}
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;
  ~Cluster() { working_ = false; }

  /// Makes the machines `1` to `3`; `prepare` may change each before it starts.
  template <class Prepare>
  void found(Prepare prepare) {
    std::vector<std::string> founders;
    for (const char* name : {"1", "2", "3"}) founders.push_back(to_string(world.add(name).address));
    for (const auto& name : world.names()) {
      world.machine(name).config.founders = founders;
      prepare(world.machine(name));
    }
    for (const auto& name : world.names()) (void)world.start(name);
  }

  /// Each running node takes and gives back locks, `workers` at a time, until `rest`. Call it again for a restarted node.
  void work(const std::string& name, int workers = 4) {
    working_ = true;
    for (int worker = 0; worker < workers; ++worker) turn(name, worker);
  }
  void work() {
    for (const auto& name : world.names())
      if (world.runs(name)) work(name);
  }
  void rest() { working_ = false; }

  [[nodiscard]] std::size_t turns() const { return turns_; }
  /// Runs until `count` more locks were taken and given back.
  [[nodiscard]] bool run_turns(std::size_t count, BootClock::duration limit = std::chrono::seconds(30)) {
    return world.run_until([this, goal = turns_ + count] { return turns_ >= goal; }, limit);
  }
  /// A follower by its own word, now.
  [[nodiscard]] std::string follower() {
    const auto leader = world.leader();
    for (const auto& name : world.names())
      if (world.runs(name) && name != leader) return name;
    return {};
  }

 private:
  void turn(const std::string& name, int worker) {
    if (!working_ || !world.runs(name)) return;
    const auto again = [this, name, worker] { turn(name, worker); };
    world.client(name).acquire("lock-" + std::to_string(worker), true, {}, [this, name, again](Result<Lock> lock) {
      if (!lock) {
        if (working_ && world.runs(name)) world.process(name).set_timer(world.process(name).now() + std::chrono::milliseconds(10), again);
        return;
      }
      auto held = std::make_shared<Lock>(std::move(*lock));
      held->release([this, held, again](const Result<void>&) {
        ++turns_;
        again();
      });
    });
  }

  bool working_ = false;
  std::size_t turns_ = 0;

 public:
  /// Last: what runs in it refers to the rest.
  sim::World world;
};

}  // namespace conclave::driver
