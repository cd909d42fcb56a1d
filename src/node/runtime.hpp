// A node that runs: the loop, the store, the transport, the driver and the client, and the threads between them.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <conclave/config.hpp>
#include <conclave/node.hpp>

#include "client/backing.hpp"
#include "client/client.hpp"
#include "client/host.hpp"
#include "driver/driver.hpp"
#include "node/callbacks.hpp"
#include "node/loop.hpp"
#include "node/task_thread.hpp"
#include "storage/memory_disk.hpp"

namespace conclave::node {

class Runtime final : public client::Host, public client::Backing, public std::enable_shared_from_this<Runtime> {
 public:
  /// Sees each notice before the client does, on the loop: for tests that record what a node knows.
  using Tap = std::function<void(const engine::Engine& engine, const engine::Notice& notice)>;

  /// Opens store and transport, and begins. `config` is valid.
  [[nodiscard]] static Result<std::shared_ptr<Runtime>> open(Config config, Tap tap = {});
  ~Runtime() override;

  [[nodiscard]] const std::shared_ptr<client::Client>& client() const { return client_; }

  // client::Backing
  Result<void> close(std::chrono::milliseconds timeout) override;
  void dispose(std::chrono::milliseconds timeout) override;

  // client::Host
  [[nodiscard]] Instant now() const override { return boot_time(); }
  void post(client::Task task) override { loop_.post(std::move(task)); }
  void call_back(client::Task task) override;
  void signal(client::Task task) override { signals_.post(std::move(task)); }
  void run_state_machine(client::Task task) override { machine_.post(std::move(task)); }
  void run_body(client::Task body, client::Task done) override;
  [[nodiscard]] bool must_not_block() const override;
  [[nodiscard]] bool runs_stop_callbacks() const override;
  client::TimerId set_timer(Instant at, client::Task task) override { return loop_.set_timer(at, std::move(task)); }
  void cancel_timer(client::TimerId timer) override { loop_.cancel_timer(timer); }
  void step(engine::Event event) override { driver_->step(std::move(event)); }
  [[nodiscard]] Uuid draw_uuid() override;
  [[nodiscard]] const coordination::State& state() const override { return driver_->engine().state(); }
  [[nodiscard]] Status status() const override { return driver_->engine().status(now()); }
  [[nodiscard]] std::optional<std::chrono::nanoseconds> staleness() const override {
    return driver_->engine().staleness(now());
  }
  void stop(const Error& reason) override;

 private:
  Runtime(Config config, Tap tap);

  /// True on a thread that closing waits for.
  [[nodiscard]] bool must_not_close() const;

  [[nodiscard]] Result<void> open_store();
  [[nodiscard]] Result<void> open_transport();
  [[nodiscard]] Result<void> begin();
  [[nodiscard]] engine::Options engine_options(std::string state_machine) const;
  void run_memory_store();
  /// Waits for the thread of body `number`, which is about to end; unless closing does so already.
  void join_body(std::uint64_t number);
  void log(LogLevel level, const std::string& text) const;

  Config config_;
  Tap tap_;
  std::optional<Address> advertise_;
  Loop loop_;
  Callbacks callbacks_;
  /// It took no task; nobody can be told of anything any more.
  std::atomic<bool> executor_failed_{false};
  TaskThread signals_;
  TaskThread machine_;
  /// Images of the state, which take as long as the state is large.
  TaskThread aside_;
  storage::MemoryDisk memory_disk_;
  std::unique_ptr<storage::Storage> storage_;
  std::unique_ptr<transport::Transport> transport_;
  std::unique_ptr<driver::Driver> driver_;
  std::shared_ptr<client::Client> client_;

  std::mutex bodies_mutex_;  // guards what follows
  std::uint64_t next_body_{1};
  std::map<std::uint64_t, std::thread> bodies_;

  std::mutex closing_mutex_;  // guards what follows
  bool closed_{false};
};

}  // namespace conclave::node
