// A node's own clock: true time, bent by faults. It stands for CLOCK_BOOTTIME, the only clock that a node reads.
#pragma once

#include <algorithm>
#include <cstdint>

#include <conclave/types.hpp>

namespace conclave::sim {

/// Piecewise linear over true time.
class Clock {
 public:
  /// A clock that stands still.
  static constexpr std::int64_t frozen = -1'000'000;

  /// What it shows at `truth`, which is not before the last change.
  [[nodiscard]] Instant at(Instant truth) const {
    const auto passed = truth - changed_;
    // In two parts, so that years fit, too.
    return shown_ + passed + passed / million * rate_ + passed % million * rate_ / million;
  }

  /// The first true time, not before `truth`, at which it shows `reading` or more; nothing happens for ever if it stands still.
  [[nodiscard]] Instant when(Instant reading, Instant truth) const {
    const auto wait = reading - at(truth);
    if (wait <= wait.zero()) return truth;
    const auto speed = million + rate_;
    if (speed <= 0 || wait >= far) return Instant::max();
    // Rounded up: the clock has reached the reading when its owner is woken.
    return truth + wait / speed * million + wait % speed * million / speed + std::chrono::nanoseconds(1);
  }

  /// From `truth` on it gains so many millionths; `frozen` at the least.
  void run_at(std::int64_t gained_ppm, Instant truth) {
    turn(truth);
    rate_ = std::max(gained_ppm, frozen);
  }
  /// It jumps at `truth`: ahead, or back, which such a clock never does.
  void jump(BootClock::duration by, Instant truth) {
    turn(truth);
    shown_ += by;
  }
  [[nodiscard]] std::int64_t gains_ppm() const { return rate_; }

 private:
  static constexpr std::int64_t million = 1'000'000;
  static constexpr BootClock::duration far = std::chrono::hours(24 * 365 * 10);

  void turn(Instant truth) {
    shown_ = at(truth);
    changed_ = truth;
  }

  Instant changed_{};
  Instant shown_{};
  std::int64_t rate_{0};
};

}  // namespace conclave::sim
