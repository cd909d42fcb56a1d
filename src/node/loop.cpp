#include "node/loop.hpp"

#include <algorithm>
#include <utility>

#include <asio/post.hpp>

#include <conclave/node.hpp>

namespace conclave::node {

Loop::Loop() : work_(asio::make_work_guard(context_)), alarm_(context_) {}

Loop::~Loop() { stop(); }

void Loop::start(Task enter) {
  thread_ = std::thread([this, enter = std::move(enter)] {
    enter();
    context_.run();
  });
}

void Loop::post(Task task) {
  bool first = false;
  {
    const std::lock_guard guard(mutex_);
    if (stopped_) return;
    first = posted_.empty();
    posted_.push_back(std::move(task));
  }
  // One wake-up serves all that is posted until it runs.
  if (first) asio::post(context_, [this] { run_posted(); });
}

void Loop::run_posted() {
  std::vector<Task> tasks;
  {
    const std::lock_guard guard(mutex_);
    tasks.swap(posted_);
  }
  for (auto& task : tasks) {
    task();
    task = nullptr;
  }
}

void Loop::stop() {
  {
    const std::lock_guard guard(mutex_);
    stopped_ = true;
  }
  context_.stop();
  if (thread_.joinable()) thread_.join();
  std::vector<Task> dropped;
  {
    const std::lock_guard guard(mutex_);
    dropped.swap(posted_);
  }
  // Destroyed outside the lock: what they hold may post as it goes.
  timers_.clear();
  due_.clear();
}

client::TimerId Loop::set_timer(Instant at, Task task) {
  const auto timer = next_timer_;
  ++next_timer_;
  timers_.emplace(std::pair(at, timer), std::move(task));
  due_.emplace(timer, at);
  arm();
  return timer;
}

void Loop::cancel_timer(client::TimerId timer) {
  const auto found = due_.find(timer);
  if (found == due_.end()) return;
  timers_.erase({found->second, timer});
  due_.erase(found);
}

void Loop::wake_at(Instant at, Task task) {
  if (const auto found = due_.find(waking_); found != due_.end() && found->second == at) return;
  cancel_timer(waking_);
  waking_ = set_timer(at, std::move(task));
}

void Loop::arm() {
  // A later alarm than needed is moved; an earlier one fires for nothing, which is cheaper than moving it each time.
  if (timers_.empty() || armed_ <= timers_.begin()->first.first) return;
  armed_ = timers_.begin()->first.first;
  const std::chrono::nanoseconds wait = armed_ - boot_time();
  alarm_.expires_after(std::clamp<std::chrono::nanoseconds>(wait, std::chrono::nanoseconds(0), std::chrono::hours(1)));
  alarm_.async_wait([this](const asio::error_code& error) {
    if (!error) fire();
  });
}

void Loop::fire() {
  armed_ = Instant::max();
  const auto now = boot_time();
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    auto task = std::move(timers_.begin()->second);
    due_.erase(timers_.begin()->first.second);
    timers_.erase(timers_.begin());
    task();
  }
  arm();
}

}  // namespace conclave::node
