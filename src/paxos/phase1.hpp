// The proposer's phase 1: collects Promises for one ballot and says which value each slot must get (P4).
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "paxos/core.hpp"

namespace conclave::paxos {

class Phase1 {
 public:
  explicit Phase1(Ballot ballot) : ballot_(ballot) {}

  [[nodiscard]] Ballot ballot() const { return ballot_; }

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
    h(phase1.ballot_, phase1.reports_, phase1.complete_, phase1.discarded_);
  }

 private:
  struct Report {
    Slot watermark;
    Slot first_held;
    std::uint32_t next_part = 0;
    std::uint32_t last_part = 0;
    std::vector<Reported> reported;

    [[nodiscard]] bool complete() const { return next_part > last_part; }
    friend bool operator==(const Report&, const Report&) = default;

    template <class H>
    friend void hash_append(H& h, const Report& report) {
      h(report.watermark, report.first_held, report.next_part, report.last_part, report.reported);
    }
  };

  Ballot ballot_;
  std::map<MemberId, Report> reports_;
  /// Whose Promise counts, and for which incarnation.
  std::map<MemberId, Incarnation> complete_;
  std::map<MemberId, Incarnation> discarded_;
};

}  // namespace conclave::paxos
