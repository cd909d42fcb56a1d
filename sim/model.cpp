#include "sim/model.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace conclave::sim {
namespace {

using paxos::to_string;

std::string text(Slot slot) { return "slot " + std::to_string(slot.value); }

}  // namespace

std::string to_string(const PaxosModel::Vote& vote) {
  return vote.ballot.is_none() ? "a chosen value" : "a value of " + to_string(vote.ballot);
}

// ---- Members ----

PaxosModel::Members PaxosModel::bit(MemberId member) {
  return bits_.try_emplace(member, Members{1} << (bits_.size() % 64)).first->second;
}

bool PaxosModel::is_majority(Members members) const {
  return founders_.size() < 2 * static_cast<std::size_t>(std::popcount(members));
}

bool PaxosModel::is_voter(MemberId member) const { return std::ranges::find(founders_, member) != founders_.end(); }

PaxosModel::Judgement PaxosModel::found(ClusterId cluster, const std::vector<MemberId>& founders) {
  if (!cluster_) {
    cluster_ = cluster;
    founders_ = founders;
    for (const auto& founder : founders) voters_ |= bit(founder);
  }
  if (cluster == *cluster_ && founders == founders_) return {};
  return Objection{"one-founding",
                   "a store commits to another cluster, or to other founders, than those before it (F3)"};
}

// ---- What became durable ----

PaxosModel::Judgement PaxosModel::store_promise(MemberId member, Ballot ballot, Instant now) {
  auto& promised = acceptors_[member].promised;
  const auto before = std::exchange(promised, std::max(promised, ballot));
  note_promises(now);
  if (ballot >= before) return {};
  return Objection{"promises-only-rise",
                   "its disk promises " + to_string(ballot) + " after it promised " + to_string(before) + " (P1)"};
}

PaxosModel::Judgement PaxosModel::store_vote(MemberId member, Slot slot, const Vote& vote, Instant now) {
  auto& acceptor = acceptors_[member];
  const bool follows = slot == Slot{1} || acceptor.accepted.empty() || acceptor.accepted.contains(slot.previous());
  acceptor.accepted.insert_or_assign(slot, vote);
  if (vote.ballot.is_none()) return claim_value(slot, vote.value);

  const auto promised = std::exchange(acceptor.promised, std::max(acceptor.promised, vote.ballot));
  note_promises(now);
  // It counts, whatever there is against it: otherwise nobody would see what comes of it.
  auto& tally = tallies_[slot][vote.ballot];
  if (tally.by == 0) tally.value = vote.value;
  if (tally.value == vote.value) tally.by |= bit(member);

  const auto what = to_string(vote.ballot) + " at " + text(slot);
  if (vote.ballot < promised)
    return Objection{"no-accept-below-a-promise",
                     "its disk accepts " + what + " after it promised " + to_string(promised) + " (P1)"};
  if (!follows) return Objection{"no-holes", "its disk accepts " + what + " and holds nothing at the slot before (P3)"};

  auto& proposed = candidacies_[vote.ballot].proposed;
  const auto found = proposed.find(slot);
  if (found == proposed.end()) {
    if (member != vote.ballot.member)
      return Objection{"no-invention", "its disk accepts " + what + ", which nobody has proposed (P2)"};
    // A leader's own vote may be the first that is seen of its proposal.
    return propose(member, vote.ballot, slot, vote.value);
  }
  if (found->second == vote.value) return {};
  return Objection{"one-value-per-ballot-and-slot", "its disk accepts a second value in " + what + " (P3)"};
}

PaxosModel::Judgement PaxosModel::count_votes(Slot slot, Ballot ballot) {
  const auto& tally = tallies_[slot][ballot];
  return count(slot, ballot, tally, tally.by & ~tally.forgotten);
}

PaxosModel::Judgement PaxosModel::store_watermark(MemberId member, Slot watermark) {
  acceptors_[member].watermark = watermark;
  return claim_chosen(watermark);
}

void PaxosModel::forget(MemberId member, Acceptor rest) {
  const auto lost = bit(member);
  for (auto slot = tallies_.upper_bound(chosen_upto_); slot != tallies_.end(); ++slot)
    for (auto& [ballot, tally] : slot->second) {
      const auto held = rest.accepted.find(slot->first);
      if ((tally.by & lost) != 0 && (held == rest.accepted.end() || held->second.ballot != ballot))
        tally.forgotten |= lost;
    }
  acceptors_[member] = std::move(rest);
}

