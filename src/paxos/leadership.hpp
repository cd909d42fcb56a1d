// The leader's proof that it leads: rounds of heartbeats that a majority echoes (L1), and what follows when they are
// not echoed (L2), after a pause (L3), or when the voters want another leader (L4). It judges; the replica acts.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <optional>

#include "paxos/surroundings.hpp"

namespace conclave::paxos {

/// A confirmed round: the sender led at `sent`.
struct Confirmed {
  RoundTrip round;
  Instant sent;

  friend bool operator==(const Confirmed&, const Confirmed&) = default;

  template <class H>
  friend void hash_append(H& h, const Confirmed& c) {
    h(c.round, c.sent);
  }
};

class Leadership {
 public:
  /// `last` is the newest round this node has numbered, in this term or before.
  Leadership(Ballot ballot, RoundTrip last, Instant now);

  [[nodiscard]] const Ballot& ballot() const { return ballot_; }

  /// The number of the round that will prove what is asked now. It leaves with the next call of `due`, or after the one on
  /// its way.
  RoundTrip request();
  /// A round to be sent at once: one was requested, and none is on its way.
  [[nodiscard]] bool due() const { return requested_ > last_ && last_ <= std::max(confirmed_.round, must_exceed_); }
  /// The owner sends the next round to all voters now; its number.
  RoundTrip send(Instant now);
  /// What a voter's heartbeat says; its round trip, when that can be told.
  std::optional<Duration> on_heartbeat(const Surroundings& s, const MemberId& from, const Heartbeat& heartbeat);
  /// Counts (L1): the newest confirmed round, if that is news.
  [[nodiscard]] std::optional<Confirmed> count(const Surroundings& s);
  /// L3.
  void on_pause(Duration pause);

  /// L2.
  [[nodiscard]] bool lost_quorum(const Surroundings& s) const;
  /// L4: for one timeout now a majority has not been content.
  [[nodiscard]] bool unwanted(const Surroundings& s) const;
  /// L4: whom to hand over to.
  [[nodiscard]] std::optional<MemberId> successor(const Surroundings& s) const;

  /// The newest one; nothing before the first and between a pause and the round that follows it.
  [[nodiscard]] std::optional<Confirmed> confirmed() const;
  /// When `lost_quorum` or `unwanted` may become true without anything being heard.
  [[nodiscard]] Instant next_wakeup(const Surroundings& s) const;

  friend bool operator==(const Leadership&, const Leadership&) = default;

  template <class H>
  friend void hash_append(H& h, const Leadership& l) {
    h(l.ballot_, l.first_, l.last_, l.requested_, l.sent_, l.echoed_, l.confirmed_, l.proven_, l.proof_, l.must_exceed_,
      l.discontent_since_);
  }

 private:
  [[nodiscard]] Duration timeout(const Surroundings& s) const;
  [[nodiscard]] bool majority_discontent(const Surroundings& s) const;

  Ballot ballot_;
  /// The newest round before this term: nothing of this term is at or below it.
  RoundTrip first_;
  RoundTrip last_;
  RoundTrip requested_;
  /// Rounds that may still be echoed, or whose echo measures a round trip.
  std::deque<Confirmed> sent_;
  std::map<MemberId, RoundTrip> echoed_;
  Confirmed confirmed_;
  /// When that was sent, later by the pauses since (E10): L2 counts from here.
  Instant proven_;
  /// Listens for confirmations.
  SilenceTimeout proof_;
  /// L3: rounds up to this one prove nothing any more.
  RoundTrip must_exceed_;
  std::optional<Instant> discontent_since_;
};

}  // namespace conclave::paxos
