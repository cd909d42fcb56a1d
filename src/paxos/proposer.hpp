// A leader at work, phase 2: proposes again what phase 1 found, then its term-start, then what it is given (P4, P12);
// counts acceptances in order under the configuration that governs each slot (P5, P6).
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "paxos/acceptor.hpp"
#include "paxos/phase1.hpp"
#include "paxos/stream.hpp"

namespace conclave::paxos {

class Proposer {
 public:
  /// `phase1` has a majority of the voters governing W+1, and nothing below the highest reported watermark is missing.
  Proposer(Phase1 phase1, const Core& core, Instant now);

  [[nodiscard]] Ballot ballot() const { return phase1_.ballot(); }
  [[nodiscard]] Slot proposed_upto() const { return proposed_upto_; }
  [[nodiscard]] std::optional<Slot> term_start() const { return term_start_; }
  /// P12: nothing is answered before this.
  [[nodiscard]] bool term_started(const Core& core) const { return term_start_ && *term_start_ <= core.watermark(); }
  /// New values may be proposed: the term-start is, no configuration is undecided, and there is room.
  [[nodiscard]] bool can_propose(const Core& core) const;

  /// Proposes as much of what phase 1 found as the barrier allows, then the term-start.
  void resume(Core& core, Acceptor& acceptor, Effects& effects);
  /// `can_propose()` holds.
  Slot propose(std::vector<Entry> entries, Core& core, Acceptor& acceptor, Effects& effects);

  void on_accepted(const MemberId& from, const Accepted& accepted, const Core& core, Instant now);
  /// A Promise that came after this node began to lead: counts for a configuration that is yet to govern (P6).
  bool on_promise(const MemberId& from, Promise promise);
  /// Moves the watermark over all that a majority accepted in this ballot.
  void count(Core& core, Instant now, Effects& effects);
  /// The follower has everything that was proposed.
  [[nodiscard]] bool is_level(const MemberId& member) const;

  void set_linked(const MemberId& member, bool linked, Instant now);
  /// The follower says that it never saw this ballot.
  void ask_again(const MemberId& member, Instant now);
  void pump(const Core& core, Instant now, Effects& effects);
  [[nodiscard]] std::optional<Instant> wakeup(const Core& core) const;

  /// What phase 1 still has to do: a configuration is chosen that may govern only after it (P6).
  [[nodiscard]] Phase1* unfinished(const Core& core) {
    return barrier_ && *barrier_ <= core.watermark() ? &phase1_ : nullptr;
  }

  friend bool operator==(const Proposer&, const Proposer&) = default;

  template <class H>
  friend void hash_append(H& h, const Proposer& p) {
    h(p.phase1_, p.values_, p.proposed_upto_, p.barrier_, p.term_start_, p.unchosen_bytes_, p.streams_);
  }

 private:
  [[nodiscard]] bool barrier_open(const Core& core) const;
  [[nodiscard]] Slot counts_upto(const Voter& voter, const Core& core) const;
  void put(Entry entry, Core& core, Acceptor& acceptor, Effects& effects);
  void open_streams(const Core& core, Instant now);

  Phase1 phase1_;
  /// What is to be proposed again above `proposed_upto_`.
  std::map<Slot, Reported> values_;
  Slot proposed_upto_;
  /// The configuration entry above which nothing is proposed yet (P6).
  std::optional<Slot> barrier_;
  std::optional<Slot> term_start_;
  /// Of the slots above the watermark.
  std::size_t unchosen_bytes_ = 0;
  std::map<MemberId, Stream> streams_;
};

}  // namespace conclave::paxos
