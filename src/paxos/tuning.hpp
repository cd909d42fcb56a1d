// What may be turned without touching safety: times, frame and window sizes. Tiny values are for simulation.
#pragma once

#include <chrono>
#include <cstddef>

#include <conclave/types.hpp>

namespace conclave::paxos {

struct Tuning {
  /// How often a voter speaks to every other one when there is nothing else to say. Shorter notices silence sooner and
  /// costs idle traffic: about 2 (n - 1) / heartbeat messages a second and voter.
  BootClock::duration heartbeat = std::chrono::milliseconds(50);
  /// Bounds of the adaptive timeout, `SilenceTimeout::timeout`. At least 3 heartbeats. A lower `min` fails over sooner from
  /// a silent leader and elects in vain on a stalling machine; a lower `max` does so on a lossy network. `max` also bounds
  /// for how long a leader without a quorum may think that it leads.
  BootClock::duration election_timeout_min = std::chrono::milliseconds(150);
  BootClock::duration election_timeout_max = std::chrono::milliseconds(1000);
  /// How fast a bad stretch of the network is forgotten: its weight in the adaptive timeout halves in this time. Longer
  /// avoids false elections under rare, heavy loss, and fails over later for a while after every hiccup.
  BootClock::duration timeout_memory = std::chrono::seconds(10);
  /// Each better placed voter that looks alive delays a candidacy by this plus a round trip (E6). Shorter fails over faster
  /// when the better placed do not stand; too short, and candidates collide.
  BootClock::duration rank_step = std::chrono::milliseconds(2);
  /// How long voters let one candidate try before they help another (E7); also the first back-off after a vain attempt.
  BootClock::duration turn = std::chrono::milliseconds(50);
  /// A closed link that could not be opened again for so long is doubt enough to grant a pre-vote, not to stand (E4).
  BootClock::duration probe_wait = std::chrono::milliseconds(20);
  /// Waking up later than asked by at least this much is a pause of this process (E10). Shorter makes a leader prove itself
  /// after smaller stalls, too: one more round.
  BootClock::duration pause_min = std::chrono::milliseconds(25);
  /// Without progress for so long, a stream or a Prepare is tried again.
  BootClock::duration resend = std::chrono::milliseconds(100);
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
    h(t.heartbeat, t.election_timeout_min, t.election_timeout_max, t.timeout_memory, t.rank_step, t.turn, t.probe_wait,
      t.pause_min, t.resend, t.handover_timeout, t.frame_bytes_max, t.frame_entries_max,
      t.window_bytes_max, t.window_entries_max, t.unchosen_bytes_max, t.unchosen_entries_max, t.report_chosen_bytes_max);
  }
};

}  // namespace conclave::paxos
