// A suspicion: how long a silent member has to refute, which shrinks as others agree (Dadgar, Phillips, Currey:
// "Lifeguard", 2018, LHA-Suspicion) and with hard evidence.
#pragma once

#include <map>
#include <optional>

#include <conclave/types.hpp>

#include "gossip/message.hpp"
#include "gossip/tuning.hpp"

namespace conclave::gossip {

/// A value; bounded: it remembers no more accusers than it needs.
class Suspicion {
 public:
  /// `live` members, this one and the suspect included, give the base of the time to refute.
  Suspicion(const Tuning& tuning, std::size_t live, Instant now);

  /// Somebody accuses. True if this is news that others should hear, too.
  bool confirm(MemberId accuser, Evidence evidence, Instant now);

  /// Somebody's own suspicion has run out: counts as agreement of all (G7). True if that is news.
  bool confirm_fully(Instant now);

  /// This process was deaf for `gap`: the suspect gets that back, and nothing runs out before `earliest` (G6).
  void postpone(BootClock::duration gap, Instant earliest);

  /// When the suspect is dead unless it refutes.
  [[nodiscard]] Instant deadline() const;

  /// How long a suspect of whom all agree has.
  [[nodiscard]] static BootClock::duration timeout_min(const Tuning& tuning, std::size_t live);

  friend bool operator==(const Suspicion&, const Suspicion&) = default;

  template <class H>
  friend void hash_append(H& h, const Suspicion& s) {
    h(s.timeout_min_, s.timeout_max_, s.period_, s.wanted_, s.accusers_, s.agreed_, s.started_, s.refused_at_,
      s.earliest_);
  }

 private:
  [[nodiscard]] std::size_t refusals() const;

  BootClock::duration timeout_min_;
  BootClock::duration timeout_max_;
  BootClock::duration period_;
  /// How many others have to agree for the shortest time.
  std::size_t wanted_;
  std::map<MemberId, Evidence> accusers_;
  bool agreed_{false};
  Instant started_;
  /// When the second member saw a refusal (G8).
  std::optional<Instant> refused_at_;
  /// A deadline does not move into the past: to be late for it would look like a pause.
  Instant earliest_{};
};

}  // namespace conclave::gossip
