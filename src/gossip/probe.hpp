// The failure detector: pings one member per period, asks others when it does not answer, pings for others, and keeps
// count of this node's own health (SWIM, section 3; Lifeguard, LHA-Probe).
#pragma once

#include <map>
#include <optional>

#include <conclave/types.hpp>

#include "base/prng.hpp"
#include "gossip/step.hpp"

namespace conclave::gossip {

class Detector {
 public:
  Detector(const Tuning& tuning, Prng prng, Instant now);

  void on_ping(Step step, const Address& from, MemberId sender, const Ping& ping);
  void on_ping_request(Step step, const Address& from, MemberId sender, const PingRequest& request);
  void on_ack(Step step, const Ack& ack);
  void on_nack(const Nack& nack);
  void on_tick(Step step);

  /// This process was not running: whatever it waited for says nothing of others (G6).
  void on_pause(const Tuning& tuning, Instant now);

  /// This node is accused itself: it may be the one that is slow.
  void on_accused(const Tuning& tuning) { worsen(tuning, 1); }

  /// `span`, stretched by bad local health: a slow node must be patient with others.
  [[nodiscard]] BootClock::duration patience(BootClock::duration span) const { return span * (1 + health_); }

  /// 0: well; up to `Tuning::health_max`.
  [[nodiscard]] unsigned health() const { return health_; }

  /// A ping of this node has no answer yet.
  [[nodiscard]] bool is_waiting() const { return probe_.has_value(); }
  [[nodiscard]] Instant next_wakeup() const;

  friend bool operator==(const Detector&, const Detector&) = default;

  template <class H>
  friend void hash_append(H& h, const Detector& d) {
    h(d.prng_, d.health_, d.probe_, d.relays_, d.next_at_);
  }

 private:
  /// The ping in flight; gone as soon as it is answered.
  struct Probe {
    MemberId target;
    std::uint64_t number{0};
    Instant ask_others_at;
    bool asked{false};
    /// Others that were asked and have said nothing yet.
    std::size_t silent_helpers{0};

    friend bool operator==(const Probe&, const Probe&) = default;

    template <class H>
    friend void hash_append(H& h, const Probe& p) {
      h(p.target, p.number, p.ask_others_at, p.asked, p.silent_helpers);
    }
  };

  /// A ping for somebody else, by the number of our own Ping.
  struct Relay {
    Address asker_address;
    MemberId asker;
    std::uint64_t number{0};
    Instant deadline;

    friend bool operator==(const Relay&, const Relay&) = default;

    template <class H>
    friend void hash_append(H& h, const Relay& r) {
      h(r.asker_address, r.asker, r.number, r.deadline);
    }
  };

  void ask_others(Step& step);
  void conclude(Step& step);
  void begin(Step& step);
  void give_up_relays(Step& step);
  void worsen(const Tuning& tuning, std::size_t points);

  Prng prng_;
  unsigned health_{0};
  std::optional<Probe> probe_;
  std::map<std::uint64_t, Relay> relays_;
  /// When the present period ends.
  Instant next_at_;
};

}  // namespace conclave::gossip