PaxosModel::Judgement PaxosModel::count(Slot slot, Ballot ballot, const Tally& tally, Members members) {
  if (!is_majority(members & voters_)) return {};
  const auto [chosen, fresh] = chosen_.try_emplace(slot, Vote{ballot, tally.value});
  while (chosen_.contains(chosen_upto_.next())) ++chosen_upto_;
  if (fresh || chosen->second.value == tally.value) return {};
  return Objection{"chosen-once", "a majority has durably accepted a second value at " + text(slot) + " (P5)"};
}

void PaxosModel::note_promises(Instant now) {
  std::vector<Ballot> promised;
  for (const auto& founder : founders_) promised.push_back(acceptors_[founder].promised);
  if (promised.empty()) return;
  const auto at = promised.begin() + static_cast<std::ptrdiff_t>(promised.size() / 2);
  std::ranges::nth_element(promised, at, std::greater<>());
  if (majorities_.empty() || *at > majorities_.rbegin()->first) majorities_.emplace(*at, now);
}

std::optional<Instant> PaxosModel::superseded(Ballot ballot) const {
  const auto found = majorities_.upper_bound(ballot);
  return found == majorities_.end() ? std::nullopt : std::optional(found->second);
}

// ---- Phase 1 ----

PaxosModel::Votes PaxosModel::votes_below(MemberId member, Ballot ballot, Slot above) {
  Votes votes;
  const auto& accepted = acceptors_[member].accepted;
  for (auto at = accepted.upper_bound(above); at != accepted.end(); ++at)
    if (at->second.ballot < ballot) votes.insert(*at);
  return votes;
}

PaxosModel::Judgement PaxosModel::prepare(MemberId from, Ballot ballot, std::uint64_t nonce, Slot above) {
  if (ballot.member != from)
    return Objection{"one-owner-per-ballot", "it stands in " + to_string(ballot) + ", which is another's (P2)"};
  auto& candidacy = candidacies_[ballot];
  if (candidacy.nonce.value_or(nonce) != nonce)
    return Objection{"no-ballot-twice", "it stands in " + to_string(ballot) + " as it did before its restart (P2)"};
  candidacy.nonce = nonce;
  candidacy.above = above;
  candidacy.promises.try_emplace(from, votes_below(from, ballot, above));
  if (acceptors_[from].promised >= ballot) return {};
  return Objection{"said-implies-stored",
                   "it asks for promises in " + to_string(ballot) + ", and has not stored its own (P2)"};
}

PaxosModel::Judgement PaxosModel::promise(MemberId from, Ballot ballot, Slot watermark, const Votes& reported) {
  const auto& acceptor = acceptors_[from];
  auto& candidacy = candidacies_[ballot];
  const auto held = votes_below(from, ballot, std::max(candidacy.above, watermark));
  if (const auto [place, fresh] = candidacy.promises.try_emplace(from, held); fresh)
    for (const auto& [slot, vote] : reported)  // what a later ballot has replaced on the disk since
      if (const auto [at, added] = place->second.try_emplace(slot, vote); !added && at->second.ballot < vote.ballot)
        at->second = vote;

  if (acceptor.promised < ballot)
    return Objection{"said-implies-stored", "it promises " + to_string(ballot) + ", and its disk knows " +
                                                to_string(acceptor.promised) + " (P2)"};
  for (const auto& [slot, vote] : reported) {
    const auto found = acceptor.accepted.find(slot);
    if (found == acceptor.accepted.end() || (found->second.ballot <= vote.ballot && found->second != vote))
      return Objection{"said-implies-stored",
                       "it reports " + to_string(vote) + " at " + text(slot) + ", which its disk does not hold (P2)"};
  }
  for (const auto& [slot, vote] : held)
    if (!reported.contains(slot))
      return Objection{"a-report-is-whole", "its promise of " + to_string(ballot) + " is silent about " +
                                                to_string(vote) + " at " + text(slot) + " (P4)"};
  return {};
}

