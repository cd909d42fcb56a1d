#include "sim/theme.hpp"

namespace conclave::sim {
namespace {

using namespace std::chrono_literals;
using Duration = BootClock::duration;

/// From a change of the network to the next commit.
constexpr Duration back_after = 1200ms;

std::string any(Prng& draws, const Plan& plan) { return std::to_string(1 + draws.below(plan.nodes)); }

std::set<std::string> quorum_around(Prng& draws, const Plan& plan, const std::string& leader) {
  std::set quorum{leader};
  while (2 * quorum.size() <= plan.nodes) quorum.insert(any(draws, plan));
  return quorum;
}

/// The `members`, and one more.
std::string group(Words members, const std::string& also = {}) {
  if (!also.empty()) members.push_back(also);
  return '{' + join(members) + '}';
}

}  // namespace

Duration between(Prng& draws, Duration least, Duration most) {
  return least + std::chrono::milliseconds(draws.below(static_cast<std::uint64_t>((most - least) / 1ms) + 1));
}

void cut_all_but_a_quorum(Plan& plan, Prng draws) {
  const auto leader = plan.prefer = any(draws, plan);
  Duration at = 2s;
  plan.expectations.push_back({at, {"same-leader", to_string(plan.faults_for - at)}});
  for (; at < plan.faults_for - back_after; at += between(draws, 2s, 6s)) {
    const auto quorum = quorum_around(draws, plan, leader);
    const auto holds = [&](const auto& from, const auto& to) {
      return (from == leader || to == leader) && quorum.contains(from) && quorum.contains(to);
    };
    plan.faults.push_back({at, {"heal"}});
    for (const auto& from : plan.names())
      for (const auto& to : plan.names())
        if (from != to && !holds(from, to) && draws.chance(1, 2)) plan.faults.push_back({at, {"cut", from, to}});
    plan.expectations.push_back({at, {"commit", to_string(back_after)}});
  }
}

void forget_among_few(Plan& plan, Prng draws, const std::vector<std::string>& victims) {
  Duration at = 1s;
  const auto strike = [&](Words words) { plan.faults.push_back({at, std::move(words)}); };
  for (const auto& victim : victims) {
    Words absent;
    Words present;
    for (const auto& name : plan.names())
      if (name != victim) (absent.size() < (plan.nodes - 1) / 2 ? absent : present).push_back(name);
    at += between(draws, 0ms, 3s);
    strike({"backup", victim});
    strike({"partition", group(present, victim), group(absent)});
    at += between(draws, 1s, 4s);
    strike({"restore", victim});
    strike({"start", victim});
    at += between(draws, 1s, 2s);
    strike({"partition", group(present), group(absent, victim)});
    at += between(draws, 1s, 3s);
    strike({"heal"});
  }
}

void topple_slow_machines(Plan& plan, Prng draws) {
  const bool are_far = draws.chance(1, 2);
  for (const auto& name : plan.names())
    plan.faults.push_back({0s, are_far ? Words{"latency", name, "*", to_string(between(draws, 10ms, 80ms))}
                                       : Words{"disk-latency", name, to_string(between(draws, 20ms, 280ms))}});
  // A leader that counts on the slowest follower waits longer than those who elect another without it.
  if (are_far && plan.nodes > 4) {
    const auto remote = any(draws, plan);
    const auto latency = to_string(between(draws, 100ms, 200ms));
    plan.faults.push_back({0s, {"latency", remote, "*", latency}});
    plan.faults.push_back({0s, {"latency", "*", remote, latency}});
  }
  for (Duration at = 2s; at < plan.faults_for; at += between(draws, 300ms, 1200ms)) {
    plan.faults.push_back({at, {"heal"}});
    plan.faults.push_back({at, {"isolate", "leader"}});
  }
}

}  // namespace conclave::sim
