// The leader's proof that it leads.
//
// L1  *Rounds.* A leader's heartbeats are numbered in rounds. An echo counts only from a voter whose highest promise *is*
//     the leader's ballot; a majority of the voters of the newest configuration confirms the round and all before it. What
//     was asked before a round was sent may be answered once that is confirmed. Who asks while a round is on its way shares
//     the next one.
// L2  *Stepping down.* A leader whose newest confirmed round was sent longer ago than its adaptive timeout leads no more:
//     it steps down, and its heartbeats say so at once.
// L3  *After a pause* nothing confirmed before counts: a new round must be.
// L4  *Handing over.* A leader hands over when a majority of the voters has not been content with it for one timeout, or
//     when its own disk is unhealthy: to the best placed voter that follows it, is content and has a healthy disk. If there
//     is none, the unwanted leader steps down; the one with the sick disk goes on, and the others judge (E1).
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
