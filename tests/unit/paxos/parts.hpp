// Pieces that the tests of single roles are made of: a core of member 1 among some voters, ballots, log contents.
#pragma once

#include <initializer_list>
#include <utility>

#include "paxos/acceptor.hpp"
#include "unit/paxos/pump.hpp"

namespace conclave::paxos::test {

inline Ballot ballot(std::uint64_t round, std::uint8_t owner) { return {Round(round), member(owner)}; }

/// Member 1's, with nothing in its log.
inline Core core_of(std::uint8_t voters, Tuning tuning = {}) {
  Identity identity{.self = member(1), .incarnation = Incarnation(1), .has_vote = true, .boot_nonce = 7};
  return {identity, tuning, {}, Configurations({{Slot(0), founders(voters)}}), Durable({})};
}

/// Puts one entry for each ballot into the log, from slot 1 on; then `watermark` are chosen.
inline void fill(Core& core, std::initializer_list<Ballot> ballots, std::uint64_t watermark) {
  for (const auto& each : ballots) {
    const auto slot = core.log.last().next();
    core.log.put(slot, each, command("v" + std::to_string(slot.value) + "@" + to_string(each)));
  }
  core.log.raise_watermark(Slot(watermark));
}

/// What `fill` put there.
inline Entry filled(std::uint64_t slot, const Ballot& in) {
  return command("v" + std::to_string(slot) + "@" + to_string(in));
}

template <class T>
[[nodiscard]] std::vector<T> records(const Effects& effects) {
  std::vector<T> found;
  for (const auto& record : effects.persist)
    if (const auto* held = std::get_if<T>(&record)) found.push_back(*held);
  return found;
}

/// Messages of one kind to one member.
template <class T>
[[nodiscard]] std::vector<T> sent(const std::vector<Outgoing>& list, std::uint8_t to) {
  std::vector<T> found;
  for (const auto& outgoing : list)
    if (const auto* held = std::get_if<T>(&outgoing.message); held != nullptr && outgoing.to == member(to))
      found.push_back(*held);
  return found;
}

template <class T>
[[nodiscard]] std::vector<T> events(const Effects& effects) {
  std::vector<T> found;
  for (const auto& event : effects.events)
    if (const auto* held = std::get_if<T>(&event)) found.push_back(*held);
  return found;
}

}  // namespace conclave::paxos::test
