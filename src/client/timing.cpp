#include "client/timing.hpp"

#include <algorithm>
#include <string>

namespace conclave {

Timing Timing::wan() {
  return {.heartbeat = milliseconds(250),
          .election_timeout_min = milliseconds(1000),
          .election_timeout_max = milliseconds(5000),
          .session_ttl = milliseconds(15000),
          .clock_drift_ppm = 500,
          .gossip_period = milliseconds(2000)};
}

namespace client {
namespace {

Error bad(const std::string& knob, const std::string& complaint) { return Error(errc::invalid_argument, knob + ": " + complaint); }

std::string in_ms(milliseconds duration) { return std::to_string(duration.count()) + " ms"; }

/// Also what keeps the sums of durations from overflowing.
Result<void> check_range(const char* knob, milliseconds value, milliseconds least, milliseconds most) {
  if (value < least) return bad(knob, "is " + in_ms(value) + "; raise it to at least " + in_ms(least));
  if (value > most) return bad(knob, "is " + in_ms(value) + "; lower it to at most " + in_ms(most));
  return {};
}

}  // namespace

Result<void> check_timing(const Timing& timing) {
  using std::chrono::hours, std::chrono::minutes;
  constexpr auto none = milliseconds::min();
  if (auto done = check_range("timing.heartbeat", timing.heartbeat, milliseconds(5), minutes(1)); !done) return done;
  if (auto done = check_range("timing.election_timeout_min", timing.election_timeout_min, none, minutes(10)); !done) return done;
  if (auto done = check_range("timing.election_timeout_max", timing.election_timeout_max, none, minutes(10)); !done) return done;
  if (auto done = check_range("timing.session_ttl", timing.session_ttl, none, hours(24)); !done) return done;
  if (auto done = check_range("timing.gossip_period", timing.gossip_period, milliseconds(50), minutes(10)); !done) return done;
  if (timing.election_timeout_min < 3 * timing.heartbeat)
    return bad("timing.election_timeout_min", "is " + in_ms(timing.election_timeout_min) +
                                                  ", but must be at least 3 heartbeats: " + in_ms(3 * timing.heartbeat));
  if (timing.election_timeout_max < timing.election_timeout_min)
    return bad("timing.election_timeout_max", "is below election_timeout_min; raise it to at least " + in_ms(timing.election_timeout_min));
  if (timing.clock_drift_ppm > 100'000)
    return bad("timing.clock_drift_ppm", "is " + std::to_string(timing.clock_drift_ppm) +
                                             "; lower it to at most 100,000 (a tenth), and mend clocks that drift more");
  // Of a negative TTL there is none, and no overflow either.
  const auto ttl = std::max(timing.session_ttl, milliseconds(0));
  const auto drift = std::max(ttl * 2 * static_cast<int>(timing.clock_drift_ppm) / 1'000'000, milliseconds(1));
  const auto least = 4 * timing.election_timeout_min + 2 * timing.heartbeat + drift;
  if (timing.session_ttl < least)
    return bad("timing.session_ttl", "is " + in_ms(timing.session_ttl) + "; raise it to at least " + in_ms(least) +
                                         " (4 election_timeout_min + 2 heartbeats + the drift margin), so that a change of "
                                         "leader costs no session");
  return {};
}

}  // namespace client
}  // namespace conclave
