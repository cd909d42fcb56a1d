// Measured timeouts, in integers alone: the same on every machine.
#include "paxos/timing.hpp"

#include <algorithm>

namespace conclave::paxos {

void RoundTripTime::sample(Duration round_trip) {
  const auto measured = std::max(round_trip, Duration::zero());
  if (!measured_) {
    smoothed_ = measured;
    variation_ = measured / 2;
    measured_ = true;
    return;
  }
  const auto error = measured > smoothed_ ? measured - smoothed_ : smoothed_ - measured;
  variation_ += (error - variation_) / 4;
  smoothed_ += (measured - smoothed_) / 8;
}

void SilenceTimeout::heard(const Tuning& tuning, Instant now) {
  const auto gap = now - last_;
  const auto over = std::min(gap - tuning.heartbeat, tuning.election_timeout_max);
  last_ = std::max(last_, now);
  if (over > excess(tuning, now)) {
    excess_ = over;
    excess_at_ = now;
  }
}

Duration SilenceTimeout::excess(const Tuning& tuning, Instant now) const {
  const auto age = std::max(now - excess_at_, Duration::zero());
  const auto halvings = std::min<Duration::rep>(age / tuning.timeout_memory, 62);
  const auto halved = excess_ / (Duration::rep{1} << halvings);
  // Between two halvings along a straight line. Milliseconds, so that the product fits 64 bits.
  using std::chrono::duration_cast, std::chrono::milliseconds;
  const auto rest = duration_cast<milliseconds>(age % tuning.timeout_memory).count();
  return halved - halved * rest / (2 * std::max<milliseconds::rep>(duration_cast<milliseconds>(tuning.timeout_memory).count(), 1));
}

Duration SilenceTimeout::timeout(const Tuning& tuning, const RoundTripTime& round_trip, Instant now) const {
  const auto expected = 2 * tuning.heartbeat + round_trip.smoothed() + 4 * round_trip.variation();
  const auto adapted = expected + excess(tuning, now) * 3 / 2;
  return std::clamp(adapted, tuning.election_timeout_min, tuning.election_timeout_max);
}

std::optional<Duration> PauseDetector::woke(const Tuning& tuning, Instant now) {
  if (!due_ || now - *due_ < tuning.pause_min) return std::nullopt;
  const auto overslept = now - *due_;
  due_.reset();
  return overslept;
}

}  // namespace conclave::paxos
