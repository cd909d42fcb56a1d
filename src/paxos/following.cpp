// E1: when a leader counts as lost.
#include "paxos/following.hpp"

#include <algorithm>

namespace conclave::paxos {

std::string to_string(Loss loss) {
  switch (loss) {
    case Loss::silent:
      return "leader silent";
    case Loss::refused:
      return "leader's process gone";
    case Loss::departed:
      return "leader said goodbye";
    case Loss::resigned:
      return "leader resigned";
    case Loss::sick_disk:
      return "leader's disk unhealthy";
    case Loss::none_leads:
      return "nobody hears a leader";
    case Loss::stepped_down:
      return "stepped down";
  }
  return "unknown";
}

bool Following::on_heard(const Surroundings& s, const Ballot& ballot) {
  if (leader_ == ballot) {
    silence_.heard(s.tuning, s.now);
    // A sick leader is heard all the time; only a healthy word of its own takes the loss back.
    const bool regained = lost_ && *lost_ != Loss::sick_disk;
    if (regained) lost_.reset();
    resigned_ = false;
    return regained;
  }
  begin(ballot, s.now);
  return true;
}

void Following::begin(std::optional<Ballot> leader, Instant now) {
  leader_ = leader;
  silence_.restart(now);
  resigned_ = false;
  sick_since_.reset();
  echoed_ = RoundTrip();
  both_ways_at_ = now;
  lost_.reset();
}

void Following::on_heartbeat(const Surroundings& s, const MemberId& from, const Heartbeat& heartbeat) {
  if (!leads(from) || from == s.facts.self) return;
  resigned_ = heartbeat.leading != leader_ || !heartbeat.content;
  if (heartbeat.disk_healthy) {
    sick_since_.reset();
    if (lost_ == Loss::sick_disk) lost_.reset();
  } else if (!sick_since_) {
    sick_since_ = s.now;
  }
  if (heartbeat.echo && heartbeat.echo->round > echoed_) {
    echoed_ = heartbeat.echo->round;
    both_ways_at_ = s.now;
  }
}

void Following::on_stepped_down(Instant now) {
  begin(std::nullopt, now);
  lost_ = Loss::stepped_down;
}

void Following::forgive(Duration pause) {
  silence_.forgive(pause);
  both_ways_at_ += pause;
  if (sick_since_) *sick_since_ += pause;
}

void Following::assess(const Surroundings& s) {
  if (!lost_ && !leads(s.facts.self)) lost_ = evidence(s);
}

std::optional<Loss> Following::evidence(const Surroundings& s) const {
  if (leader_) {
    const auto& peer = s.peers[leader_->member];
    if (peer.departed) return Loss::departed;
    if (peer.link == LinkState::refused) return Loss::refused;
    if (resigned_) return Loss::resigned;
    // Its own handover comes first: others wait one timeout for it.
    if (sick_since_ && s.now - *sick_since_ >= timeout(s)) return Loss::sick_disk;
  } else if (none_leads(s)) {
    return Loss::none_leads;
  }
  if (s.now - silence_.last() >= timeout(s)) return Loss::silent;
  return std::nullopt;
}

bool Following::none_leads(const Surroundings& s) const {
  return std::ranges::all_of(s.voters().voters, [&](const Voter& voter) {
    if (voter.member == s.facts.self) return true;
    const auto& peer = s.peers[voter.member];
    if (peer.gone()) return true;
    return peer.heartbeat && !peer.heartbeat->leading && !peer.heartbeat->content;
  });
}

bool Following::in_doubt(const Surroundings& s) const {
  if (!leader_) return true;
  return !s.peers.up(leader_->member) || s.now - silence_.last() > 2 * s.tuning.heartbeat;
}

bool Following::probed_in_vain(const Surroundings& s) const {
  if (!leader_ || lost_ || leads(s.facts.self)) return false;
  const auto& peer = s.peers[leader_->member];
  return peer.link != LinkState::up && s.now - peer.since >= s.tuning.probe_wait;
}

bool Following::content(const Surroundings& s) const {
  return leader_ && !lost_ && s.now - both_ways_at_ < timeout(s);
}

Duration Following::timeout(const Surroundings& s) const {
  const auto round_trip = leader_ ? s.peers[leader_->member].round_trip : RoundTripTime();
  return silence_.timeout(s.tuning, round_trip, s.now);
}

std::optional<Instant> Following::next_wakeup(const Surroundings& s) const {
  if (lost_ || leads(s.facts.self)) return std::nullopt;
  auto next = silence_.last() + timeout(s);
  if (sick_since_) next = std::min(next, *sick_since_ + timeout(s));
  if (leader_ && !s.peers.up(leader_->member))
    if (const auto vain = s.peers[leader_->member].since + s.tuning.probe_wait; vain > s.now) next = std::min(next, vain);
  return next;
}

}  // namespace conclave::paxos