bool PaxosModel::has_quorum(const Candidacy& candidacy) const {
  const auto counted =
      std::ranges::count_if(founders_, [&](const auto& founder) { return candidacy.promises.contains(founder); });
  return founders_.size() < 2 * static_cast<std::size_t>(counted);
}

// P4: some majority of those that promised allows the value: none of it holds anything in the slot, or the highest that it
// holds is this one.
bool PaxosModel::is_safe(const Candidacy& candidacy, Ballot ballot, Slot slot, Value value) const {
  // A deposed leader may still propose in its ballot; whoever comes after the choice may not.
  const auto chosen = chosen_.find(slot);
  if (chosen != chosen_.end() && chosen->second.ballot < ballot) return chosen->second.value == value;
  std::vector<std::optional<Vote>> held;
  for (const auto& founder : founders_) {
    const auto promise = candidacy.promises.find(founder);
    if (promise == candidacy.promises.end()) continue;
    const auto vote = promise->second.find(slot);
    held.push_back(vote == promise->second.end() ? std::nullopt : std::optional(vote->second));
  }
  const auto suffices = [&](auto allows) {
    return founders_.size() < 2 * static_cast<std::size_t>(std::ranges::count_if(held, allows));
  };
  if (suffices([](const auto& vote) { return !vote; })) return true;
  return std::ranges::any_of(held, [&](const auto& highest) {
    return highest && highest->value == value &&
           suffices([&](const auto& vote) { return !vote || vote->ballot < highest->ballot || vote == highest; });
  });
}

// ---- Phase 2 ----

bool PaxosModel::has_quorum(Ballot ballot) const {
  const auto found = candidacies_.find(ballot);
  return found != candidacies_.end() && has_quorum(found->second);
}

PaxosModel::Judgement PaxosModel::propose(MemberId from, Ballot ballot, Slot slot, Value value) {
  const auto what = [&] { return to_string(ballot) + " at " + text(slot); };
  if (ballot.member != from)
    return Objection{"one-owner-per-ballot", "it proposes in " + to_string(ballot) + ", which is another's (P2)"};
  auto& candidacy = candidacies_[ballot];
  const auto [found, fresh] = candidacy.proposed.try_emplace(slot, value);
  if (!fresh && found->second == value) return {};
  if (!fresh) return Objection{"one-value-per-ballot-and-slot", "it proposes a second value in " + what() + " (P3)"};
  // A cluster of one asks nobody.
  if (acceptors_[from].promised >= ballot)
    candidacy.promises.try_emplace(from, votes_below(from, ballot, chosen_upto_));
  if (!has_quorum(candidacy))
    return Objection{"no-proposal-without-a-quorum", "it proposes in " + what() + " with " +
                                                         std::to_string(candidacy.promises.size()) + " promises (P4)"};
  if (!is_safe(candidacy, ballot, slot, value))
    return Objection{"adoption-of-the-highest",
                     "it proposes in " + what() + " another value than the highest that was accepted (P4)"};
  return {};
}

PaxosModel::Judgement PaxosModel::claim_chosen(Slot upto) {
  while (chosen_upto_ < upto) {
    const auto slot = chosen_upto_.next();
    bool by_strangers = false;
    for (const auto& [ballot, tally] : tallies_[slot]) {
      // Whoever counted an acceptor before that lost its vote was right to.
      if (auto objection = count(slot, ballot, tally, tally.by)) return objection;
      by_strangers |= is_majority(tally.by);
    }
    if (chosen_upto_ >= slot) continue;
    if (by_strangers)
      return Objection{"non-members-never-count",
                       "it takes " + text(slot) + " for chosen with votes of members that have none (P6)"};
    return Objection{
        "chosen-by-a-majority",
        "it takes " + text(slot) + " for chosen, which no majority has durably accepted in one ballot (P5)"};
  }
  return {};
}

PaxosModel::Judgement PaxosModel::claim_value(Slot slot, Value value) {
  if (auto objection = claim_chosen(slot)) return objection;
  if (chosen_.at(slot).value == value) return {};
  return Objection{"applied-is-chosen",
                   "it takes another value for chosen at " + text(slot) + " than the one that is (P10)"};
}

}  // namespace conclave::sim
