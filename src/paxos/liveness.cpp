// Links and words of the other voters.
#include "paxos/liveness.hpp"

#include <algorithm>

namespace conclave::paxos {

void Liveness::set_link(const MemberId& member, LinkState link, Instant now) {
  auto& peer = peers_[member];
  if (peer.link == link) return;
  peer.link = link;
  peer.since = now;
  peer.heartbeat.reset();
}

void Liveness::on_link_up(const MemberId& member, Instant now) {
  set_link(member, LinkState::up, now);
  auto& peer = peers_[member];
  peer.departed = false;
  peer.heard = now;
}

void Liveness::on_link_down(const MemberId& member, Instant now) {
  if ((*this)[member].link == LinkState::up) set_link(member, LinkState::down, now);
}

void Liveness::on_link_refused(const MemberId& member, Instant now) { set_link(member, LinkState::refused, now); }

void Liveness::on_goodbye(const MemberId& member, Instant now) {
  auto& peer = peers_[member];
  peer.departed = true;
  peer.since = now;
}

void Liveness::on_heard(const MemberId& member, Instant now) {
  if (const auto found = peers_.find(member); found != peers_.end() && found->second.link == LinkState::up)
    found->second.heard = now;
}

void Liveness::on_heartbeat(const MemberId& member, const Heartbeat& heartbeat, Instant now) {
  const auto found = peers_.find(member);
  if (found == peers_.end() || found->second.link != LinkState::up) return;
  found->second.heartbeat = heartbeat;
  found->second.heard = now;
}

void Liveness::on_round_trip(const MemberId& member, Duration round_trip) {
  if (const auto found = peers_.find(member); found != peers_.end()) found->second.round_trip.sample(round_trip);
}

void Liveness::forgive(Duration pause) {
  for (auto& [member, peer] : peers_) {
    peer.heard += pause;
    peer.since += pause;
  }
}

const Peer& Liveness::operator[](const MemberId& member) const {
  static const Peer unknown;
  const auto found = peers_.find(member);
  return found == peers_.end() ? unknown : found->second;
}

Duration Liveness::longest_round_trip() const {
  Duration longest{};
  for (const auto& [member, peer] : peers_)
    if (peer.link == LinkState::up) longest = std::max(longest, peer.round_trip.smoothed());
  return longest;
}

Ballot Liveness::highest_promised() const {
  Ballot highest;
  for (const auto& [member, peer] : peers_)
    if (peer.heartbeat) highest = std::max(highest, peer.heartbeat->promised);
  return highest;
}

}  // namespace conclave::paxos
