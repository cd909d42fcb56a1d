// What each message does. Those of a ballot below the promised one are refused (P1, P7); those that no honest peer sends
// are dropped with a trace.
#include <algorithm>
#include <utility>

#include "paxos/learner.hpp"
#include "paxos/replica.hpp"

namespace conclave::paxos {

void Replica::malformed(const MemberId& from, const char* why, Effects& effects) {
  effects.trace.push_back({"drops from " + from.to_string() + ": " + why});
}

bool Replica::refused(const MemberId& from, Ballot ballot, Effects& effects) {
  if (ballot >= acceptor_.promised()) return false;
  // It speaks of a promise, so it waits for its sync like one (P2). Without a vote nothing is answered.
  if (core_.identity.has_vote) effects.send_after.push_back({from, Refused{ballot, acceptor_.promised(), {}}});
  return true;
}

void Replica::follow(Ballot ballot, Instant now) {
  const View view(*this, now);
  if (following_.on_heard(view.around, ballot)) election_.on_decided();
}

// P6: whoever knows a later configuration sends its peer everything up to it, marked chosen; a frame at a time, as often as
// the peer shows that it needs it.
void Replica::send_configuration(const MemberId& to, Slot known, Effects& effects) {
  effects.send_now.push_back({to, lesson(core_, known.next(), core_.configurations.newest().slot)});
}

// ---- Elections ----

void Replica::on(const MemberId& from, PreVote& message, Instant, Effects&) { election_.on_pre_vote(from, message); }

void Replica::on(const MemberId& from, PreVoteReply& message, Instant now, Effects& effects) {
  const View view(*this, now);
  election_.on_pre_vote_reply(view.around, from, message);
  yield(message.promised, now, effects);
}

void Replica::on(const MemberId& from, Go& message, Instant now, Effects& effects) {
  if (from != message.ballot.member) return malformed(from, "a Go of another's ballot", effects);
  if (refused(from, message.ballot, effects)) return;
  if (message.target != core_.self() || leads() != nullptr) return;
  learn_notice(core_, message.ballot, message.watermark, effects);
  const View view(*this, now);
  election_.on_go(view.around, message);
}

// ---- Phase 1 ----

void Replica::on(const MemberId& from, Prepare& message, Instant now, Effects& effects) {
  if (from != message.ballot.member || message.ballot.is_none())
    return malformed(from, "a Prepare of another's ballot", effects);
  if (!core_.identity.has_vote) return;
  // P6: an older candidate is shown the newer configuration; from a newer one this voter first learns.
  const auto& newest = core_.configurations.newest();
  if (message.configuration.slot < newest.slot) {
    effects.send_after.push_back({from, Refused{message.ballot, acceptor_.promised(), newest}});
    return send_configuration(from, message.configuration.slot, effects);
  }
  if (message.configuration.slot > newest.slot) {
    fetch(from, message.configuration.slot, now, effects);
    return;
  }
  if (refused(from, message.ballot, effects)) return;
  yield(message.ballot, now, effects);
  const bool raised = message.ballot > acceptor_.promised();
  for (auto& part : acceptor_.on_prepare(message, core_, effects))
    effects.send_after.push_back({from, std::move(part)});
  if (!raised) return;
  effects.trace.push_back({"promises " + to_string(message.ballot)});
  const View view(*this, now);
  election_.on_promised(view.around, following_, message.ballot);
}

void Replica::on(const MemberId& from, Promise& message, Instant now, Effects& effects) {
  // P2: an answer to another life of this candidate does not count.
  if (message.boot_nonce != core_.identity.boot_nonce || message.ballot != own_ballot()) return;
  for (const auto& reported : message.reported)
    if (reported.slot.value == 0 || (reported.chosen && reported.slot > message.watermark))
      return malformed(from, "a Promise that reports more than it knows", effects);
  if (auto* leader = leads()) {
    leader->proposer.on_promise(from, std::move(message));
    return;
  }
  if (stands()->phase1.add(from, std::move(message))) progress(now);
}

void Replica::on(const MemberId& from, Refused& message, Instant now, Effects& effects) {
  if (message.ballot != own_ballot()) return;
  if (message.promised > message.ballot) return yield(message.promised, now, effects);
  if (!message.newer || stands() == nullptr) return;
  // What leads up to the newer configuration follows; then this node may stand again.
  const auto& newest = core_.configurations.newest();
  if (message.newer->slot <= newest.slot) return;
  fetch(from, message.newer->slot, now, effects);
}

// ---- Phase 2 ----

void Replica::on(const MemberId& from, Accept& message, Instant now, Effects& effects) {
  if (from != message.ballot.member || message.ballot.is_none())
    return malformed(from, "an Accept of another's ballot", effects);
  if (refused(from, message.ballot, effects)) return;
  yield(message.ballot, now, effects);
  if (!core_.identity.has_vote) return;
  auto answer = acceptor_.on_accept(message, core_, effects);
  if (const auto* why = std::get_if<Malformed>(&answer)) return malformed(from, why->why, effects);
  follow(message.ballot, now);
  learn_notice(core_, message.ballot, message.chosen_upto, effects);
  auto accepted = std::get<Accepted>(answer);
  accepted.watermark = core_.watermark();
  // P3: answers are cumulative, so the last one of a step says it all.
  if (!effects.send_after.empty() && effects.send_after.back().to == from)
    if (const auto* earlier = std::get_if<Accepted>(&effects.send_after.back().message);
        earlier != nullptr && !earlier->gap)
      effects.send_after.pop_back();
  effects.send_after.push_back({from, accepted});
}

void Replica::on(const MemberId& from, Accepted& message, Instant now, Effects&) {
  if (auto* leader = leads()) leader->proposer.on_accepted(from, message, core_, now);
}

void Replica::on(const MemberId& from, Chosen& message, Instant now, Effects& effects) {
  if (from != message.ballot.member) return malformed(from, "a notice of another's ballot", effects);
  if (refused(from, message.ballot, effects)) return;
  yield(message.ballot, now, effects);
  follow(message.ballot, now);
  learn_notice(core_, message.ballot, message.upto, effects);
}

// ---- Evidence ----

void Replica::on(const MemberId& from, Heartbeat& message, Instant now, Effects& effects) {
  if (message.leading && message.leading->member != from)
    return malformed(from, "a heartbeat of another's ballot", effects);
  peers_.on_heartbeat(from, message, now);
  const auto highest = std::max(message.promised, message.leading.value_or(Ballot{}));
  yield(highest, now, effects);
  // P6: whoever knows a later configuration passes on what leads up to it.
  if (message.configuration.slot < core_.configurations.newest().slot)
    send_configuration(from, std::max(message.configuration.slot, message.watermark), effects);

  if (auto* leader = leads()) {
    const View view(*this, now);
    if (const auto round_trip = leader->leadership.on_heartbeat(view.around, from, message))
      peers_.on_round_trip(from, *round_trip);
    // P4: an Accept raises its promise to this ballot, so that its echoes count.
    if (message.promised < leader->proposer.ballot()) leader->proposer.ask_again(from, now);
    return;
  }
  if (message.leading && !refused(from, *message.leading, effects)) {
    follow(*message.leading, now);
    // P10: what its leader knows chosen, as far as it was accepted in that ballot.
    learn_notice(core_, *message.leading, message.watermark, effects);
    beat_to(from, now, effects);
  }
  const View view(*this, now);
  following_.on_heartbeat(view.around, from, message);
  // A store without a vote gets no stream: it asks.
  if (!core_.identity.has_vote) fetch(from, message.watermark, now, effects);
}

// ---- Learning ----

void Replica::on(const MemberId& from, Fetch& message, Instant, Effects& effects) {
  if (message.from.value == 0) return malformed(from, "a Fetch of slot 0", effects);
  learners_.on_fetch(from, message, core_, effects);
}

void Replica::on(const MemberId& from, Learn& message, Instant now, Effects& effects) {
  // A leader learns by counting. What it has proposed stays one value per ballot and slot, also if a higher ballot chose
  // another one meanwhile (P7); only while it proposes nothing may it learn what its acceptors report (P6).
  if (auto* leader = leads(); leader != nullptr && leader->proposer.unfinished(core_) == nullptr) return;
  const auto known = message.watermark;
  const auto lesson = learn_entries(core_, std::move(message), effects);
  if (lesson == Lesson::malformed) return malformed(from, "a Learn of more than it knows", effects);
  if (fetcher_.on_learnt(from, core_, now, effects)) progress(now);
  if (!core_.identity.has_vote) fetch(from, known, now, effects);
}

}  // namespace conclave::paxos
