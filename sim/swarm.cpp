#include "sim/swarm.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include "base/prng.hpp"
#include "sim/theme.hpp"

namespace conclave::sim {
namespace {

using namespace std::chrono_literals;
using Duration = BootClock::duration;

// What is drawn for; each draw has a key of its own.
enum class Draws : std::uint64_t { shape = 1, kinds, faults, calls, victims, surroundings, theme, leaders };

// ---- Calls ----

std::string number(std::uint64_t value) { return std::to_string(value); }

// One object of a kind, but two locks: what many ask at a time says more.
Words draw_call(Prng& draws, std::size_t nodes) {
  const auto name = number(1 + draws.below(nodes));
  const auto lock = std::string(1, static_cast<char>('a' + draws.below(2)));
  const auto value = "v" + number(draws.below(1'000'000));
  const auto hold = number(1 + draws.below(200)) + "ms";
  // Whoever gives up after a TTL learns that he has: his withdrawal is confirmed, or its session is over.
  const auto wait = number(4000 + draws.below(4000)) + "ms";
  const auto kind = draws.below(100);
  if (kind < 28) return {name, "acquire", lock, hold, wait};
  if (kind < 40) return {name, "try", lock, hold};
  if (kind < 58) return {name, "apply", "n"};
  if (kind < 68) return {name, "write", "x", value};
  if (kind < 74) return {name, "cas", "x", "v" + number(draws.below(4)), value};
  if (kind < 81) return {name, "read", "x"};
  if (kind < 84) return {name, "guard-read", "g"};
  if (kind < 87) return {name, "stale-read", "x"};
  if (kind < 93) return {name, "guard-write", "g", lock};
  if (kind < 96) return {name, "guard-old", "g", lock};
  return {name, "campaign", "chief", number(1 + draws.below(3000)) + "ms"};
}

struct Shape {
  std::size_t nodes_min;
  std::size_t nodes_max;
  Duration faults_for;
  /// One fault begins about this often.
  Duration between_faults;
  /// One call is made about this often.
  Duration between_calls;
};

Shape shape_of(Profile profile) {
  switch (profile) {
    case Profile::small:
      return {.nodes_min = 3, .nodes_max = 3, .faults_for = 30s, .between_faults = 1500ms, .between_calls = 50ms};
    case Profile::standard:
      return {.nodes_min = 5, .nodes_max = 5, .faults_for = 60s, .between_faults = 3s, .between_calls = 45ms};
    case Profile::wild:
      break;
  }
  return {.nodes_min = nodes_least, .nodes_max = nodes_most, .faults_for = 60s, .between_faults = 1s, .between_calls = 50ms};
}

class Drawing {
 public:
  Drawing(std::uint64_t seed, Profile profile) : root_(Prng(seed).fork(static_cast<std::uint64_t>(profile))), profile_(profile) {
    plan_.seed = seed;
  }

  Plan draw() {
    const auto shape = shape_of(profile_);
    draw_faults(shape, 0, shape.faults_for);
    if (leaders_fall()) unseat_leaders();
    draw_load(plan_, shape.between_calls);
    return std::move(plan_);
  }

  /// On `nodes` machines; 0: drawn.
  Plan draw_faults(std::size_t nodes, Duration faults_for) {
    for_a_guest_ = true;
    draw_faults(shape_of(profile_), nodes, faults_for);
    return std::move(plan_);
  }

 private:
  /// A fault with its end.
  struct Kind {
    unsigned weight;
    unsigned weight_small;
    void (Drawing::*draw)(Prng& draws, Duration at);
    /// It takes away a machine, or the way to it.
    bool hides;
  };

  /// Standard seeds change their leaders, whatever else they do, and are quick enough for a history of a thousand calls. So they
  /// have no theme, no far networks, and nothing for which a leader has to stay.
  [[nodiscard]] bool leaders_fall() const { return profile_ == Profile::standard && !for_a_guest_; }

  Prng fork(Draws purpose) const { return root_.fork(static_cast<std::uint64_t>(purpose)); }

  // ---- Words ----

