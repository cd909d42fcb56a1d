// One replica by itself: what it does with each message, tick and sync.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "paxos/replica.hpp"
#include "unit/paxos/parts.hpp"

namespace conclave::paxos::test {

/// Member 1 of three, and a time; steps are taken one by one.
struct Stage {
  explicit Stage(Recovered recovered = {}, bool has_vote = true, std::uint8_t voters = 3)
      : replica(identity(has_vote), {}, founded(std::move(recovered), voters), Prng(1), now) {}

  static Identity identity(bool has_vote) {
    return {.self = member(1), .incarnation = Incarnation(1), .has_vote = has_vote, .boot_nonce = 7};
  }
  static Recovered founded(Recovered recovered, std::uint8_t voters) {
    recovered.configurations = {{Slot(0), founders(voters)}};
    return recovered;
  }

  Effects step(const std::function<void(Effects&)>& input) {
    Effects effects;
    input(effects);
    replica.flush(now, effects);
    if (effects.batch) batch = *effects.batch;
    return effects;
  }
  Effects hear(std::uint8_t from, Message message) {
    return step([&](Effects& effects) { replica.on_message(member(from), message, now, effects); });
  }
  Effects sync() {
    return step([&](Effects& effects) { replica.on_persisted(batch, now, effects); });
  }
  Effects tick(BootClock::duration later) {
    now += later;
    return step([&](Effects& effects) { replica.on_tick(now, effects); });
  }
  void link(std::uint8_t other) {
    step([&](Effects& effects) { replica.link_up(member(other), now, effects); });
  }

  /// The leader of `ballot(1, 2)` tells it to stand: without waiting for timers it is a candidate.
  Effects go() {
    link(2);
    link(3);
    hear(2, Accept{ballot(1, 2), replica.watermark().next(), {}, Slot(0)});
    sync();
    return hear(2, Go{ballot(1, 2), member(1), replica.watermark()});
  }
  Promise promised(const Ballot& of, std::uint64_t watermark = 0, std::vector<Reported> reported = {}) const {
    return {of, Incarnation(1), Slot(watermark), Slot(1), std::move(reported), 0, 0, 7};
  }
  /// And then a leader, its term-start on its way.
  Effects lead() {
    go();
    sync();
    return hear(3, promised(replica.promised()));
  }

  Instant now{std::chrono::seconds(1)};
  BatchId batch{0};
  Replica replica;
};

inline Recovered recovered(const Ballot& promise, std::initializer_list<Ballot> log, std::uint64_t watermark) {
  Recovered recovered{.promised = promise, .accepted = {}, .watermark = Slot(watermark), .configurations = {}};
  for (const auto& each : log) {
    const auto slot = recovered.accepted.size() + 1;
    recovered.accepted.push_back({Slot(slot), each, filled(slot, each)});
  }
  return recovered;
}

inline bool said(const Effects& effects, std::string_view words) {
  return std::ranges::any_of(effects.trace,
                             [&](const Trace& trace) { return trace.text.find(words) != std::string::npos; });
}

inline Prepare prepare(const Ballot& of) { return {of, Slot(0), {ConfigurationId(1), Slot(0)}, 1}; }

}  // namespace conclave::paxos::test
