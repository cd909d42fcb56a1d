// Virtual time: tasks in the order of their times, and of their making where times are equal.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include <conclave/types.hpp>

namespace conclave::sim {

class Timeline {
 public:
  using Task = std::function<void()>;
  /// Names a task that waits.
  using Ticket = std::pair<Instant, std::uint64_t>;

  [[nodiscard]] Instant now() const { return now_; }

  Ticket at(Instant when, Task task) {
    const Ticket ticket{std::max(when, now_), next_++};
    tasks_.emplace(ticket, std::move(task));
    return ticket;
  }
  Ticket after(BootClock::duration wait, Task task) { return at(now_ + wait, std::move(task)); }
  void cancel(const Ticket& ticket) { tasks_.erase(ticket); }

  [[nodiscard]] bool empty() const { return tasks_.empty(); }
  [[nodiscard]] Instant next() const { return tasks_.empty() ? Instant::max() : tasks_.begin()->first.first; }
  /// Runs the next task, and moves the time on to it.
  void step() {
    auto first = tasks_.begin();
    now_ = first->first.first;
    auto task = std::move(first->second);
    tasks_.erase(first);
    task();
  }
  /// Moves the time on over a stretch in which nothing happens.
  void skip_to(Instant when) { now_ = std::max(now_, when); }

 private:
  Instant now_{};
  std::uint64_t next_{1};
  std::map<Ticket, Task> tasks_;
};

}  // namespace conclave::sim
