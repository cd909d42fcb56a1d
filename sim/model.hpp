// Multi-Paxos in a page: what acceptors hold, which ballots there are, what is chosen. Everything that is seen in a world (a
// record that became durable, a frame that leaves) must be a legal step of it. It shares no code with the engine, and
// believes nobody: a slot is chosen when a majority of the founders durably accepted it in one ballot.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "paxos/types.hpp"

namespace conclave::sim {

/// A step that is none: which check says so, and why, in one sentence with the rule.
struct Objection {
  std::string_view check;
  std::string sentence;

  friend bool operator==(const Objection&, const Objection&) = default;
};

class PaxosModel {
 public:
  using Ballot = paxos::Ballot;
  /// Stands for an entry: equal entries have equal values.
  using Value = std::uint64_t;
  using Judgement = std::optional<Objection>;

  /// What one slot of an acceptor holds; without a ballot it was learnt as chosen.
  struct Vote {
    Ballot ballot;
    Value value{};
    friend bool operator==(const Vote&, const Vote&) = default;
  };
  using Votes = std::map<Slot, Vote>;
  struct Acceptor {
    Ballot promised;
    Slot watermark;
    Votes accepted;
  };

  // ---- What became durable ----

  /// The founders vote. Every founder tells it once; the first one counts.
  [[nodiscard]] Judgement found(ClusterId cluster, const std::vector<MemberId>& founders);
  [[nodiscard]] Judgement store_promise(MemberId member, Ballot ballot, Instant now);
  [[nodiscard]] Judgement store_vote(MemberId member, Slot slot, const Vote& vote, Instant now);
  /// After each vote: whether it has made a choice.
  [[nodiscard]] Judgement count_votes(Slot slot, Ballot ballot);
  [[nodiscard]] Judgement store_watermark(MemberId member, Slot watermark);
  /// The store of `member` lost something: it holds `rest`, and what it accepted before counts only for those who knew.
  void forget(MemberId member, Acceptor rest);

  // ---- What is said ----

  /// A candidate with watermark `above` asks for promises, in the opening of its store called `nonce`.
  [[nodiscard]] Judgement prepare(MemberId from, Ballot ballot, std::uint64_t nonce, Slot above);
  /// A whole Promise leaves; `reported` is what it says.
  [[nodiscard]] Judgement promise(MemberId from, Ballot ballot, Slot watermark, const Votes& reported);
  [[nodiscard]] Judgement propose(MemberId from, Ballot ballot, Slot slot, Value value);
  /// Somebody says, or acts as if, everything up to `upto` were chosen.
  [[nodiscard]] Judgement claim_chosen(Slot upto);
  /// Somebody takes `value` for what is chosen at `slot`.
  [[nodiscard]] Judgement claim_value(Slot slot, Value value);

  // ---- Questions ----

  [[nodiscard]] const Acceptor& acceptor(MemberId member) { return acceptors_[member]; }
  /// A majority has promised it.
  [[nodiscard]] bool has_quorum(Ballot ballot) const;
  [[nodiscard]] bool is_voter(MemberId member) const;
  /// Everything up to here is chosen.
  [[nodiscard]] Slot chosen_upto() const { return chosen_upto_; }
  /// When a majority had durably promised above `ballot`; nothing: not yet.
  [[nodiscard]] std::optional<Instant> superseded(Ballot ballot) const;

 private:
  /// Sets of members are bits, by the order in which members are seen.
  using Members = std::uint64_t;

  struct Tally {
    Value value{};
    Members by{0};
    /// Those that lost it later.
    Members forgotten{0};
  };
  struct Candidacy {
    std::optional<std::uint64_t> nonce;
    Slot above;
    /// What each one that promised had accepted in lower ballots: it can never accept more below this one.
    std::map<MemberId, Votes> promises;
    std::map<Slot, Value> proposed;
  };

  [[nodiscard]] Members bit(MemberId member);
  [[nodiscard]] bool is_majority(Members members) const;
  [[nodiscard]] bool has_quorum(const Candidacy& candidacy) const;
  [[nodiscard]] bool is_safe(const Candidacy& candidacy, Ballot ballot, Slot slot, Value value) const;
  [[nodiscard]] Votes votes_below(MemberId member, Ballot ballot, Slot above);
  [[nodiscard]] Judgement count(Slot slot, Ballot ballot, const Tally& tally, Members members);
  void note_promises(Instant now);

  std::optional<ClusterId> cluster_;
  std::vector<MemberId> founders_;
  Members voters_{0};
  std::map<MemberId, Members> bits_;
  std::map<MemberId, Acceptor> acceptors_;
  std::map<Ballot, Candidacy> candidacies_;
  std::map<Slot, std::map<Ballot, Tally>> tallies_;
  /// With the ballot in which a majority accepted it first.
  Votes chosen_;
  Slot chosen_upto_;
  /// Since when a majority has promised so high.
  std::map<Ballot, Instant> majorities_;
};

[[nodiscard]] std::string to_string(const PaxosModel::Vote& vote);

}  // namespace conclave::sim
