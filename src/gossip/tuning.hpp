// The knobs of gossip, with what each trades. The defaults suit members in one data centre or on one machine.
#pragma once

#include <chrono>
#include <cstddef>

namespace conclave::gossip {

struct Tuning {
  using milliseconds = std::chrono::milliseconds;

  /// One member is probed per period. Shorter finds a silent member sooner; traffic grows in proportion.
  milliseconds period{1000};
  /// How long a Ping waits for its Ack before others are asked to try. Above a round trip, well below `period`.
  milliseconds ack_timeout{300};
  /// How many others are asked. More forgive more lost datagrams and cut links.
  std::size_t indirect_probes{3};

  /// While there is news, this often `tell_fanout` members are told. Traffic of a change: about `fanout / interval`.
  milliseconds tell_interval{200};
  std::size_t tell_fanout{3};
  /// A rumour leaves a member `tell_factor * ceil(log10(members + 1))` times: what an epidemic needs to reach everybody.
  unsigned tell_factor{4};

  /// A suspect has `suspicion_periods * max(1, log10(members))` periods to refute once `confirmations` others agree, and
  /// `suspicion_stretch` times as long while nobody does. Shorter buries slow members alive for a while.
  unsigned suspicion_periods{3};
  unsigned suspicion_stretch{4};
  unsigned confirmations{2};

  /// Each point of bad local health adds one `period` and one `ack_timeout` to the patience with others.
  unsigned health_max{8};
  /// Being called later than this after `next_wakeup` counts as a pause. Above the timer jitter of a busy machine.
  milliseconds lag_max{100};

  /// How long a Join waits for an answer; also how often a member that knows nobody alive dials the next seed.
  milliseconds join_timeout{500};
  /// How often a lost address (a seed that is no live member, or a dead member) is dialled again.
  milliseconds redial_period{10'000};
  /// How often everything is compared with one live member; stretched with the logarithm of the size above 32.
  milliseconds exchange_period{30'000};
  /// The same after a comparison that taught something new.
  milliseconds exchange_again{2'000};
  /// How long the dead and the departed are remembered.
  std::chrono::hours forget_after{72};

  /// The most members remembered, dead ones included; the longest dead make room first.
  std::size_t members_max{16'384};
  /// The most pings run for others at a time.
  std::size_t relays_max{64};

  friend bool operator==(const Tuning&, const Tuning&) = default;

  template <class H>
  friend void hash_append(H& h, const Tuning& t) {
    h(t.period, t.ack_timeout, t.indirect_probes, t.tell_interval, t.tell_fanout, t.tell_factor, t.suspicion_periods,
      t.suspicion_stretch, t.confirmations, t.health_max, t.lag_max, t.join_timeout, t.redial_period,
      t.exchange_period, t.exchange_again, t.forget_after, t.members_max, t.relays_max);
  }
};

}  // namespace conclave::gossip
