// The proposer's phase 1: collects Promises for one ballot and says which value each slot must get (P4).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "paxos/core.hpp"

namespace conclave::paxos {

class Phase1 {
 public:
  /// `watermark` is the candidate's as it begins: every Prepare of this ballot states it, so that all copies of one
  /// acceptor's Promise report the same.
  Phase1(Ballot ballot, Slot watermark, Instant now) : ballot_(ballot), watermark_(watermark), asked_at_(now) {}

  [[nodiscard]] Ballot ballot() const { return ballot_; }
  [[nodiscard]] Slot watermark() const { return watermark_; }

  /// Who is to get a Prepare now: voters of `configuration` that were not asked yet; after a while all that did not answer.
  [[nodiscard]] std::vector<MemberId> to_ask(const Configuration& configuration, const Core& core, Instant now);
  /// A new link to `member`: what was sent to it may be lost.
  void ask_again(const MemberId& member) { asked_.erase(member); }
  [[nodiscard]] Instant next_wakeup(const Tuning& tuning) const { return asked_at_ + tuning.resend; }

  /// One part of a Promise for this ballot and boot. True: it completed a Promise.
  bool add(MemberId from, Promise part);
  /// The candidate's own promise is synced; its report is its log.
  void add_own(const Identity& identity) { complete_.insert_or_assign(identity.self, identity.incarnation); }
  /// Discards a holder that does not deliver: vote, report and watermark (P4). It does not count again in this ballot.
  void discard(const MemberId& member);

  /// Has answered completely, or was discarded: needs no Prepare.
  [[nodiscard]] bool heard(const MemberId& member) const;
  /// Complete Promises from a majority of the voters, under the incarnations that they vote with (P9).
  [[nodiscard]] bool has_majority_of(const Configuration& configuration) const;

  /// Who reports the highest watermark, and that; nothing when no Promise counts.
  struct Holder {
    MemberId member;
    Slot watermark;
  };
  [[nodiscard]] std::optional<Holder> furthest() const;

  /// What a complete report says; nothing when there is none.
  [[nodiscard]] std::optional<Slot> watermark_of(const MemberId& member) const;

  /// The entry that a complete report marks chosen at `slot`; null: none has it.
  [[nodiscard]] const Entry* chosen_at(Slot slot) const;

  /// Per slot above `above`, the value of the highest ballot among all complete reports and `log` (P4).
  [[nodiscard]] std::map<Slot, Reported> values(const Log& log, Slot above) const;
  /// Once all reported values are proposed only who promised still matters (P6).
  void drop_reports() { reports_.clear(); }

  friend bool operator==(const Phase1&, const Phase1&) = default;

  template <class H>
  friend void hash_append(H& h, const Phase1& phase1) {
    h(phase1.ballot_, phase1.watermark_, phase1.reports_, phase1.complete_, phase1.discarded_, phase1.asked_,
      phase1.asked_at_);
  }

 private:
  struct Report {
    Slot watermark;
    Slot first_held;
    std::uint32_t last_part = 0;
    std::map<std::uint32_t, std::vector<Reported>> parts;
    /// All parts, once they are there.
    std::vector<Reported> reported;

    friend bool operator==(const Report&, const Report&) = default;

    template <class H>
    friend void hash_append(H& h, const Report& report) {
      h(report.watermark, report.first_held, report.last_part, report.parts, report.reported);
    }
  };

  [[nodiscard]] bool is_whole(const Report& report) const;

  Ballot ballot_;
  Slot watermark_;
  std::map<MemberId, Report> reports_;
  /// Whose Promise counts, and for which incarnation.
  std::map<MemberId, Incarnation> complete_;
  std::set<MemberId> discarded_;
  std::set<MemberId> asked_;
  Instant asked_at_;
};

}  // namespace conclave::paxos
