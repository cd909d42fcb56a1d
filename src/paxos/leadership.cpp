// L1 to L4: rounds of heartbeats, and what follows when they are not echoed.
#include "paxos/leadership.hpp"

#include <algorithm>

namespace conclave::paxos {
namespace {

// An echo of a round older than this many is no measurement.
constexpr std::size_t rounds_remembered = 64;

}  // namespace

Leadership::Leadership(Ballot ballot, RoundTrip last, Instant now)
    : ballot_(ballot), first_(last), last_(last), requested_(last), confirmed_{last, now}, proven_(now), proof_(now),
      must_exceed_(last) {}

RoundTrip Leadership::request() {
  requested_ = last_.next();
  return requested_;
}

RoundTrip Leadership::send(Instant now) {
  sent_.push_back({++last_, now});
  if (sent_.size() > rounds_remembered) sent_.pop_front();
  return last_;
}

std::optional<Duration> Leadership::on_heartbeat(const Surroundings& s, const MemberId& from, const Heartbeat& heartbeat) {
  // P9: another life of that store has no vote.
  const auto* voter = find_voter(s.voters(), from);
  if (voter == nullptr || voter->incarnation != heartbeat.incarnation) return std::nullopt;
  // L1: who echoes this ballot has promised nothing higher.
  if (!heartbeat.echo || heartbeat.echo->ballot != ballot_) return std::nullopt;
  const auto round = heartbeat.echo->round;
  auto& echoed = echoed_[from];
  // Of a round never sent: a broken peer's.
  if (round <= std::max(first_, echoed) || round > last_) return std::nullopt;
  echoed = round;
  const auto sent = std::ranges::find(sent_, round, &Confirmed::round);
  if (sent == sent_.end()) return std::nullopt;
  return s.now - sent->sent;
}

std::optional<Confirmed> Leadership::count(const Surroundings& s) {
  if (!majority_discontent(s))
    discontent_since_.reset();
  else if (!discontent_since_)
    discontent_since_ = s.now;

  const auto reached = majority_reached(s.voters(), [&](const Voter& voter) {
    if (voter.member == s.facts.self) return s.facts.promised == ballot_ ? last_ : first_;
    const auto echoed = echoed_.find(voter.member);
    return echoed == echoed_.end() ? first_ : echoed->second;
  });
  if (reached <= std::max(confirmed_.round, must_exceed_)) return std::nullopt;
  const auto sent = std::ranges::find(sent_, reached, &Confirmed::round);
  // Too long ago to be remembered: it proves nothing that is still of use.
  if (sent == sent_.end()) return std::nullopt;
  confirmed_ = *sent;
  proven_ = sent->sent;
  proof_.heard(s.tuning, s.now);
  return confirmed_;
}

void Leadership::on_pause(Duration pause) {
  must_exceed_ = last_;
  proof_.forgive(pause);
  proven_ += pause;
  if (discontent_since_) *discontent_since_ += pause;
  requested_ = last_.next();
}

Duration Leadership::timeout(const Surroundings& s) const {
  // Nothing is measured before the first confirmation: on a slow network the first echo must not come too late.
  if (confirmed_.round == first_) return s.tuning.election_timeout_max;
  RoundTripTime slowest;
  for (const auto& voter : s.voters().voters)
    if (const auto& peer = s.peers[voter.member]; peer.link == LinkState::up)
      if (peer.round_trip.smoothed() > slowest.smoothed()) slowest = peer.round_trip;
  return proof_.timeout(s.tuning, slowest, s.now);
}

bool Leadership::lost_quorum(const Surroundings& s) const { return s.now - proven_ >= timeout(s); }

bool Leadership::majority_discontent(const Surroundings& s) const {
  return has_majority(s.voters(), [&](const Voter& voter) {
    const auto& heartbeat = s.peers[voter.member].heartbeat;
    // Who has not spoken of this ballot is not counted against it: silence is for L2.
    return heartbeat && heartbeat->echo && heartbeat->echo->ballot == ballot_ && !heartbeat->content;
  });
}

bool Leadership::unwanted(const Surroundings& s) const {
  return discontent_since_ && s.now - *discontent_since_ >= timeout(s);
}

std::optional<MemberId> Leadership::successor(const Surroundings& s) const {
  std::optional<Placing> best;
  for (const auto& voter : s.voters().voters) {
    const auto& peer = s.peers[voter.member];
    if (voter.member == s.facts.self || peer.link != LinkState::up || peer.departed || !peer.heartbeat) continue;
    const auto& word = *peer.heartbeat;
    if (!word.disk_healthy || !word.content || !word.echo || word.echo->ballot != ballot_) continue;
    const Placing placing{word.last_accepted, word.priority, voter.member};
    if (!best || placing > *best) best = placing;
  }
  if (!best) return std::nullopt;
  return best->member;
}

std::optional<Confirmed> Leadership::confirmed() const {
  if (confirmed_.round <= must_exceed_) return std::nullopt;
  return confirmed_;
}

Instant Leadership::next_wakeup(const Surroundings& s) const {
  const auto quorum = proven_ + timeout(s);
  if (!discontent_since_) return quorum;
  const auto patience = *discontent_since_ + timeout(s);
  // Once unwanted it stays so: the owner knows, and minds its handover.
  return patience > s.now ? std::min(quorum, patience) : quorum;
}

}  // namespace conclave::paxos