  std::string any(Prng& draws) const { return std::to_string(1 + draws.below(plan_.nodes)); }
  std::string other(Prng& draws, const std::string& than) const {
    for (;;)
      if (auto name = any(draws); name != than) return name;
  }
  std::string victim(Prng& draws) const { return victims_[draws.below(victims_.size())]; }
  void add(Duration at, Words words) { plan_.faults.push_back({at, std::move(words)}); }
  /// Half a quorum may be damaged for good: the other half and one keep a sound copy of everything.
  void choose_victims() {
    auto draws = fork(Draws::victims);
    while (victims_.size() < (plan_.nodes - 1) / 2)
      if (auto name = any(draws); std::ranges::find(victims_, name) == victims_.end()) victims_.push_back(std::move(name));
  }

  /// Most clusters stand in one room; some machines are far from each other, or have slow disks: then much is under way whenever
  /// a fault strikes.
  void choose_surroundings() {
    auto draws = fork(Draws::surroundings);
    if (draws.chance(1, 3)) {
      add(0s, {"latency", "*", "*", number(1 + draws.below(50)) + "ms"});
      add(0s, {"jitter", "*", "*", number(1 + draws.below(20)) + "ms"});
    }
    if (!draws.chance(1, 4)) return;
    for (const auto& name : plan_.names()) add(0s, {"disk-latency", name, number(1 + draws.below(30)) + "ms"});
  }

  // ---- Faults ----

