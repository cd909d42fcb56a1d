// A deterministic world: machines, their disks and clocks, the network between them, and virtual time. The nodes in it are the
// shipping client, driver and engine; only the ports, the clock and the seed are the simulator's.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sim/network.hpp"
#include "sim/process.hpp"

namespace conclave::sim {

class World {
 public:
  explicit World(std::uint64_t seed);
  ~World();

  // ---- Machines ----
  /// A machine called `name`, not started. Its `config` may be changed until it is.
  Machine& add(const std::string& name);
  /// Machines `1` to `count` that found a cluster together, started.
  /// `prepare` (may be empty) gets each before it is started.
  void found(std::size_t count, const std::function<void(Machine&)>& prepare = {});
  [[nodiscard]] Machine& machine(const std::string& name) { return *machines_.at(name).machine; }
  [[nodiscard]] std::vector<std::string> names() const;

  // ---- Lives ----
  Result<void> start(const std::string& name);
  /// As `Node::close`: locks are given back, the session is ended, then the process ends. Goes on as time does.
  void close(const std::string& name, std::chrono::milliseconds timeout = std::chrono::seconds(2));
  /// SIGKILL: what was written stays, links are closed by the system.
  void kill(const std::string& name);
  /// The machine loses power: what was not synced is gone, and nobody is told.
  void power_off(const std::string& name);
  void pause(const std::string& name);
  void resume(const std::string& name);
  [[nodiscard]] bool runs(const std::string& name) const;
  [[nodiscard]] Process& process(const std::string& name) { return *machines_.at(name).process; }
  [[nodiscard]] client::Client& client(const std::string& name) { return *process(name).client(); }
  [[nodiscard]] const engine::Engine& engine(const std::string& name) { return process(name).engine(); }

  /// Whether nodes, and those who watch, read the bytes of each frame: in one run of ten they do. In the others they are given
  /// what its sender wrote. The run is the same.
  void let_nodes_read_bytes(bool do_read) { nodes_read_bytes_ = do_read; }

  // ---- Network ----
  [[nodiscard]] Network& network() { return network_; }

  // ---- Clocks ----
  /// From now on the clock of `name` gains so many millionths; `Clock::frozen` stops it.
  void run_clock(const std::string& name, std::int64_t gained_ppm);
  /// The clock of `name` jumps.
  void jump_clock(const std::string& name, BootClock::duration by);

  // ---- Time ----
  [[nodiscard]] Instant now() const { return timeline_.now(); }
  [[nodiscard]] Timeline& timeline() { return timeline_; }
  void run_for(BootClock::duration duration);
  /// Runs until `done`, at most `limit`; whether it came true.
  bool run_until(const std::function<bool()>& done, BootClock::duration limit = std::chrono::seconds(30));

  // ---- Questions to all ----
  /// The one that leads, by its own word and with its term-start applied.
  [[nodiscard]] std::optional<std::string> leader();
  /// The machine that a word means: its name; `leader`, the one that leads; `follower`, the first that runs and does not.
  /// Nothing: there is none at this moment.
  [[nodiscard]] std::optional<std::string> meant(const std::string& word);

  // ---- Watchers ----
  /// `watcher` hears everything from now on, until `unwatch`; whoever comes first is told first.
  void watch(Watcher& watcher) { watchers_.push_back(&watcher); }
  void unwatch(Watcher& watcher) { std::erase(watchers_, &watcher); }
  [[nodiscard]] const Watchers& watchers() const { return watchers_; }
  /// The one who is always there.
  Onlooker onlooker;

 private:
  struct Slot {
    std::unique_ptr<Machine> machine;
    std::shared_ptr<Process> process;
    std::uint64_t lives{0};
    /// And how many began at that time.
    std::pair<Instant, std::uint64_t> last_start{};
    /// What came while the process was stopped.
    std::vector<transport::Packet> unread;
    /// When a slow process reads what came last: in order, also when it becomes faster.
    Instant last_arrival{};
  };

  [[nodiscard]] Prng draws_of_life(const std::string& name);
  void end(const std::string& name, Ending ending);
  void arrive(const std::string& to, transport::Packet packet);
  void deliver(const std::string& to, const transport::Packet& packet);
  void clock_changed(const std::string& name);

  Watchers watchers_{&onlooker};
  Timeline timeline_;
  Prng prng_;
  Network network_;
  bool nodes_read_bytes_;
  std::map<std::string, Slot> machines_;
};

}  // namespace conclave::sim
