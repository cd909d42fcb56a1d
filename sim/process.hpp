// One life of a simulated node: the shipping client, driver and engine over the in-memory ports, in virtual time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <conclave/config.hpp>

#include "client/client.hpp"
#include "driver/driver.hpp"
#include "sim/clock.hpp"
#include "sim/timeline.hpp"
#include "sim/watcher.hpp"
#include "storage/memory_disk.hpp"
#include "storage/memory_storage.hpp"
#include "transport/memory_network.hpp"

namespace conclave::sim {

/// What a node is, over all its lives.
struct Machine {
  std::string name;
  Address address;
  Config config;
  storage::MemoryDisk disk;
  /// S4: a new one at each boot of the machine.
  Uuid boot;
  Clock clock;
  /// How long one write with its sync takes.
  BootClock::duration disk_latency{std::chrono::microseconds(300)};
  bool disk_stalled{false};
  /// How long every piece of work of the process waits before it runs.
  BootClock::duration slowness{};
  /// The machine loses its power after so many more pieces of work on its disk; 0: it does not.
  std::uint32_t works_left{0};
  std::function<void()> lose_power;
  /// What was on the disk when a backup was made.
  std::optional<storage::MemoryDisk::Image> backup;
  /// The frames that are being sent and delivered, beside their bytes; null: whoever wants to know one reads its bytes.
  std::shared_ptr<const engine::Frame> leaving;
  std::shared_ptr<const engine::Frame> arriving;
  /// Makes the user's state machine anew for each life; empty: `config.state_machine` is taken as it is.
  std::function<std::shared_ptr<StateMachine>()> make_state_machine;
  /// Runs what is the user's: callbacks, stop callbacks, bodies, work of the state machine; empty: as it is.
  std::function<void(const client::Task& task)> run_user;
  /// How long making or opening an image takes, beside all else.
  BootClock::duration image_latency{};
  /// What stands between the node and its ports, made anew for each life; empty: nothing does.
  std::function<std::unique_ptr<storage::Storage>(storage::Storage& disk)> watch_storage;
  std::function<std::unique_ptr<transport::Transport>(transport::Transport& network)> watch_transport;
};

/// All who watch, in the order in which they came.
using Watchers = std::vector<Watcher*>;

class Process final : public client::Host, public std::enable_shared_from_this<Process> {
 public:
  /// `life` makes the draws of this life differ from those of the others.
  Process(Timeline& timeline, transport::MemoryNetwork& network, Machine& machine, Prng prng, const Watchers& watchers);
  ~Process() override;

  /// Opens the disk and the address, and begins.
  [[nodiscard]] Result<void> open();
  [[nodiscard]] const std::shared_ptr<client::Client>& client() const { return client_; }
  [[nodiscard]] const engine::Engine& engine() const { return driver_->engine(); }
  [[nodiscard]] const std::optional<Error>& stopped() const { return stopped_; }
  /// Everything it would do is not done until `resume`: SIGSTOP.
  void pause() { paused_ = true; }
  void resume();
  [[nodiscard]] bool paused() const { return paused_; }
  /// The machine's clock was changed: what waits for a time of it is set anew.
  void clock_changed();
  /// As `Node::close`; `closed` runs when nothing is left to do, unless the process dies before.
  void close(std::chrono::milliseconds timeout, client::Task closed);
  /// The process is gone: nothing of it runs any more.
  void kill();
  /// Runs the disk's next piece of work, unless it is stalled.
  void work_on_disk();

  // client::Host
  [[nodiscard]] Instant now() const override;
  void post(client::Task task) override;
  void call_back(client::Task task) override { post(of_user(std::move(task))); }
  void signal(client::Task task) override { post(of_user(std::move(task))); }
  void run_state_machine(client::Task task) override { post(of_user(std::move(task))); }
  void run_body(client::Task body, client::Task done) override;
  [[nodiscard]] bool must_not_block() const override { return true; }
  [[nodiscard]] bool runs_stop_callbacks() const override { return false; }
  client::TimerId set_timer(Instant at, client::Task task) override;
  void cancel_timer(client::TimerId timer) override;
  void step(engine::Event event) override { driver_->step(std::move(event)); }
  [[nodiscard]] Uuid draw_uuid() override;
  [[nodiscard]] const coordination::State& state() const override { return engine().state(); }
  [[nodiscard]] conclave::Status status() const override { return engine().status(now()); }
  [[nodiscard]] std::optional<std::chrono::nanoseconds> staleness() const override { return engine().staleness(now()); }
  void stop(const Error& reason) override;

 private:
  [[nodiscard]] engine::Options options() const;
  /// Something that waits for a time of this node's clock.
  struct Alarm {
    Instant at;
    client::Task task;
    std::optional<Timeline::Ticket> ticket;
  };

  [[nodiscard]] driver::Hooks hooks();
  void set(client::TimerId timer);
  void run(client::Task task);
  [[nodiscard]] client::Task of_user(client::Task task) const;
  /// Work on an image: another thread does it, and this one goes on.
  void aside(client::Task task);

  Timeline& timeline_;
  transport::MemoryNetwork& network_;
  Machine& machine_;
  Prng prng_;
  Prng client_draws_;
  const Watchers& watchers_;
  /// Shared with all that waits in the timeline: false once this life is over.
  std::shared_ptr<bool> alive_;
  bool paused_{false};
  bool disk_busy_{false};
  std::vector<client::Task> while_paused_;
  /// When what was posted last runs: also a process that becomes faster keeps the order.
  Instant last_post_{};
  std::unique_ptr<storage::MemoryStorage> storage_;
  std::unique_ptr<transport::Transport> transport_;
  /// Around those two; null when nobody watches.
  std::unique_ptr<storage::Storage> watched_storage_;
  std::unique_ptr<transport::Transport> watched_transport_;
  std::unique_ptr<driver::Driver> driver_;
  std::shared_ptr<client::Client> client_;
  /// The driver's next tick is timer 0.
  std::map<client::TimerId, Alarm> timers_;
  client::TimerId next_timer_{1};
  std::optional<Error> stopped_;
};

}  // namespace conclave::sim
