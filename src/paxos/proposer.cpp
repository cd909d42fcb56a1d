// Proposing and counting.
#include "paxos/proposer.hpp"

#include <algorithm>
#include <utility>

#include "base/invariant.hpp"
#include "paxos/entry.hpp"
#include "paxos/learner.hpp"

namespace conclave::paxos {

Proposer::Proposer(Phase1 phase1, const Core& core, Instant now)
    : phase1_(std::move(phase1)),
      values_(phase1_.values(core.log, core.watermark())),
      proposed_upto_(core.watermark()) {
  open_streams(core, now);
}

bool Proposer::can_propose(const Core& core) const {
  const auto& tuning = core.tuning;
  return term_start_ && !barrier_ && unchosen_bytes_ < tuning.unchosen_bytes_max &&
         proposed_upto_ - core.watermark() < tuning.unchosen_entries_max;
}

void Proposer::put(Entry entry, Core& core, Acceptor& acceptor, Effects& effects) {
  // P6: nothing is proposed above an undecided configuration.
  CONCLAVE_INVARIANT(!barrier_, *barrier_);
  ++proposed_upto_;
  unchosen_bytes_ += wire_bytes(entry);
  if (entry.kind == EntryKind::configuration) barrier_ = proposed_upto_;
  acceptor.accept(ballot(), proposed_upto_, std::move(entry), core, effects);
}

bool Proposer::barrier_open(const Core& core) const {
  // P6: chosen, and synced as such; then the new set's Promises with their reports, and what these say is chosen.
  if (*barrier_ > core.watermark() || *barrier_ > core.durable.synced().watermark) return false;
  const auto furthest = phase1_.furthest();
  return phase1_.has_majority_of(core.governing().configuration) &&
         (!furthest || furthest->watermark <= core.watermark());
}

void Proposer::resume(Core& core, Acceptor& acceptor, Effects& effects) {
  while (true) {
    proposed_upto_ = std::max(proposed_upto_, core.watermark());
    if (barrier_) {
      if (!barrier_open(core)) return;
      barrier_.reset();
      if (!term_start_) values_ = phase1_.values(core.log, proposed_upto_);
    }
    values_.erase(values_.begin(), values_.upper_bound(proposed_upto_));
    if (values_.empty()) break;
    // P4: the value of the highest ballot with its old stamp, a no-op where nobody reported any.
    const auto found = values_.begin();
    Entry entry;
    if (found->first == proposed_upto_.next()) {
      entry = std::move(found->second.entry);
      values_.erase(found);
    }
    put(std::move(entry), core, acceptor, effects);
  }
  if (term_start_) return;
  // P12. New values only above all that was found (P4); no stamp is below the greatest of the log.
  put({EntryKind::term_start, core.log.greatest_stamp(), encode(TermStart{ballot()})}, core, acceptor, effects);
  term_start_ = proposed_upto_;
  phase1_.drop_reports();
}

Slot Proposer::propose(std::vector<Entry> entries, Core& core, Acceptor& acceptor, Effects& effects) {
  const auto first = proposed_upto_.next();
  for (auto& entry : entries) put(std::move(entry), core, acceptor, effects);
  return first;
}

void Proposer::on_accepted(const MemberId& from, const Accepted& accepted, const Core& core, Instant now) {
  const auto stream = streams_.find(from);
  if (stream == streams_.end() || accepted.ballot != ballot()) return;
  stream->second.on_accepted(accepted, proposed_upto_, core.log, now);
}

bool Proposer::on_promise(const MemberId& from, Promise promise) {
  const bool completed = phase1_.add(from, std::move(promise));
  if (term_start_) phase1_.drop_reports();
  return completed;
}

Slot Proposer::counts_upto(const Voter& voter, const Core& core) const {
  if (voter.member != core.self()) {
    const auto stream = streams_.find(voter.member);
    return stream == streams_.end() ? Slot{0} : stream->second.counts_upto(voter.incarnation);
  }
  // P2: the leader's own vote counts once its write is on disk.
  const auto& synced = core.durable.synced();
  if (!core.identity.has_vote || voter.incarnation != core.identity.incarnation) return Slot{0};
  return synced.accepted_in == ballot() ? std::max(synced.accepted_upto, synced.watermark) : synced.watermark;
}

void Proposer::count(Core& core, Instant now, Effects& effects) {
  while (true) {
    const auto placed = core.governing().slot;
    const auto reached =
        majority_reached(core.governing().configuration, [&](const Voter& voter) { return counts_upto(voter, core); });
    const auto upto = std::min(reached, proposed_upto_);
    if (upto <= core.watermark()) return;
    // P6: a configuration is the last that is proposed, so one configuration governs all of these slots.
    CONCLAVE_INVARIANT(core.configurations.governing(upto).slot == placed, upto, placed);
    for (auto slot = core.watermark().next(); slot <= upto; ++slot)
      unchosen_bytes_ -= std::min(unchosen_bytes_, wire_bytes(core.log.at(slot)->entry));
    choose(core, upto, effects);
    open_streams(core, now);
  }
}

void Proposer::open_streams(const Core& core, Instant now) {
  const auto open = [&](const Configuration& configuration) {
    for (const auto& voter : configuration.voters)
      if (voter.member != core.self())
        streams_.try_emplace(voter.member, phase1_.watermark_of(voter.member).value_or(core.watermark()), now);
  };
  open(core.governing().configuration);
  open(core.configurations.newest().configuration);
}

bool Proposer::is_level(const MemberId& member) const {
  const auto stream = streams_.find(member);
  return stream != streams_.end() && stream->second.has(proposed_upto_);
}

void Proposer::set_linked(const MemberId& member, bool linked, Instant now) {
  const auto stream = streams_.find(member);
  if (stream != streams_.end()) stream->second.set_linked(linked, now);
}

void Proposer::ask_again(const MemberId& member, Instant now) {
  const auto stream = streams_.find(member);
  if (stream != streams_.end()) stream->second.ask(now);
}

void Proposer::pump(const Core& core, Instant now, Effects& effects) {
  std::vector<Message> messages;
  for (auto& [member, stream] : streams_) {
    messages.clear();
    stream.pump(ballot(), proposed_upto_, core, now, messages);
    for (auto& message : messages) effects.send_now.push_back({member, std::move(message)});
  }
}

std::optional<Instant> Proposer::wakeup(const Core& core) const {
  std::optional<Instant> first;
  const auto consider = [&first](std::optional<Instant> at) {
    if (at && (!first || *at < *first)) first = at;
  };
  for (const auto& [member, stream] : streams_) consider(stream.wakeup(core.tuning));
  if (barrier_ && *barrier_ <= core.watermark()) consider(phase1_.next_wakeup(core.tuning));
  return first;
}

}  // namespace conclave::paxos
