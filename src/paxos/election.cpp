// E2 to E9: standing for election, and granting pre-votes.
#include "paxos/election.hpp"

#include <algorithm>

namespace conclave::paxos {
namespace {

Placing own_placing(const Surroundings& s) { return {s.facts.last_accepted, s.facts.priority, s.facts.self}; }

Placing placing_of(const Surroundings& s, const MemberId& member, Slot last_accepted) {
  const auto& heartbeat = s.peers[member].heartbeat;
  return {last_accepted, heartbeat ? heartbeat->priority : std::uint8_t{0}, member};
}

}  // namespace

// ---- What is heard ----

void Election::on_pre_vote(const MemberId& from, const PreVote& question) {
  questions_.insert_or_assign(from, question);
}

void Election::on_pre_vote_reply(const Surroundings& s, const MemberId& from, const PreVoteReply& reply) {
  if (reply.ballot != ballot_ || phase_ == Phase::idle || phase_ == Phase::standing || !s.is_voter(from)) return;
  if (reply.granted) {
    grants_[from] = s.now;
    return;
  }
  grants_.erase(from);
  highest_ = std::max(highest_, reply.promised);
  // A higher ballot may help; nothing else that a No says does.
  if (reply.reason == PreVoteReason::higher_promise && phase_ == Phase::asking && highest_ > ballot_) wait_until(s.now);
}

void Election::on_promised(const Surroundings& s, const Following& following, const Ballot& ballot) {
  const auto until = s.now + following.timeout(s);
  grants_.clear();
  if (phase_ != Phase::idle) wait_until(until + rank_delay(s, following));
  favourite_ = Favourite{placing_of(s, ballot.member, Slot()), until, true};
}

void Election::on_go(const Surroundings& s, const Go& go) {
  told_ = s.may_stand() && go.target == s.facts.self && go.ballot >= s.facts.promised;
}

void Election::on_progress(const Surroundings& s, const Following& following) {
  if (phase_ == Phase::standing) until_ = s.now + following.timeout(s);
}

void Election::on_preempted(const Surroundings& s, const Following& following, const Ballot& higher) {
  highest_ = std::max(highest_, higher);
  if (higher <= ballot_ || phase_ == Phase::idle) return;
  // Its owner may be about to lead.
  if (phase_ == Phase::standing) wait_until(s.now + s.tuning.turn + rank_delay(s, following));
}

void Election::on_decided() {
  auto unanswered = std::move(questions_);
  const auto highest = highest_;
  *this = Election();
  questions_ = std::move(unanswered);
  highest_ = highest;
}

void Election::on_stepped_down(const Surroundings& s, const Following& following) {
  on_decided();
  wait_until(s.now + following.timeout(s));
}

// ---- What follows ----

void Election::update(const Surroundings& s, const Following& following, Prng& prng, ElectionOutput& out) {
  drop_favourite(s, following);
  run(s, following, prng, out);
  answer_questions(s, following, out);
}

void Election::drop_favourite(const Surroundings& s, const Following& following) {
  if (!favourite_) return;
  const bool gone = s.peers.gone(favourite_->placing.member);
  if (favourite_->until > s.now && !gone) return;
  if (gone && phase_ == Phase::waiting) until_ = std::min(until_, s.now + rank_delay(s, following));
  favourite_.reset();
}

void Election::run(const Surroundings& s, const Following& following, Prng& prng, ElectionOutput& out) {
  if (std::exchange(told_, false)) return stand(s, following, out);
  if (phase_ == Phase::standing) {
    if (s.now < until_) return;
    out.abandon = true;
    return back_off(s, following, prng);
  }
  if (!following.lost() || !s.may_stand()) {
    if (phase_ == Phase::asking) wait_until(s.now);
    if (following.lost()) return;
    phase_ = Phase::idle;
    if (!favourite_) had_turn_.clear();
    return;
  }
  if (phase_ == Phase::idle) wait_until(s.now + rank_delay(s, following));
  if (favourite_) return;
  if (granted_by_majority(s, following)) return stand(s, following, out);
  if (s.now < until_) return;
  if (phase_ == Phase::asking) return back_off(s, following, prng);
  ask(s, out);
  if (granted_by_majority(s, following)) stand(s, following, out);
}

void Election::ask(const Surroundings& s, ElectionOutput& out) {
  const Ballot ballot{highest_known(s).round.next(), s.facts.self};
  if (ballot != ballot_) grants_.clear();
  ballot_ = ballot;
  phase_ = Phase::asking;
  until_ = s.now + s.tuning.turn + 2 * s.peers.longest_round_trip();
  for (const auto& voter : s.voters().voters)
    if (s.peers.up(voter.member))
      out.ask.emplace_back(voter.member, PreVote{ballot_, s.configuration.ref(), s.facts.last_accepted});
}

Ballot Election::highest_known(const Surroundings& s) const {
  return std::max({s.facts.promised, s.peers.highest_promised(), highest_});
}

bool Election::granted_by_majority(const Surroundings& s, const Following& following) const {
  if (phase_ == Phase::idle || ballot_ <= s.facts.promised) return false;
  const auto oldest = s.now - following.timeout(s);
  return has_majority(s.voters(), [&](const Voter& voter) {
    if (voter.member == s.facts.self) return true;
    const auto grant = grants_.find(voter.member);
    return grant != grants_.end() && grant->second >= oldest;
  });
}

void Election::stand(const Surroundings& s, const Following& following, ElectionOutput& out) {
  if (const auto known = highest_known(s); ballot_ <= known) ballot_ = Ballot{known.round.next(), s.facts.self};
  grants_.clear();
  phase_ = Phase::standing;
  until_ = s.now + following.timeout(s);
  favourite_.reset();
  out.stand = Stand{ballot_, following.lost()};
}

void Election::back_off(const Surroundings& s, const Following& following, Prng& prng) {
  const auto doubled = s.tuning.turn * (std::int64_t{1} << std::min<std::uint32_t>(attempts_++, 16));
  const auto longest = std::min(doubled, following.timeout(s));
  const auto half = static_cast<std::uint64_t>(longest.count()) / 2;
  wait_until(s.now + Duration(static_cast<Duration::rep>(half + prng.below(half + 1))));
}

// What was granted stays granted: an answer that waited for its voter's doubt to end may still make the majority.
void Election::wait_until(Instant until) {
  phase_ = Phase::waiting;
  until_ = until;
}

Duration Election::rank_delay(const Surroundings& s, const Following& following) const {
  const auto own = own_placing(s);
  const auto ahead = std::ranges::count_if(s.voters().voters, [&](const Voter& voter) {
    const auto& peer = s.peers[voter.member];
    if (voter.member == s.facts.self || following.leads(voter.member)) return false;
    if (peer.link != LinkState::up || !peer.heartbeat || !peer.heartbeat->disk_healthy) return false;
    return s.now - peer.heard < following.timeout(s) && placing_of(s, voter.member, peer.heartbeat->last_accepted) > own;
  });
  return ahead * (s.tuning.rank_step + s.peers.longest_round_trip());
}

// ---- Answers ----

void Election::answer_questions(const Surroundings& s, const Following& following, ElectionOutput& out) {
  std::map<MemberId, PreVote> later;
  for (const auto& [from, question] : std::exchange(questions_, {})) {
    const auto reason = judge(s, following, from, question);
    if (!reason) {
      later.emplace(from, question);
      continue;
    }
    const bool granted = *reason == PreVoteReason::leader_lost;
    if (granted) help(s, following, placing_of(s, from, question.last_accepted));
    out.answer.emplace_back(
        from, PreVoteReply{question.ballot, granted, *reason, s.facts.promised_synced, s.facts.watermark, std::nullopt});
  }
  questions_ = std::move(later);
}

std::optional<PreVoteReason> Election::judge(const Surroundings& s, const Following& following, const MemberId& from,
                                             const PreVote& question) const {
  if (!s.facts.has_vote) return PreVoteReason::no_vote;
  const auto known = s.configuration.ref();
  if (question.configuration.slot < known.slot) return PreVoteReason::older_configuration;
  if (question.configuration != known) return PreVoteReason::newer_configuration;
  if (!s.is_voter(from)) return PreVoteReason::other;
  if (following.leads(s.facts.self)) return PreVoteReason::hears_leader;
  if (question.ballot <= s.facts.promised) return PreVoteReason::higher_promise;
  if (standing()) return std::nullopt;
  const bool lost = following.lost() || following.probed_in_vain(s);
  if (!lost && !following.in_doubt(s)) return PreVoteReason::hears_leader;
  if (!lost || must_wait(s, placing_of(s, from, question.last_accepted))) return std::nullopt;
  return PreVoteReason::leader_lost;
}

bool Election::must_wait(const Surroundings& s, const Placing& candidate) const {
  if (phase_ == Phase::asking) return had_turn_.contains(candidate.member) || candidate < own_placing(s);
  if (!favourite_ || favourite_->placing.member == candidate.member) return false;
  return favourite_->promised || had_turn_.contains(candidate.member) || candidate < favourite_->placing;
}

// E7: called for a candidate that need not wait: nobody else is helped, or it is better placed.
void Election::help(const Surroundings& s, const Following& following, const Placing& candidate) {
  if (!had_turn_.insert(candidate.member).second) return;
  const auto until = s.now + s.tuning.turn + 2 * s.peers.longest_round_trip();
  grants_.clear();
  if (phase_ != Phase::idle) wait_until(until + rank_delay(s, following));
  favourite_ = Favourite{candidate, until, false};
}

std::optional<Instant> Election::next_wakeup(const Surroundings& s, const Following& following) const {
  std::optional<Instant> next;
  const auto consider = [&](Instant at) { next = next ? std::min(*next, at) : at; };
  if (favourite_) consider(favourite_->until);
  const bool runs = phase_ == Phase::standing || (phase_ != Phase::idle && following.lost() && s.may_stand());
  if (runs && until_ > s.now) consider(until_);
  return next;
}

}  // namespace conclave::paxos
