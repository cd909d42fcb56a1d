// Virtual time: tasks in the order of their times, and of their making where times are equal.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include <conclave/types.hpp>

namespace conclave::sim {

class Timeline {
 public:
  using Task = std::function<void()>;
  /// Names a task that waits: its number, from 1, and where it is kept.
  struct Ticket {
    std::uint64_t number;
    std::size_t place;
  };

  [[nodiscard]] Instant now() const { return now_; }

  Ticket at(Instant when, Task task) {
    const Ticket ticket{next_++, take_place()};
    waiting_[ticket.place] = {ticket.number, std::move(task)};
    queue_.push_back({std::max(when, now_), ticket});
    std::ranges::push_heap(queue_, later);
    return ticket;
  }
  Ticket after(BootClock::duration wait, Task task) { return at(now_ + wait, std::move(task)); }
  /// One that has run, or was cancelled before, may be named again.
  void cancel(const Ticket& ticket) {
    if (waits(ticket)) (void)take(ticket);
    drop_cancelled();
  }

  [[nodiscard]] bool empty() const { return queue_.empty(); }
  [[nodiscard]] Instant next() const { return empty() ? Instant::max() : queue_.front().when; }
  /// Runs the next task, and moves the time on to it.
  void step() {
    const auto turn = queue_.front();
    now_ = turn.when;
    auto task = take(turn.ticket);
    drop_cancelled();
    task();
  }
  /// Moves the time on over a stretch in which nothing happens.
  void skip_to(Instant when) { now_ = std::max(now_, when); }

 private:
  struct Turn {
    Instant when;
    Ticket ticket;
  };
  struct Waiting {
    /// 0: the place is free.
    std::uint64_t number{0};
    Task task;
  };

  static bool later(const Turn& left, const Turn& right) {
    return std::pair(left.when, left.ticket.number) > std::pair(right.when, right.ticket.number);
  }
  [[nodiscard]] bool waits(const Ticket& ticket) const { return waiting_[ticket.place].number == ticket.number; }
  [[nodiscard]] std::size_t take_place() {
    if (free_.empty()) {
      waiting_.emplace_back();
      return waiting_.size() - 1;
    }
    const auto place = free_.back();
    free_.pop_back();
    return place;
  }
  [[nodiscard]] Task take(const Ticket& ticket) {
    free_.push_back(ticket.place);
    return std::move(std::exchange(waiting_[ticket.place], {}).task);
  }
  /// What was cancelled, or is running, leaves the queue when its turn comes, so that the first one always waits.
  void drop_cancelled() {
    while (!queue_.empty() && !waits(queue_.front().ticket)) {
      std::ranges::pop_heap(queue_, later);
      queue_.pop_back();
    }
  }

  Instant now_{};
  std::uint64_t next_{1};
  /// A heap: the earliest is in front.
  std::vector<Turn> queue_;
  std::vector<Waiting> waiting_;
  std::vector<std::size_t> free_;
};

}  // namespace conclave::sim
