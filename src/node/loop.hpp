// The node's one thread for network and protocol: an Asio loop, tasks posted to it, and timers by CLOCK_BOOTTIME.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <conclave/types.hpp>

#include "client/host.hpp"

namespace conclave::node {

class Loop {
 public:
  using Task = std::function<void()>;

  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  [[nodiscard]] asio::io_context& context() { return context_; }

  /// `enter` runs first on the loop's thread.
  void start(Task enter);
  /// From any thread. A task that comes after `stop` is destroyed at once.
  void post(Task task);
  /// Ends the thread and destroys what is posted. Not from the loop itself.
  void stop();

  // ---- On the loop ----
  client::TimerId set_timer(Instant at, Task task);
  void cancel_timer(client::TimerId timer);
  /// Calls `task` at `at`; each call replaces the one before.
  void wake_at(Instant at, Task task);

 private:
  void run_posted();
  void arm();
  void fire();

  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  asio::steady_timer alarm_;
  std::thread thread_;

  std::mutex mutex_;  // guards what follows
  std::vector<Task> posted_;
  bool stopped_ = false;

  // Of the loop's thread alone.
  std::map<std::pair<Instant, client::TimerId>, Task> timers_;
  std::map<client::TimerId, Instant> due_;
  client::TimerId next_timer_{1};
  client::TimerId waking_;
  Instant armed_ = Instant::max();
};

}  // namespace conclave::node
