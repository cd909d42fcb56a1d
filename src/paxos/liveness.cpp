// Links and words of the other voters.
#include "paxos/liveness.hpp"

#include <algorithm>

namespace conclave::paxos {

const Peer* Liveness::find(const MemberId& member) const {
  const auto found = std::ranges::find(peers_, member, [](const auto& entry) -> const MemberId& { return entry.first; });
  return found == peers_.end() ? nullptr : &found->second;
}

Peer& Liveness::known(const MemberId& member) {
  if (auto* peer = find(member)) return *peer;
  const auto at = std::ranges::lower_bound(peers_, member, {}, [](const auto& entry) -> const MemberId& { return entry.first; });
  return peers_.emplace(at, member, Peer())->second;
}

void Liveness::forget(const MemberId& member) {
  std::erase_if(peers_, [&](const auto& entry) { return entry.first == member; });
}

void Liveness::set_link(const MemberId& member, LinkState link, Instant now) {
  auto& peer = known(member);
  if (peer.link == link) return;
  peer.link = link;
  peer.since = now;
  peer.heartbeat.reset();
}

void Liveness::on_link_up(const MemberId& member, Instant now) {
  set_link(member, LinkState::up, now);
  auto& peer = known(member);
  peer.departed = false;
  peer.heard = now;
}

void Liveness::on_link_down(const MemberId& member, Instant now) {
  if ((*this)[member].link == LinkState::up) set_link(member, LinkState::down, now);
}

void Liveness::on_link_refused(const MemberId& member, Instant now) { set_link(member, LinkState::refused, now); }

void Liveness::on_goodbye(const MemberId& member, Instant now) {
  auto& peer = known(member);
  peer.departed = true;
  peer.since = now;
}

void Liveness::on_heard(const MemberId& member, Instant now) {
  if (auto* peer = find(member); peer != nullptr && peer->link == LinkState::up) peer->heard = now;
}

void Liveness::on_heartbeat(const MemberId& member, const Heartbeat& heartbeat, Instant now) {
  auto* peer = find(member);
  if (peer == nullptr || peer->link != LinkState::up) return;
  peer->heartbeat = heartbeat;
  peer->heard = now;
}

void Liveness::on_round_trip(const MemberId& member, Duration round_trip) {
  if (auto* peer = find(member)) peer->round_trip.sample(round_trip);
}

void Liveness::forgive(Duration pause) {
  for (auto& [member, peer] : peers_) {
    peer.heard += pause;
    peer.since += pause;
  }
}

const Peer& Liveness::operator[](const MemberId& member) const {
  static const Peer unknown;
  const auto* peer = find(member);
  return peer == nullptr ? unknown : *peer;
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
