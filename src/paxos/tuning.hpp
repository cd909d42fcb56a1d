// What may be turned without touching safety: times, frame and window sizes. Tiny values are for simulation.
#pragma once

#include <chrono>
#include <cstddef>

#include <conclave/types.hpp>

namespace conclave::paxos {

struct Tuning {
  /// How often voters speak when there is nothing else to say.
  BootClock::duration heartbeat = std::chrono::milliseconds(50);
  /// The adaptive election timeout stays within these.
  BootClock::duration election_timeout_min = std::chrono::milliseconds(150);
  BootClock::duration election_timeout_max = std::chrono::milliseconds(1000);
  /// Without progress for so long, a stream, a Prepare, a fetch is tried again or given up.
  BootClock::duration resend = std::chrono::milliseconds(100);
  BootClock::duration fetch_timeout = std::chrono::milliseconds(300);
  BootClock::duration handover_timeout = std::chrono::milliseconds(500);

  /// One Accept, Learn or part of a Promise carries about so much; a single larger entry goes alone.
  std::size_t frame_bytes_max = std::size_t{256} << 10;
  std::size_t frame_entries_max = 1024;
  /// Sent to one follower and not yet acknowledged.
  std::size_t window_bytes_max = std::size_t{4} << 20;
  std::size_t window_entries_max = 8192;
  /// Proposed and not yet chosen; beyond it `propose` declines.
  std::size_t unchosen_bytes_max = std::size_t{16} << 20;
  std::size_t unchosen_entries_max = 32768;
  /// Chosen entries that one Promise reports in full; the rest is fetched (P4).
  std::size_t report_chosen_bytes_max = std::size_t{4} << 20;

  friend bool operator==(const Tuning&, const Tuning&) = default;

  template <class H>
  friend void hash_append(H& h, const Tuning& t) {
    h(t.heartbeat, t.election_timeout_min, t.election_timeout_max, t.resend, t.fetch_timeout, t.handover_timeout,
      t.frame_bytes_max, t.frame_entries_max, t.window_bytes_max, t.window_entries_max, t.unchosen_bytes_max,
      t.unchosen_entries_max, t.report_chosen_bytes_max);
  }
};

}  // namespace conclave::paxos
