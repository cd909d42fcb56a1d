#include "sim/network.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "base/hash.hpp"

namespace conclave::sim {
namespace {

using Packet = transport::Packet;
using namespace std::chrono_literals;

// How long a system tries to connect before it gives up.
constexpr auto dial_timeout = 1s;
// TCP sends a lost segment again after this, and each time after twice as long (RFC 6298).
constexpr BootClock::duration retransmission_timeout = 200ms;
constexpr unsigned retransmissions_max = 6;

std::size_t index(Path path) { return static_cast<std::size_t>(path); }

Path path_of(const Packet& packet) { return packet.kind == Packet::Kind::datagram ? Path::gossip : Path::links; }

void turn_a_bit(Packet& packet, Prng& draws) {
  auto& bytes = packet.bytes;
  if (bytes.empty()) return;
  packet.note.reset();
  const auto bit = draws.below(bytes.size() * 8);
  bytes[bit / 8] ^= std::byte{1} << bit % 8;
}

}  // namespace

Network::Network(Timeline& timeline, Prng prng, Arrive arrive)
    : timeline_(timeline), prng_(prng), arrive_(std::move(arrive)), hub_([this](Packet packet) { carry(std::move(packet)); }) {}

void Network::add(const std::string& name, const Address& address) {
  numbers_.emplace(name, names_.size());
  addresses_.emplace(address, names_.size());
  names_.push_back(name);
}

Network::Lane& Network::lane(Key key) {
  const auto [found, made] = lanes_.try_emplace(key);
  if (!made) return found->second;
  found->second.key = key;
  for (const auto path : paths)
    found->second.draws[index(path)] = prng_.fork(index(path)).fork(names_[key.first]).fork(names_[key.second]);
  return found->second;
}

// ---- Faults ----

Route& Network::route(const std::string& from, const std::string& to, Path path) {
  return lane({number(from), number(to)}).routes[index(path)];
}

void Network::change(const std::string& from, const std::string& to, const std::function<void(Route&)>& change) {
  for (const auto path : paths) change(route(from, to, path));
}

void Network::partition(const std::vector<std::set<std::string>>& groups) {
  for (const auto& from : names_)
    for (const auto& to : names_) {
      const bool together =
          std::ranges::any_of(groups, [&](const auto& group) { return group.contains(from) && group.contains(to); });
      change(from, to, [&](Route& route) { route.cut = !together; });
      if (together) release(from, to);
    }
}

void Network::heal() {
  for (auto& [key, lane] : lanes_) {
    for (auto& route : lane.routes) route.cut = false;
    release(lane);
  }
}

void Network::release(const std::string& from, const std::string& to) {
  change(from, to, [](Route& route) { route.cut = false; });
  release(lane({number(from), number(to)}));
}

void Network::release(Lane& lane) {
  for (auto& packet : std::exchange(lane.waiting, {}))
    deliver_in_order(lane, lane.routes[index(Path::links)].latency, std::move(packet));
}

void Network::mend() {
  for (auto& [key, lane] : lanes_) {
    lane.routes = {};
    lane.free_at = {};
    release(lane);
  }
}

void Network::reset(const std::string& from, const std::string& to) {
  const auto here = number(from);
  const auto there = number(to);
  // An accepted link's remote is the dialler as it was opened, too.
  for (const auto& end : hub_.ends()) {
    const auto local = addresses_.find(end.local);
    const auto remote = addresses_.find(end.remote);
    if (local == addresses_.end() || remote == addresses_.end() || local->second != here || remote->second != there) continue;
    hub_.reset(end.link, {std::make_error_code(std::errc::connection_reset), "the link was reset"});
  }
}

// ---- Packets ----

void Network::carry(Packet packet) {
  const auto from = addresses_.find(packet.from);
  const auto to = addresses_.find(packet.to);
  // Where no machine is, nothing answers.
  if (from == addresses_.end() || to == addresses_.end()) {
    timeline_.after(dial_timeout, [this, packet = std::move(packet)] { hub_.lose(packet); });
    return;
  }
  const Key key{from->second, to->second};
  trace(key, packet);
  if (on_packet) on_packet(names_[key.first], names_[key.second], packet);
  auto& lane = this->lane(key);
  const auto path = index(path_of(packet));
  const auto& route = lane.routes[path];
  auto draws = lane.draws[path].fork(++lane.sent[path]);
  if (route.replayed_after > 0ns) replay(key, route.replayed_after, packet);
  if (packet.kind == Packet::Kind::datagram)
    carry_datagram(lane, route, draws, std::move(packet));
  else
    carry_on_stream(lane, route, draws, std::move(packet));
}

void Network::trace(Key key, const Packet& packet) {
  const std::array<std::uint64_t, 6> around{trace_hash_,
                                            static_cast<std::uint64_t>(timeline_.now().time_since_epoch().count()),
                                            key.first,
                                            key.second,
                                            static_cast<std::uint64_t>(packet.kind),
                                            packet.link.value};
  trace_hash_ = hash_bytes(packet.bytes, hash_bytes(std::as_bytes(std::span(around)), 0));
}

BootClock::duration Network::delay(Lane& lane, const Route& route, Prng& draws, const Packet& packet) {
  const auto jitter = static_cast<std::int64_t>(draws.below(static_cast<std::uint64_t>(std::max<std::int64_t>(route.jitter.count(), 1))));
  auto delay = route.latency + std::chrono::nanoseconds(jitter);
  if (draws.chance(route.tail_permille, 1000)) delay += route.tail;
  if (route.bytes_per_second > 0) {
    const auto busy = std::chrono::nanoseconds(packet.bytes.size() * 1'000'000'000 / route.bytes_per_second);
    lane.free_at = std::max(lane.free_at, timeline_.now()) + busy;
    delay += lane.free_at - timeline_.now();
  }
  return delay;
}

void Network::carry_datagram(Lane& lane, const Route& route, Prng& draws, Packet packet) {
  const auto wait = delay(lane, route, draws, packet);
  if (route.cut || draws.chance(route.lost_permille, 1000)) return hub_.lose(packet);
  if (draws.chance(route.corrupted_permille, 1000)) turn_a_bit(packet, draws);
  if (draws.chance(route.doubled_permille, 1000)) deliver_after(wait + route.jitter, packet);
  deliver_after(wait, std::move(packet));
}

void Network::carry_on_stream(Lane& lane, const Route& route, Prng& draws, Packet packet) {
  if (route.cut && packet.kind == Packet::Kind::dial) {
    timeline_.after(dial_timeout, [this, packet = std::move(packet)] { hub_.lose(packet); });
    return;
  }
  if (route.cut) {
    lane.waiting.push_back(std::move(packet));
    return;
  }
  auto wait = delay(lane, route, draws, packet);
  for (unsigned tries = 0; tries < retransmissions_max && draws.chance(route.lost_permille, 1000); ++tries)
    wait += retransmission_timeout * (1 << tries);
  if (draws.chance(route.corrupted_permille, 1000)) turn_a_bit(packet, draws);
  deliver_in_order(lane, wait, std::move(packet));
}

void Network::deliver_after(BootClock::duration delay, Packet packet) {
  timeline_.after(delay, [this, packet = std::move(packet)]() mutable {
    const auto& to = names_[addresses_.at(packet.to)];
    arrive_(to, std::move(packet));
  });
}

void Network::deliver_in_order(Lane& lane, BootClock::duration delay, Packet packet) {
  auto& last = link_clock_[packet.link];
  last = std::max(last, timeline_.now() + delay);
  timeline_.at(last, [this, &lane, packet = std::move(packet)]() mutable {
    // A cut that came meanwhile holds what is on its way.
    if (lane.routes[index(Path::links)].cut) return lane.waiting.push_back(std::move(packet));
    if (packet.kind == Packet::Kind::frame) begun_.insert(packet.link);
    arrive_(names_[lane.key.second], std::move(packet));
  });
}

void Network::replay(Key key, BootClock::duration after, Packet packet) {
  if (packet.kind != Packet::Kind::datagram && packet.kind != Packet::Kind::frame) return;
  timeline_.after(after, [this, key, packet = std::move(packet)]() mutable {
    if (packet.kind == Packet::Kind::datagram) return arrive_(names_[key.second], std::move(packet));
    // Its link is long gone: it comes out of the newest one in that direction, as from a ghost.
    LinkId newest;
    for (const auto& end : hub_.ends())
      if (end.local == packet.to && end.remote == packet.from) newest = end.link;
    if (!begun_.contains(newest)) return;
    packet.link = newest;
    arrive_(names_[key.second], std::move(packet));
  });
}

}  // namespace conclave::sim