  void part(Prng& draws, Duration at) {
    Words words{"partition", "{", "{"};
    for (std::size_t i = 1; i <= plan_.nodes; ++i) {
      auto& group = words[1 + draws.below(2)];
      group += (group.size() > 1 ? " " : "") + std::to_string(i);
    }
    for (auto* group : {&words[1], &words[2]}) *group += '}';
    add(at, words);
    add(at + between(draws, 100ms, 6s), {"heal"});
  }
  void isolate(Prng& draws, Duration at) {
    add(at, {"isolate", draws.chance(1, 2) ? "leader" : any(draws)});
    add(at + between(draws, 100ms, 6s), {"heal"});
  }
  /// One leader after the other is cut off when the one before comes back: what each of them has begun meets the others'.
  void topple(Prng& draws, Duration at) {
    for (std::uint64_t i = 0, many = 3 + draws.below(6); i < many; ++i) {
      add(at, {"heal"});
      add(at, {"isolate", "leader"});
      at += between(draws, 150ms, 1500ms);
    }
    add(at, {"heal"});
  }
  void cut(Prng& draws, Duration at) {
    const auto from = any(draws);
    const auto to = other(draws, from);
    add(at, {"cut", from, to});
    add(at + between(draws, 50ms, 5s), {"release", from, to});
  }
  void deafen(Prng& draws, Duration at) {
    const auto name = any(draws);
    const bool deaf = draws.chance(1, 2);
    add(at, deaf ? Words{"cut", "*", name} : Words{"cut", name, "*"});
    add(at + between(draws, 50ms, 5s), {"heal"});
  }
  void lose(Prng& draws, Duration at) {
    const auto from = draws.chance(1, 2) ? "*" : any(draws);
    const auto to = from == "*" ? any(draws) : "*";
    add(at, {"drop", from, to, number(1 + draws.below(300))});
    add(at + between(draws, 500ms, 6s), {"drop", from, to, "0"});
  }
  void delay(Prng& draws, Duration at) {
    const auto from = any(draws);
    const auto to = other(draws, from);
    add(at, {"latency", from, to, number(1 + draws.below(100)) + "ms"});
    add(at, {"jitter", from, to, number(1 + draws.below(50)) + "ms"});
    add(at + between(draws, 500ms, 6s), {"latency", from, to, "100us"});
  }
  void overtake(Prng& draws, Duration at) {
    const auto from = any(draws);
    add(at, {"tail", from, "*", number(1 + draws.below(200)), number(5 + draws.below(200)) + "ms"});
    add(at + between(draws, 500ms, 6s), {"tail", from, "*", "0", "20ms"});
  }
  void corrupt(Prng& draws, Duration at) {
    const auto from = any(draws);
    add(at, {"corrupt", from, "*", number(1 + draws.below(20))});
    add(at + between(draws, 500ms, 4s), {"corrupt", from, "*", "0"});
  }
  void duplicate(Prng& draws, Duration at) {
    add(at, {"duplicate", "*", any(draws), number(1 + draws.below(300))});
  }
  void narrow(Prng& draws, Duration at) {
    const auto from = any(draws);
    add(at, {"bandwidth", from, "*", number(2000 + draws.below(200'000))});
    add(at + between(draws, 500ms, 4s), {"bandwidth", from, "*", "0"});
  }
  void haunt(Prng& draws, Duration at) {
    const auto from = any(draws);
    add(at, {"replay", from, "*", draws.chance(1, 2) ? number(1 + draws.below(20)) + "s" : number(1 + draws.below(200)) + "ms"});
    add(at + between(draws, 200ms, 2s), {"replay", from, "*", "0s"});
  }
  void reset(Prng& draws, Duration at) {
    const auto from = any(draws);
    add(at, {draws.chance(1, 2) ? "reset" : "half-open", from, other(draws, from)});
  }
  void flap(Prng& draws, Duration at) {
    const auto from = any(draws);
    const auto to = other(draws, from);
    const auto period = between(draws, 20ms, 500ms);
    for (std::uint64_t i = 0, many = 2 + draws.below(8); i < many; ++i) {
      add(at + period * (2 * i), {"cut", from, to});
      add(at + period * (2 * i + 1), {"release", from, to});
    }
  }
  void kill(Prng& draws, Duration at) {
    const auto name = any(draws);
    add(at, {draws.chance(1, 2) ? "kill" : "power-off", name});
    add(at + between(draws, 10ms, 5s), {"start", name});
  }
  void kill_leader(Prng& draws, Duration at) {
    add(at, {draws.chance(1, 2) ? "kill" : "power-off", "leader"});
    const auto back = at + between(draws, 10ms, 3s);
    for (const auto& name : plan_.names()) add(back, {"start", name});
  }
  void kill_all(Prng& draws, Duration at) {
    for (const auto& name : plan_.names()) {
      add(at + between(draws, 0ms, 50ms), {draws.chance(1, 4) ? "kill" : "power-off", name});
      add(at + between(draws, 100ms, 2s), {"start", name});
    }
  }
  void crash_at_write(Prng& draws, Duration at) {
    const auto name = any(draws);
    add(at, {"crash-at-write", name, number(1 + draws.below(20))});
    add(at + between(draws, 1s, 4s), {"start", name});
  }
  void crash_loop(Prng& draws, Duration at) {
    const auto name = any(draws);
    for (std::uint64_t i = 0, many = 2 + draws.below(5); i < many; ++i) {
      const auto again = at + between(draws, 20ms, 400ms) * (i + 1);
      add(again, {"start", name});
      add(again, {"crash-at-write", name, number(1 + draws.below(6))});
    }
    add(at + 4s, {"start", name});
  }
  void pause(Prng& draws, Duration at) {
    const auto name = draws.chance(1, 2) ? "leader" : any(draws);
    add(at, {"pause", name});
    const auto back = at + between(draws, 20ms, 9s);
    for (const auto& each : name == "leader" ? plan_.names() : std::set{name}) add(back, {"resume", each});
  }
  void slow(Prng& draws, Duration at) {
    const auto name = any(draws);
    add(at, {"slow", name, number(1 + draws.below(30)) + "ms"});
    add(at + between(draws, 500ms, 4s), {"slow", name, "0s"});
  }
  void slow_disk(Prng& draws, Duration at) {
    const auto name = any(draws);
    add(at, {"disk-latency", name, number(1 + draws.below(200)) + "ms"});
    add(at + between(draws, 500ms, 5s), {"disk-latency", name, "300us"});
  }
  void stall_disk(Prng& draws, Duration at) {
    const auto name = any(draws);
    add(at, {"disk-stall", name});
    add(at + between(draws, 50ms, 5s), {"disk-go-on", name});
  }
  void fill_disk(Prng& draws, Duration at) {
    const auto name = any(draws);
    add(at, {"disk-full", name});
    add(at + between(draws, 50ms, 5s), {"disk-room", name});
  }
  void drift(Prng& draws, Duration at) {
    const auto ppm = static_cast<std::int64_t>(draws.below(2 * drift_ppm_most + 1)) - std::int64_t{drift_ppm_most};
    add(at, {"clock", any(draws), std::to_string(ppm)});
  }

  // Damage: only to victims.
  void fail_io(Prng& draws, Duration at) {
    const auto name = victim(draws);
    add(at, {draws.chance(1, 2) ? "fail-sync" : "fail-write", name, "1"});
    add(at + between(draws, 500ms, 4s), {"start", name});
  }
  void lose_sync(Prng& draws, Duration at) {
    const auto name = victim(draws);
    add(at, {"lose-sync", name, number(1 + draws.below(3))});
    add(at + between(draws, 20ms, 1s), {"power-off", name});
    add(at + between(draws, 1s, 4s), {"start", name});
  }
  void rot(Prng& draws, Duration at) {
    const auto name = victim(draws);
    if (draws.chance(1, 3))
      add(at, {"rot-promise", name, number(draws.below(4000))});
    else
      add(at, {"rot-entry", name, number(draws.below(500)), number(draws.below(4000))});
    add(at + between(draws, 20ms, 2s), {"start", name});
  }
  void misdirect(Prng& draws, Duration at) {
    const auto name = victim(draws);
    add(at, {"misdirect", name, number(draws.below(500)), number(draws.below(500))});
    add(at + between(draws, 20ms, 2s), {"start", name});
  }
  void wipe(Prng& draws, Duration at) {
    const auto name = victim(draws);
    add(at, {"wipe", name});
    add(at + between(draws, 20ms, 2s), {"start", name});
  }
  void restore(Prng& draws, Duration at) {
    const auto name = victim(draws);
    add(at, {"backup", name});
    const auto back = at + between(draws, 500ms, 8s);
    add(back, {"restore", name});
    add(back + between(draws, 20ms, 2s), {"start", name});
  }
  static constexpr bool hides = true;
  static constexpr bool stays = false;
  static constexpr auto kinds = std::to_array<Kind>({
      {10, 3, &Drawing::part, hides},
      {8, 3, &Drawing::isolate, hides},
      {6, 8, &Drawing::topple, hides},
      {8, 3, &Drawing::cut, hides},
      {6, 2, &Drawing::deafen, hides},
      {6, 2, &Drawing::lose, hides},
      {6, 2, &Drawing::delay, stays},
      {4, 1, &Drawing::overtake, stays},
      {4, 1, &Drawing::corrupt, hides},
      {4, 1, &Drawing::duplicate, stays},
      {3, 1, &Drawing::narrow, hides},
      {4, 2, &Drawing::haunt, stays},
      {6, 2, &Drawing::reset, hides},
      {4, 1, &Drawing::flap, hides},
      {10, 20, &Drawing::kill, hides},
      {8, 20, &Drawing::kill_leader, hides},
      {3, 8, &Drawing::kill_all, hides},
      {8, 20, &Drawing::crash_at_write, hides},
      {3, 8, &Drawing::crash_loop, hides},
      {6, 4, &Drawing::pause, hides},
      {3, 1, &Drawing::slow, stays},
      {4, 2, &Drawing::slow_disk, stays},
      {4, 2, &Drawing::stall_disk, hides},
      {3, 1, &Drawing::fill_disk, stays},
      {4, 2, &Drawing::drift, stays},
  });
  static constexpr auto damages = std::to_array<Kind>({
      {2, 2, &Drawing::fail_io, hides},
      {2, 3, &Drawing::rot, hides},
      {1, 1, &Drawing::misdirect, hides},
      {1, 1, &Drawing::wipe, hides},
  });
  /// What was acknowledged is gone, and the disk does not know it: the others have to notice, so they have to be there (I5).
  static constexpr auto forgetting = std::to_array<Kind>({
      {2, 3, &Drawing::lose_sync, stays},
      {2, 2, &Drawing::restore, stays},
  });

  /// Whatever else is left out: the leader changes a few times.
  void unseat_leaders() {
    auto draws = fork(Draws::leaders);
    const bool pauses = draws.chance(1, 2);
    for (int part = 1; part <= 3; ++part) {
      const auto at = plan_.faults_for * part / 4 + between(draws, 0ms, 5s);
      const auto back = at + between(draws, 1200ms, 2500ms);
      add(at, {pauses ? "pause" : "isolate", "leader"});
      if (!pauses) add(back, {"heal"});
      for (const auto& name : pauses ? plan_.names() : std::set<std::string>()) add(back, {"resume", name});
    }
    std::ranges::stable_sort(plan_.faults, {}, &Step::at);
  }

  void draw_faults(const Shape& shape, std::size_t nodes, Duration faults_for) {
    auto draws = fork(Draws::shape);
    plan_.nodes = nodes > 0 ? nodes : shape.nodes_min + draws.below(shape.nodes_max - shape.nodes_min + 1);
    plan_.faults_for = faults_for;
    plan_.settle_for = 15s;
    choose_victims();
    if (!leaders_fall()) {
      const auto theme = fork(Draws::theme).below(16);
      if (theme == 0 && !for_a_guest_ && plan_.nodes > 2) return cut_all_but_a_quorum(plan_, fork(Draws::theme).fork(1));
      if (theme == 1 && !for_a_guest_) return forget_among_few(plan_, fork(Draws::theme).fork(2), victims_);
      if (theme == 2) return topple_slow_machines(plan_, fork(Draws::theme).fork(3));
      choose_surroundings();
    }
    place_faults(shape);
    std::ranges::stable_sort(plan_.faults, {}, &Step::at);
  }

  void place_faults(const Shape& shape) {
    auto swarm = fork(Draws::kinds);
    std::vector<Kind> kept;
    const auto keep = [&](const auto& all, std::uint64_t part, std::uint64_t whole) {
      for (const auto& kind : all)
        if (swarm.chance(part, whole)) kept.push_back(kind);
    };
    keep(kinds, 1, 2);
    if (!victims_.empty()) keep(damages, 1, 3);
    if (!victims_.empty() && swarm.chance(1, 8) && !for_a_guest_ && !leaders_fall()) {
      std::erase_if(kept, [](const Kind& kind) { return kind.hides; });
      kept.insert(kept.end(), forgetting.begin(), forgetting.end());
    }
    if (kept.empty()) return;
    const auto weight = [&](const Kind& kind) { return profile_ == Profile::small ? kind.weight_small : kind.weight; };
    std::uint64_t whole = 0;
    for (const auto& kind : kept) whole += weight(kind);
    std::uint64_t place_of_fault = 0;
    for (Duration at = 1s; at < plan_.faults_for; ++place_of_fault) {
      // A generator for each fault: its own draws change no other's.
      auto draws = fork(Draws::faults).fork(place_of_fault);
      at += between(draws, 0ms, 2 * shape.between_faults);
      if (at >= plan_.faults_for) return;
      auto place = draws.below(whole);
      for (const auto& kind : kept) {
        if (place < weight(kind)) {
          (this->*kind.draw)(draws, at);
          break;
        }
        place -= weight(kind);
      }
    }
  }

  Prng root_;
  Profile profile_;
  Plan plan_;
  std::vector<std::string> victims_;
  /// What it holds on to is not to be put in doubt (swarm.hpp), and nothing is expected of it.
  bool for_a_guest_{false};
};

}  // namespace

std::optional<Profile> parse_profile(std::string_view name) {
  if (name == "small") return Profile::small;
  if (name == "standard") return Profile::standard;
  if (name == "wild") return Profile::wild;
  return std::nullopt;
}

std::string_view to_string(Profile profile) {
  if (profile == Profile::small) return "small";
  return profile == Profile::standard ? "standard" : "wild";
}

Profile profile_of(std::uint64_t seed) {
  const auto place = seed % 6;
  if (place < 3) return Profile::small;
  return place < 5 ? Profile::standard : Profile::wild;
}

void draw_load(Plan& plan, Duration between_calls) {
  const auto root = Prng(plan.seed).fork(static_cast<std::uint64_t>(Draws::calls));
  std::uint64_t place = 0;
  for (Duration at = 500ms;; ++place) {
    // A generator for each call: its own draws change no other's.
    auto draws = root.fork(place);
    at += between(draws, 0ms, 2 * between_calls);
    // Some in the second phase, too: they must all be answered.
    if (at >= plan.faults_for + calls_after_healing) return;
    plan.calls.push_back({at, draw_call(draws, plan.nodes)});
  }
}

Plan draw_faults(std::uint64_t seed, Profile profile, std::size_t nodes, Duration faults_for) {
  return Drawing(seed, profile).draw_faults(nodes, faults_for);
}

Plan draw_plan(std::uint64_t seed, Profile profile) { return Drawing(seed, profile).draw(); }

}  // namespace conclave::sim
