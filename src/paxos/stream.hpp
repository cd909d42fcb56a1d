// A leader's stream to one follower: everything after the follower's watermark, in the leader's ballot, in order and
// pipelined (P3). Frames fill a window; an acknowledgement moves it, a gap starts it again from there, and after silence
// it asks the follower where it stands before anything else.
#pragma once

#include <optional>
#include <vector>

#include "paxos/core.hpp"

namespace conclave::paxos {

class Stream {
 public:
  /// `watermark`: the follower's; the leader's own is as good a guess as any, the first answer corrects it.
  Stream(Slot watermark, Instant now) : acknowledged_(watermark), next_(watermark.next()), progress_(now) {}

  /// How far the follower counts (P5): known chosen, or accepted in this ballot; 0 under another incarnation (P9).
  [[nodiscard]] Slot counts_upto(Incarnation incarnation) const {
    return incarnation_ == incarnation ? acknowledged_ : Slot{0};
  }
  /// The follower's own word that it has everything up to `slot`.
  [[nodiscard]] bool has(Slot slot) const { return incarnation_ && acknowledged_ >= slot; }

  /// An Accepted in this ballot; `proposed_upto` is how far the leader has proposed.
  void on_accepted(const Accepted& accepted, Slot proposed_upto, const Log& log, Instant now);
  /// Whatever was on its way may be lost.
  void restart(Instant now);
  /// The follower shows that it misses something; if nothing is on its way, it is asked where it stands.
  void ask(Instant now) {
    if (!waiting()) restart(now);
  }
  void set_linked(bool linked, Instant now);

  /// Appends what is to be sent now: Accepts, or a notice of what was chosen.
  void pump(Ballot ballot, Slot proposed_upto, const Core& core, Instant now, std::vector<Message>& out);
  /// When to pump again although nothing happened.
  [[nodiscard]] std::optional<Instant> wakeup(const Tuning& tuning) const;

  friend bool operator==(const Stream&, const Stream&) = default;

  template <class H>
  friend void hash_append(H& h, const Stream& s) {
    h(s.incarnation_, s.acknowledged_, s.next_, s.rewound_to_, s.told_chosen_, s.sent_bytes_, s.silences_, s.probing_,
      s.asked_, s.linked_, s.progress_);
  }

 private:
  [[nodiscard]] bool waiting() const { return linked_ && (probing_ || acknowledged_.next() < next_); }
  [[nodiscard]] Instant patience(const Tuning& tuning) const { return progress_ + tuning.resend * (1 << silences_); }
  void go_on_from(Slot next, Instant now);
  Accept frame(Ballot ballot, Slot proposed_upto, const Core& core);

  /// Of the follower's answers in this ballot; none before the first, until which `acknowledged_` is a guess.
  std::optional<Incarnation> incarnation_;
  Slot acknowledged_;
  /// The next slot to send.
  Slot next_;
  /// The last gap was answered from here; frames already under way then tell the same gap again.
  Slot rewound_to_{0};
  Slot told_chosen_{0};
  /// Sent above `acknowledged_`.
  std::size_t sent_bytes_ = 0;
  /// Silences in a row: each doubles the patience.
  unsigned silences_ = 0;
  /// Sends nothing but one empty Accept until the follower answers.
  bool probing_ = false;
  bool asked_ = false;
  bool linked_ = true;
  Instant progress_;
};

}  // namespace conclave::paxos
