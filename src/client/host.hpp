// What the client layer takes from outside: clock, loop, timers, executors, randomness. `node` provides threads for it, the
// simulator provides virtual time.
#pragma once

#include <chrono>
#include <functional>

#include <conclave/status.hpp>
#include <conclave/types.hpp>

#include "base/bounded_wait.hpp"
#include "coordination/state.hpp"
#include "engine/event.hpp"

namespace conclave::client {

/// A timer that has been set; 0 is none.
using TimerId = Number<struct TimerTag>;
using Task = std::function<void()>;

class Host {
 public:
  Host() = default;
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;
  virtual ~Host() = default;

  /// CLOCK_BOOTTIME, or the simulated node's own; from any thread.
  [[nodiscard]] virtual Instant now() const = 0;
  /// The time `wait` from now.
  [[nodiscard]] Instant in(std::chrono::milliseconds wait) const { return now() + bounded(wait); }

  /// Runs `task` on the loop, after what was posted before; from any thread, never inside this call. Dropped once the node
  /// has closed.
  virtual void post(Task task) = 0;
  /// Runs `task` where the user's callbacks run, one at a time and in order; from any thread.
  virtual void call_back(Task task) = 0;
  /// Runs `task` soon on a thread where a user's stop callbacks may run, not behind his other callbacks; in order, from any
  /// thread.
  virtual void signal(Task task) = 0;
  /// Runs `task` where the user's state machine lives, one at a time and in order; from the loop.
  virtual void run_state_machine(Task task) = 0;
  /// Runs `body` on a thread of its own, then posts `done` to the loop; from any thread.
  virtual void run_body(Task body, Task done) = 0;
  /// True on a thread that must not block: the callback executor's, or the loop's.
  [[nodiscard]] virtual bool must_not_block() const = 0;
  /// True on a thread where stop callbacks run: as long as it waits, no body is told to stop.
  [[nodiscard]] virtual bool runs_stop_callbacks() const = 0;

  // ---- On the loop only ----

  /// Runs `task` on the loop at `at`.
  virtual TimerId set_timer(Instant at, Task task) = 0;
  virtual void cancel_timer(TimerId timer) = 0;
  /// Takes a step of the engine; its notices reach the client after this call, in order.
  virtual void step(engine::Event event) = 0;
  [[nodiscard]] virtual Uuid draw_uuid() = 0;
  [[nodiscard]] virtual const coordination::State& state() const = 0;
  [[nodiscard]] virtual Status status() const = 0;
  /// How old this node's state may be; nothing: unknown.
  [[nodiscard]] virtual std::optional<std::chrono::nanoseconds> staleness() const = 0;
  /// The node cannot go on.
  virtual void stop(const Error& reason) = 0;
};

}  // namespace conclave::client
