#include "unit/gossip/world.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "gossip/datagram.hpp"

namespace gossip_test {
namespace {

constexpr std::size_t socket_datagrams_max = 32;

}  // namespace

MemberId member_id(std::size_t number) {
  MemberId id;
  // Scattered, so that the order of ids is not that of numbers.
  const std::uint64_t bits = Prng(number).next();
  for (std::size_t i = 0; i < 8; ++i) id.bytes[i] = static_cast<std::uint8_t>(bits >> (8 * i));
  id.bytes[14] = static_cast<std::uint8_t>(number >> 8);
  id.bytes[15] = static_cast<std::uint8_t>(number);
  return id;
}

Address address_of(std::size_t number) { return {"10.0.0.1", static_cast<std::uint16_t>(1000 + number)}; }

Rumour rumour_of(std::size_t number, State state, std::uint64_t incarnation) {
  return {.member = member_id(number),
          .name = "m" + std::to_string(number),
          .address = address_of(number),
          .role = Role::observer,
          .age = {BootEpoch{1}, Incarnation{incarnation}},
          .state = state};
}

void World::start(std::size_t number, const std::vector<std::size_t>& seeds, Role role) {
  Node& node = nodes_[number];
  const Identity self{member_id(number), "m" + std::to_string(number), address_of(number), BootEpoch{++node.boots},
                      role};
  std::vector<Address> addresses;
  for (const std::size_t seed : seeds) addresses.push_back(address_of(seed));
  node.gossip.emplace(self, addresses, tuning_, prng_.fork(1000 * number + node.boots), now_);
}

void World::start_all(std::size_t count) {
  for (std::size_t number = 0; number < count; ++number) start(number, {0});
  REQUIRE(run_until([this] { return all_alive(); }, 30s));
}

void World::resume(std::size_t number) {
  Node& node = nodes_.at(number);
  node.paused = false;
  // The timer first: the harder order, for what refutes its suspicions still waits in the socket.
  Effects effects;
  node.gossip->on_tick(now_, effects);
  absorb(number, std::move(effects));
  for (const Delivery& delivery : std::exchange(node.socket, {})) deliver(delivery);
}

void World::run_for(BootClock::duration span) {
  CHECK_FALSE(run_until([] { return false; }, span));
}

bool World::run_until(const std::function<bool()>& done, BootClock::duration limit) {
  const Instant end = now_ + limit;
  while (!done()) {
    Instant next = wire_.empty() ? Instant::max() : wire_.begin()->first.first;
    for (const auto& [number, node] : nodes_) {
      if (node.gossip && !node.paused) next = std::min(next, node.gossip->next_wakeup());
    }
    if (next > end) {
      now_ = end;
      return done();
    }
    now_ = std::max(now_, next);
    step_once();
  }
  return true;
}

void World::step_once() {
  while (!wire_.empty() && wire_.begin()->first.first <= now_) {
    const Delivery delivery = std::move(wire_.extract(wire_.begin()).mapped());
    deliver(delivery);
  }
  for (auto& [number, node] : nodes_) {
    if (!node.gossip || node.paused || node.gossip->next_wakeup() > now_) continue;
    Effects effects;
    node.gossip->on_tick(now_, effects);
    absorb(number, std::move(effects));
    // Whatever was due is done: a timer that stays in the past would spin the driver.
    CHECK(node.gossip->next_wakeup() > now_);
  }
}

void World::deliver(const Delivery& delivery) {
  const auto found = nodes_.find(delivery.to);
  if (found == nodes_.end() || !found->second.gossip) return;
  Node& node = found->second;
  if (node.paused) {
    if (node.socket.size() < socket_datagrams_max) node.socket.push_back(delivery);
    return;
  }
  inject(delivery.to, delivery.from, delivery.message);
}

void World::inject(std::size_t to, std::size_t from, const Message& message) {
  Effects effects;
  at(to).on_message(address_of(from), member_id(from), message, now_, effects);
  absorb(to, std::move(effects));
}

void World::refuse(std::size_t observer, std::size_t number) {
  Effects effects;
  at(observer).on_refused(member_id(number), now_, effects);
  absorb(observer, std::move(effects));
}

void World::leave(std::size_t number) {
  Effects effects;
  at(number).leave(now_, effects);
  absorb(number, std::move(effects));
}

void World::absorb(std::size_t from, Effects effects) {
  Node& node = nodes_.at(from);
  for (Event& event : effects.events) node.events.push_back(std::move(event));
  for (Datagram& datagram : effects.send) {
    greatest_datagram_ = std::max(greatest_datagram_, datagram_bytes(datagram.message));
    const std::size_t to = datagram.to.port - std::size_t{1000};
    const bool lost = prng_.chance(loss_per_mille, 1000);
    const auto delay = 200us + std::chrono::microseconds(prng_.below(800));
    ++sent_;
    if (lost || (passes && !passes(from, to))) continue;
    wire_.emplace(std::pair(now_ + delay, sent_), Delivery{from, to, std::move(datagram.message)});
  }
  CHECK(node.gossip->news() <= node.gossip->members().size());  // G5
}

std::optional<State> World::belief(std::size_t observer, std::size_t number) const {
  const auto& members = nodes_.at(observer).gossip->members();
  const auto found = members.find(member_id(number));
  if (found == members.end()) return std::nullopt;
  return found->second.rumour.state;
}

bool World::all_believe(std::size_t number, State state) const {
  return std::ranges::all_of(nodes_, [&](const auto& entry) {
    return entry.first == number || !entry.second.gossip || belief(entry.first, number) == state;
  });
}

bool World::all_alive() const {
  return std::ranges::all_of(
      nodes_, [&](const auto& entry) { return !entry.second.gossip || all_believe(entry.first, State::alive); });
}

std::uint64_t World::hash() const {
  StateHasher hasher;
  for (const auto& [number, node] : nodes_) {
    if (node.gossip) hasher(*node.gossip);
  }
  return hasher.finish();
}

}  // namespace gossip_test
