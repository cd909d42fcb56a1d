// Becoming a candidate and a leader, and ceasing to be one.
#include <algorithm>
#include <utility>

#include "paxos/learner.hpp"
#include "paxos/replica.hpp"

namespace conclave::paxos {

// ---- Phase 1 ----

void Replica::stand(const Stand& stand, Instant now, Effects& effects) {
  reason_ = stand.loss ? to_string(*stand.loss) : std::string("told to by the leader");
  fetcher_.stop();
  // P2: the own promise joins the batch that is synced before the Prepares, in `send_after`, leave.
  acceptor_.promise(stand.ballot, core_, effects);
  role_ = Candidate{Phase1(stand.ballot, core_.watermark(), now)};
  effects.trace.push_back({"stands with " + to_string(stand.ballot) + ": " + reason_});
}

// Moves phase 1 on. True: a majority promised, and all that it knows chosen is known here.
bool Replica::drive(Phase1& phase1, Instant now, Effects& effects) {
  // P2: the own Promise counts once it is on disk.
  if (core_.durable.synced().promised == phase1.ballot() && core_.votes_in(core_.governing().configuration))
    phase1.add_own(core_.identity);
  const auto furthest = phase1.furthest();
  while (furthest && core_.watermark() < furthest->watermark) {
    const auto* chosen = phase1.chosen_at(core_.watermark().next());
    if (chosen == nullptr) break;
    const auto slot = core_.watermark().next();
    learn_entries(core_, {slot, {*chosen}, slot}, effects);
  }
  // P4: asked is who governs the next slot to propose at; what was just learnt may have changed that.
  const auto& governing = core_.governing();
  for (const auto& member : phase1.to_ask(governing.configuration, core_, now))
    effects.send_after.push_back({member, Prepare{phase1.ballot(), phase1.watermark(),
                                                  core_.configurations.newest().ref(), core_.identity.boot_nonce}});
  if (!phase1.has_majority_of(governing.configuration)) return false;
  // P6: that a configuration is chosen is synced before it is used.
  if (governing.slot > core_.durable.synced().watermark) return false;
  if (!furthest || furthest->watermark <= core_.watermark()) return true;
  fetch(furthest->member, furthest->watermark, now, effects);
  return false;
}

void Replica::fetch(const MemberId& holder, Slot upto, Instant now, Effects& effects) {
  if (fetcher_.busy() || upto <= core_.watermark()) return;
  const View view(*this, now);
  fetcher_.start(holder, upto, following_.timeout(view.around), core_, now, effects);
  progress(now);
}

// P4: a holder that does not deliver within a timeout is discarded whole; a majority of the rest suffices.
void Replica::give_up_fetching(Instant now, Effects& effects) {
  effects.trace.push_back({"gives up fetching from " + fetcher_.holder().to_string()});
  if (auto* candidate = stands()) candidate->phase1.discard(fetcher_.holder());
  if (auto* leader = leads())
    if (auto* phase1 = leader->proposer.unfinished(core_)) phase1->discard(fetcher_.holder());
  fetcher_.stop();
  progress(now);
}

// A candidacy that moves on is given its time again.
void Replica::progress(Instant now) {
  const View view(*this, now);
  election_.on_progress(view.around, following_);
}

void Replica::lead(Instant now, Effects& effects) {
  fetcher_.stop();
  auto phase1 = std::move(stands()->phase1);
  const auto ballot = phase1.ballot();
  reason_ = "a majority promised " + to_string(ballot);
  role_ = Leader{Proposer(std::move(phase1), core_, now), Leadership(ballot, round_, now), std::nullopt, now, false};
  for (const auto& voter : core_.governing().configuration.voters)
    if (voter.member != core_.self() && !peers_.up(voter.member))
      leads()->proposer.set_linked(voter.member, false, now);
  following_.on_elected(ballot, now);
  election_.on_decided();
  next_heartbeat_ = now;
  effects.trace.push_back({"leads in " + to_string(ballot)});
}

// ---- Phase 2 ----

void Replica::work(Leader& leader, Instant now, Effects& effects) {
  while (true) {
    const auto before = core_.watermark();
    if (auto* phase1 = leader.proposer.unfinished(core_)) (void)drive(*phase1, now, effects);
    leader.proposer.resume(core_, acceptor_, effects);
    leader.proposer.count(core_, now, effects);
    if (core_.watermark() == before) break;
  }
  if (leader.announced || !leader.proposer.term_started(core_)) return;
  leader.announced = true;
  effects.events.push_back(TermStarted{leader.proposer.ballot(), *leader.proposer.term_start()});
}

// ---- Handover ----

bool Replica::hand_over(MemberId target, Instant now, Effects& effects) {
  begin(now, effects);
  auto* leader = leads();
  if (leader == nullptr || leader->handover || target == core_.self() || !peers_.up(target)) return false;
  if (find_voter(core_.governing().configuration, target) == nullptr) return false;
  leader->handover = Handover{target, false, now + core_.tuning.handover_timeout};
  return true;
}

void Replica::mind_handover(Instant now, Effects& effects) {
  auto* leader = leads();
  if (leader == nullptr || !leader->handover) return;
  auto& handover = *leader->handover;
  const auto& proposer = leader->proposer;
  if (!handover.told && proposer.term_start() && proposer.is_level(handover.target) &&
      core_.watermark() == proposer.proposed_upto()) {
    handover.told = true;
    handover.until = now + core_.tuning.handover_timeout;
    effects.send_now.push_back({handover.target, Go{proposer.ballot(), handover.target, core_.watermark()}});
  }
  // Without a higher ballot within one timeout this node leads on.
  if (now < handover.until) return;
  leader->rest_until = now + core_.tuning.handover_timeout;
  leader->handover.reset();
}

// ---- Ending ----

// P7: whoever sees a higher ballot stops leading, and standing, in the lower one.
void Replica::yield(Ballot higher, Instant now, Effects& effects) {
  const auto own = own_ballot();
  if (!own || higher <= *own) return;
  step_down("saw " + to_string(higher), now, effects);
  const View view(*this, now);
  election_.on_preempted(view.around, following_, higher);
}

void Replica::step_down(std::string reason, Instant now, Effects& effects) {
  const auto own = own_ballot();
  if (!own) return;
  if (leads() != nullptr) {
    following_.on_stepped_down(now);
    // Its heartbeats say so at once.
    next_heartbeat_ = now;
  }
  effects.trace.push_back({"steps down from " + to_string(*own) + ": " + reason});
  reason_ = std::move(reason);
  role_ = Follower{};
  fetcher_.stop();
}

void Replica::lose_vote(std::string reason, Instant now, Effects& effects) {
  begin(now, effects);
  if (!core_.identity.has_vote) return;
  core_.identity.has_vote = false;
  step_down(reason, now, effects);
  reason_ = reason;
  vote_lost_ = std::move(reason);
}

// ---- Elections ----

void Replica::elect(Instant now, Effects& effects) {
  ElectionOutput out;
  {
    const View view(*this, now);
    following_.assess(view.around);
    election_.update(view.around, following_, prng_, out);
  }
  for (auto& [member, question] : out.ask) effects.send_now.push_back({member, question});
  for (auto& [member, answer] : out.answer) {
    if (answer.reason == PreVoteReason::older_configuration) {
      answer.newer = core_.configurations.newest();
      const auto& heartbeat = peers_[member].heartbeat;
      if (heartbeat) send_configuration(member, heartbeat->watermark, effects);
    }
    effects.send_now.push_back({member, std::move(answer)});
  }
  if (out.abandon && stands() != nullptr) step_down("no majority promised in time", now, effects);
  if (!out.stand || leads() != nullptr) return;
  stand(*out.stand, now, effects);
  if (drive(stands()->phase1, now, effects)) lead(now, effects);
}

}  // namespace conclave::paxos
