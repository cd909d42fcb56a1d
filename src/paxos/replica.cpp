// The replica's inputs and queries; what follows from them is in the other replica_*.cpp.
#include "paxos/replica.hpp"

#include <algorithm>
#include <utility>

#include "base/invariant.hpp"
#include "paxos/learner.hpp"

namespace conclave::paxos {
std::string to_string(Role role) {
  switch (role) {
    case Role::observer:
      return "observer";
    case Role::follower:
      return "follower";
    case Role::candidate:
      return "candidate";
    case Role::leader:
      return "leader";
  }
  return "unknown";
}

Replica::Replica(Identity identity, Tuning tuning, Recovered recovered, Prng prng, Instant now)
    : core_{identity, tuning, Log(recovered.image), Configurations(std::move(recovered.configurations)), Durable({})},
      acceptor_(recovered.promised, {}),
      following_(now),
      prng_(prng),
      replayed_upto_(recovered.image),
      now_(now),
      next_heartbeat_(now) {
  auto& log = core_.log;
  for (auto& record : recovered.accepted) {
    // P9: a missing record is not an empty slot, and what is above it cannot be used.
    if (record.slot != log.last().next()) break;
    log.put(record.slot, record.ballot, std::move(record.entry));
  }
  const bool complete =
      recovered.watermark <= log.last() && (recovered.accepted.empty() || recovered.accepted.back().slot == log.last());
  if (!complete && core_.identity.has_vote) {
    core_.identity.has_vote = false;
    vote_lost_ = "records of the log are missing";
  }
  replay_upto_ = std::min(std::max(recovered.watermark, recovered.image), log.last());
  for (auto slot = log.first_held(); slot <= replay_upto_; ++slot)
    core_.configurations.on_chosen(slot, log.at(slot)->entry);
  log.raise_watermark(replay_upto_);
  acceptor_ = Acceptor(recovered.promised, log);
  auto stored = acceptor_.stored(core_);
  stored.watermark = replay_upto_;
  core_.durable = Durable(stored);
}

// ---- Inputs ----

void Replica::begin(Instant now, Effects& effects) {
  now_ = now;
  settled_.reset();
  // A restart replays the log: what was chosen before comes first.
  for (; replayed_upto_ < replay_upto_; ++replayed_upto_) {
    const auto slot = replayed_upto_.next();
    effects.apply.push_back({slot, core_.log.at(slot)->entry});
  }
  const auto pause = pauses_.woke(core_.tuning, now);
  if (!pause) return;
  longest_pause_ = std::max(longest_pause_, *pause);
  peers_.forgive(*pause);
  following_.forgive(*pause);
  if (auto* leader = leads()) leader->leadership.on_pause(*pause);
}

void Replica::on_message(MemberId from, Message message, Instant now, Effects& effects) {
  begin(now, effects);
  if (from == core_.self()) return malformed(from, "a message from this member itself", effects);
  peers_.on_heard(from, now);
  std::visit([&](auto& held) { on(from, held, now, effects); }, message);
}

void Replica::on_tick(Instant now, Effects& effects) {
  begin(now, effects);
  if (fetcher_.expired(now)) give_up_fetching(now, effects);
}

void Replica::on_persisted(BatchId upto, Instant now, Effects& effects) {
  begin(now, effects);
  core_.durable.on_persisted(upto);
}

void Replica::on_disk_failed(Instant now, Effects& effects) {
  begin(now, effects);
  if (core_.durable.failed()) return;
  core_.durable.fail();
  disk_healthy_ = false;
  lose_vote("the disk failed", now, effects);
}

void Replica::set_disk_healthy(bool healthy, Instant now, Effects& effects) {
  begin(now, effects);
  if (disk_healthy_ == healthy || core_.durable.failed()) return;
  disk_healthy_ = healthy;
  next_heartbeat_ = now;
}

std::optional<Slot> Replica::propose(std::vector<Entry> entries, Instant now, Effects& effects) {
  begin(now, effects);
  if (entries.empty() || !can_propose()) return std::nullopt;
  for (const auto& entry : entries) {
    // P12: a term-start is the core's own. P6: the founders vote; another set is not proposed yet.
    CONCLAVE_INVARIANT(entry.kind != EntryKind::term_start && entry.kind != EntryKind::configuration,
                       static_cast<unsigned>(entry.kind));
  }
  return leads()->proposer.propose(std::move(entries), core_, acceptor_, effects);
}

std::optional<RoundTrip> Replica::start_round(Instant now, Effects& effects) {
  begin(now, effects);
  auto* leader = leads();
  if (leader == nullptr) return std::nullopt;
  return leader->leadership.request();
}

void Replica::link_up(MemberId member, Instant now, Effects& effects) {
  begin(now, effects);
  peers_.on_link_up(member, now);
  if (auto* leader = leads()) {
    leader->proposer.set_linked(member, true, now);
    if (auto* phase1 = leader->proposer.unfinished(core_)) phase1->ask_again(member);
  }
  if (auto* candidate = stands()) candidate->phase1.ask_again(member);
  if (find_voter(core_.configurations.newest().configuration, member) != nullptr) beat_to(member, now, effects);
}

void Replica::link_down(MemberId member, Instant now, Effects& effects) {
  begin(now, effects);
  peers_.on_link_down(member, now);
  if (auto* leader = leads()) leader->proposer.set_linked(member, false, now);
}

void Replica::link_refused(MemberId member, Instant now, Effects& effects) {
  begin(now, effects);
  peers_.on_link_refused(member, now);
  if (auto* leader = leads()) leader->proposer.set_linked(member, false, now);
}

void Replica::goodbye(MemberId member, Instant now, Effects& effects) {
  begin(now, effects);
  peers_.on_goodbye(member, now);
}

void Replica::add_learner(MemberId member, Slot from, Instant now, Effects& effects) {
  begin(now, effects);
  learners_.add(member, std::max(from, Slot{1}));
}

void Replica::remove_learner(MemberId member) { learners_.remove(member); }

void Replica::flush(Instant now, Effects& effects) {
  if (settled_ && now == now_) return;
  begin(now, effects);
  if (auto* candidate = stands(); candidate != nullptr && drive(candidate->phase1, now, effects)) lead(now, effects);
  if (auto* leader = leads()) work(*leader, now, effects);
  elect(now, effects);
  prove(now, effects);
  mind_handover(now, effects);
  if (now >= next_heartbeat_) beat(now, effects);
  if (auto* leader = leads()) leader->proposer.pump(core_, now, effects);
  learners_.pump(core_, effects);
  store(now, effects);
  announce(effects);
  settled_ = compute_wakeup();
  pauses_.expect(*settled_);
}

void Replica::store(Instant now, Effects& effects) {
  const auto watermark = core_.watermark();
  if (watermark > core_.durable.issued_watermark() && !core_.durable.failed()) {
    // Lazily: with whatever else is written. At once if an answer that may speak of it is to leave, or if a leader waits
    // for it (P6).
    auto* leader = leads();
    const bool waited_for = leader != nullptr && leader->proposer.unfinished(core_) != nullptr;
    if (!watermark_due_) watermark_due_ = now + core_.tuning.heartbeat;
    if (effects.batch || !effects.send_after.empty() || waited_for || now >= *watermark_due_)
      core_.durable.persist(WatermarkRecord{watermark}, effects);
  }
  if (watermark == core_.durable.issued_watermark() || core_.durable.failed()) watermark_due_.reset();
  core_.durable.seal(acceptor_.stored(core_), effects);
}

void Replica::announce(Effects& effects) {
  if (vote_lost_) {
    effects.events.push_back(VoteLost{*vote_lost_});
    vote_lost_.reset();
  }
  const auto ballot = leading().value_or(promised());
  if (role() != told_role_ || (role() == Role::leader && ballot != told_ballot_)) {
    told_role_ = role();
    told_ballot_ = ballot;
    effects.events.push_back(RoleChanged{told_role_, ballot, std::exchange(reason_, {})});
  }
}

// ---- Queries ----

std::optional<Ballot> Replica::own_ballot() const {
  if (const auto* leader = leads()) return leader->proposer.ballot();
  if (const auto* candidate = std::get_if<Candidate>(&role_)) return candidate->phase1.ballot();
  return std::nullopt;
}

Role Replica::role() const {
  if (leads() != nullptr) return Role::leader;
  if (!core_.votes_in(core_.configurations.newest().configuration)) return Role::observer;
  return own_ballot() || election_.asking() ? Role::candidate : Role::follower;
}

std::optional<MemberId> Replica::leader() const {
  if (leads() != nullptr) return core_.self();
  // A leader whose disk is sick is lost to elections (E1), but it leads until it is replaced: renewals still go there.
  const bool lost = following_.lost() && following_.lost() != Loss::sick_disk;
  if (!following_.leader() || lost || following_.leads(core_.self())) return std::nullopt;
  return following_.leader()->member;
}

Ballot Replica::promised() const { return acceptor_.promised(); }

std::optional<Ballot> Replica::leading() const {
  if (const auto* leader = leads()) return leader->proposer.ballot();
  return std::nullopt;
}

bool Replica::has_vote() const { return core_.identity.has_vote; }

bool Replica::term_started() const {
  const auto* leader = leads();
  return leader != nullptr && leader->proposer.term_started(core_);
}

bool Replica::can_propose() const {
  const auto* leader = leads();
  return leader != nullptr && !leader->handover && leader->proposer.can_propose(core_);
}

Slot Replica::watermark() const { return core_.watermark(); }

Slot Replica::last_accepted() const { return core_.log.last(); }

Ballot Replica::synced_promised() const { return core_.durable.synced().promised; }

Slot Replica::synced_last() const { return core_.durable.synced().last; }

ClusterTime Replica::greatest_stamp() const { return core_.log.greatest_stamp(); }

const PlacedConfiguration& Replica::governing(Slot slot) const { return core_.configurations.governing(slot); }

const Entry* Replica::entry(Slot slot) const {
  const auto* held = core_.log.at(slot);
  return held == nullptr ? nullptr : &held->entry;
}

std::optional<Instant> Replica::proof_time() const {
  const auto* leader = leads();
  if (leader == nullptr) return std::nullopt;
  const auto confirmed = leader->leadership.confirmed();
  return confirmed ? std::optional(confirmed->sent) : std::nullopt;
}

Instant Replica::next_wakeup() const { return settled_ ? *settled_ : compute_wakeup(); }

Instant Replica::compute_wakeup() const {
  const View view(*this, now_);
  auto next = next_heartbeat_;
  const auto consider = [&next](std::optional<Instant> at) {
    if (at) next = std::min(next, *at);
  };
  consider(fetcher_.wakeup());
  consider(watermark_due_);
  consider(following_.next_wakeup(view.around));
  consider(election_.next_wakeup(view.around, following_));
  if (const auto* candidate = std::get_if<Candidate>(&role_)) consider(candidate->phase1.next_wakeup(core_.tuning));
  if (const auto* leader = leads()) {
    consider(leader->proposer.wakeup(core_));
    consider(leader->leadership.next_wakeup(view.around));
    if (leader->handover) consider(leader->handover->until);
  }
  return next;
}

}  // namespace conclave::paxos
