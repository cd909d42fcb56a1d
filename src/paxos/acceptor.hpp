// The acceptor: promises (phase 1b) and accepts (phase 2b). P1: never below the highest ballot it has promised. P2: what
// it says is in the step's batch, and its answers go to `send_after`. P3: within one ballot it accepts in order.
#pragma once

#include <variant>
#include <vector>

#include "paxos/core.hpp"

namespace conclave::paxos {

/// What no honest peer sends, and why.
struct Malformed {
  const char* why;
};

class Acceptor {
 public:
  /// As the store left it.
  Acceptor(Ballot promised, const Log& log);

  [[nodiscard]] Ballot promised() const { return promised_; }
  /// Slots above the watermark up to this are accepted in `ballot`; at least the watermark (P3).
  [[nodiscard]] Slot accepted_upto(Ballot ballot, const Log& log) const;
  /// What the store holds once the step's batch is synced.
  [[nodiscard]] Stored stored(const Core& core) const;

  /// Promises `ballot`, which is at or above the promised one.
  void promise(Ballot ballot, Core& core, Effects& effects);
  /// The answer to a Prepare at or above the promised ballot: the whole report, in parts.
  [[nodiscard]] std::vector<Promise> on_prepare(const Prepare& prepare, Core& core, Effects& effects);
  /// The answer to an Accept at or above the promised ballot. Does not learn from `accept.chosen_upto`: that is the learner's.
  [[nodiscard]] std::variant<Accepted, Malformed> on_accept(Accept& accept, Core& core, Effects& effects);
  /// The leader's own acceptance: the slot that follows `accepted_upto(ballot)`.
  void accept(Ballot ballot, Slot slot, Entry entry, Core& core, Effects& effects);

  friend bool operator==(const Acceptor&, const Acceptor&) = default;

  template <class H>
  friend void hash_append(H& h, const Acceptor& acceptor) {
    h(acceptor.promised_, acceptor.accepted_in_, acceptor.accepted_upto_);
  }

 private:
  void enter(Ballot ballot, Core& core, Effects& effects);

  Ballot promised_;
  Ballot accepted_in_;
  Slot accepted_upto_;
};

}  // namespace conclave::paxos
