// Heartbeats: what a voter says of itself, and a leader's proof that a majority still hears it (L1 to L4).
#include <algorithm>
#include <utility>

#include "paxos/replica.hpp"

namespace conclave::paxos {

Facts Replica::facts() const {
  const auto& synced = core_.durable.synced();
  return {.self = core_.self(),
          .incarnation = core_.identity.incarnation,
          .has_vote = core_.identity.has_vote,
          .disk_healthy = disk_healthy_,
          .priority = core_.identity.priority,
          .promised = acceptor_.promised(),
          .promised_synced = synced.promised,
          .watermark = synced.watermark,
          .last_accepted = synced.last};
}

Heartbeat Replica::heartbeat_for(const MemberId& to, const View& view) const {
  const auto& facts = view.facts;
  Heartbeat heartbeat{.leading = leading(),
                      .round = round_,
                      .echo = {},
                      .incarnation = facts.incarnation,
                      .promised = facts.promised_synced,
                      .watermark = facts.watermark,
                      .last_accepted = facts.last_accepted,
                      .configuration = view.around.configuration.ref(),
                      .content = leads() != nullptr || following_.content(view.around),
                      .disk_healthy = facts.disk_healthy,
                      .pause_seen_ms = static_cast<std::uint32_t>(
                          std::chrono::duration_cast<std::chrono::milliseconds>(longest_pause_).count()),
                      .priority = facts.priority};
  // L1: an echo says that nothing higher is promised, so a store without a vote, which may have forgotten, gives none.
  const auto& heard = view.around.peers[to].heartbeat;
  if (!heard || !facts.has_vote) return heartbeat;
  const auto ballot = leading() ? leading() : heard->leading;
  if (ballot && *ballot == facts.promised) heartbeat.echo = Echo{*ballot, heard->round};
  return heartbeat;
}

void Replica::beat_to(const MemberId& to, Instant now, Effects& effects) {
  const View view(*this, now);
  effects.send_now.push_back({to, heartbeat_for(to, view)});
}

void Replica::beat(Instant now, Effects& effects) {
  next_heartbeat_ = now + core_.tuning.heartbeat;
  if (auto* leader = leads())
    round_ = leader->leadership.send(now);
  else
    ++round_;
  const View view(*this, now);
  if (!view.around.is_voter(core_.self())) return;
  for (const auto& voter : view.around.voters().voters)
    if (peers_.up(voter.member)) effects.send_now.push_back({voter.member, heartbeat_for(voter.member, view)});
  longest_pause_ = {};
}

void Replica::prove(Instant now, Effects& effects) {
  auto* leader = leads();
  if (leader == nullptr) return;
  const View view(*this, now);
  count_round(*leader, view, effects);
  if (leader->leadership.due()) {
    beat(now, effects);
    // A single voter is its own majority.
    count_round(*leader, view, effects);
  }
  if (leader->leadership.lost_quorum(view.around)) {
    step_down("no majority echoes its rounds", now, effects);
    return election_.on_stepped_down(view.around, following_);
  }
  if (leader->handover || now < leader->rest_until) return;
  if (disk_healthy_ && !leader->leadership.unwanted(view.around)) return;
  if (const auto successor = leader->leadership.successor(view.around)) (void)hand_over(*successor, now, effects);
}

void Replica::count_round(Leader& leader, const View& view, Effects& effects) {
  if (const auto confirmed = leader.leadership.count(view.around))
    effects.events.push_back(RoundConfirmed{leader.proposer.ballot(), confirmed->round, confirmed->sent});
}

}  // namespace conclave::paxos
