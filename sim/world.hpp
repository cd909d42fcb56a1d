// A deterministic world: machines, their disks and clocks, the network between them, and virtual time. The nodes in it are the
// shipping client, driver and engine; only the ports, the clock and the seed are the simulator's.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sim/process.hpp"

namespace conclave::sim {

/// How one direction between two machines behaves.
struct Route {
  BootClock::duration latency{std::chrono::microseconds(100)};
  BootClock::duration jitter{std::chrono::microseconds(50)};
  /// Nothing arrives: links stay open until their system gives up on them.
  bool cut{false};
  /// Of a thousand datagrams, so many are lost. (A stream loses nothing: it waits.)
  unsigned datagrams_lost_permille{0};
};

class World {
 public:
  explicit World(std::uint64_t seed);
  ~World();

  // ---- Machines ----
  /// A machine called `name`, not started. Its `config` may be changed until it is.
  Machine& add(const std::string& name);
  /// Machines `1` to `count` that found a cluster together, started.
  void found(std::size_t count);
  [[nodiscard]] Machine& machine(const std::string& name) { return *machines_.at(name).machine; }
  [[nodiscard]] std::vector<std::string> names() const;

  // ---- Lives ----
  Result<void> start(const std::string& name);
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

  // ---- Network ----
  [[nodiscard]] Route& route(const std::string& from, const std::string& to) { return routes_[{from, to}]; }
  /// Only machines of the same group hear each other.
  void partition(const std::vector<std::set<std::string>>& groups);
  /// All hear each other again; what waited on a link arrives.
  void heal();

  // ---- Time ----
  [[nodiscard]] Instant now() const { return timeline_.now(); }
  [[nodiscard]] Timeline& timeline() { return timeline_; }
  void run_for(BootClock::duration duration);
  /// Runs until `done`, at most `limit`; whether it came true.
  bool run_until(const std::function<bool()>& done, BootClock::duration limit = std::chrono::seconds(30));

  // ---- Questions to all ----
  /// The one that leads, by its own word and with its term-start applied.
  [[nodiscard]] std::optional<std::string> leader();

  /// Hears everything, in true time.
  Onlooker onlooker;
  /// Hears of every packet when it is sent.
  std::function<void(const std::string& from, const std::string& to, const transport::Packet&)> on_packet;

 private:
  struct Slot {
    std::unique_ptr<Machine> machine;
    std::shared_ptr<Process> process;
    std::uint64_t lives{0};
    /// What came while the process was stopped.
    std::vector<transport::Packet> unread;
  };
  using Pair = std::pair<std::string, std::string>;

  void carry(transport::Packet packet);
  void deliver_in_order(const Pair& route, BootClock::duration delay, transport::Packet packet);
  void arrive(transport::Packet packet);
  [[nodiscard]] std::string name_at(const Address& address) const;

  Timeline timeline_;
  Prng prng_;
  transport::MemoryNetwork network_;
  std::map<std::string, Slot> machines_;
  std::map<Pair, Route> routes_;
  /// How many have been sent: numbers the draws for them.
  std::map<Pair, std::uint64_t> frames_;
  std::map<Pair, std::uint64_t> datagrams_;
  /// When the last packet of a link arrives: a stream keeps its order.
  std::map<LinkId, Instant> link_clock_;
  /// What waits for a cut to heal, in order.
  std::vector<std::pair<Pair, transport::Packet>> held_;
};

}  // namespace conclave::sim
