// How long silence may last before it means something. Everything here is measured by the caller's `now`; nothing reads a
// clock.
#pragma once

#include <optional>

#include <conclave/types.hpp>

#include "paxos/tuning.hpp"

namespace conclave::paxos {

using Duration = BootClock::duration;

/// The smoothed round trip to one peer and its variation, as RFC 6298 estimates them. Both are zero before a sample.
class RoundTripTime {
 public:
  void sample(Duration round_trip);

  [[nodiscard]] Duration smoothed() const { return smoothed_; }
  [[nodiscard]] Duration variation() const { return variation_; }

  friend bool operator==(const RoundTripTime&, const RoundTripTime&) = default;

  template <class H>
  friend void hash_append(H& h, const RoundTripTime& r) {
    h(r.measured_, r.smoothed_, r.variation_);
  }

 private:
  bool measured_{false};
  Duration smoothed_{};
  Duration variation_{};
};

/// The adaptive timeout for something that should be heard every heartbeat: a leader by its followers, a confirmed round
/// by the leader.
///
///     timeout = 2 heartbeat + smoothed round trip + 4 x variation + 1.5 x excess,   within [min, max]
///
/// where `excess` is by how much the longest recent gap outlasted one heartbeat: on a stream, loss shows as a gap. A gap
/// counts half after `timeout_memory`, a quarter after twice that.
class SilenceTimeout {
 public:
  explicit SilenceTimeout(Instant now) : last_(now) {}

  /// It was heard. The gap since the last time is a measurement.
  void heard(const Tuning& tuning, Instant now);
  /// Silence counts from `now`, and the time before is no measurement: something else is listened to from here on.
  void restart(Instant now) { last_ = now; }
  /// For `pause` of the time since the last word this process did not run: that was no silence of anybody's.
  void forgive(Duration pause) { last_ += pause; }

  [[nodiscard]] Instant last() const { return last_; }
  [[nodiscard]] Duration timeout(const Tuning& tuning, const RoundTripTime& round_trip, Instant now) const;

  friend bool operator==(const SilenceTimeout&, const SilenceTimeout&) = default;

  template <class H>
  friend void hash_append(H& h, const SilenceTimeout& s) {
    h(s.last_, s.excess_, s.excess_at_);
  }

 private:
  // What is left of the longest recent gap. Never rises with time, so a deadline computed earlier is never too early.
  [[nodiscard]] Duration excess(const Tuning& tuning, Instant now) const;

  Instant last_;
  Duration excess_{};
  Instant excess_at_{};
};

/// Notices that this process did not run (SIGSTOP, a frozen machine, a starved thread): it woke later than it asked (E10).
class PauseDetector {
 public:
  /// At the start of every step: how long this process overslept, if that was a pause.
  [[nodiscard]] std::optional<Duration> woke(const Tuning& tuning, Instant now);
  /// At the end of every step: when the next one is due at the latest; nothing if no timer runs.
  void expect(std::optional<Instant> due) { due_ = due; }

  friend bool operator==(const PauseDetector&, const PauseDetector&) = default;

  template <class H>
  friend void hash_append(H& h, const PauseDetector& p) {
    h(p.due_);
  }

 private:
  std::optional<Instant> due_;
};

}  // namespace conclave::paxos
