// The search against the definition, on random small histories; and what it costs on long ones.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "base/prng.hpp"
#include "sim/checkers/json_lines.hpp"
#include "sim/checkers/linearizable.hpp"
#include "unit/checkers/oracle.hpp"
#include "unit/checkers/samples.hpp"

using namespace conclave;
using namespace samples;

namespace {

/// What the histories are made of.
struct Mix {
  Kind kind{};
  std::vector<Op> ops;
  /// Instead of `no`, an acquire of a held lock fails, and some are lost.
  bool unheard_acquires{false};
  std::uint64_t objects{1};
  std::uint64_t operations{7};
  /// How many calls are open at one time, about.
  std::uint64_t clients{4};
  std::uint64_t values{2};
  std::uint64_t lost_percent{25};
};

/// Operations with a point each at which they take effect, played upon the oracle's objects: so the answers are right.
class Play {
 public:
  Play(const Mix& mix, Prng prng) : mix_(mix), prng_(prng) {}

  History make() {
    // A few clients, each with one call after the other: calls, effects and returns in random turns.
    struct Client {
      std::optional<std::size_t> open;
      bool took_effect{false};
    };
    std::vector<Client> clients(mix_.clients);
    while (true) {
      auto& client = clients[prng_.below(clients.size())];
      if (!client.open) {
        if (calls_.size() == mix_.operations) break;
        client = {calls_.size(), false};
        begin();
      } else if (!client.took_effect) {
        take_effect(*client.open);
        client.took_effect = true;
      } else {
        end(*client.open);
        client.open.reset();
      }
    }
    // An acquire without an answer would excuse every `no` beside it.
    for (auto& client : clients) {
      if (!client.open || calls_[*client.open].op != Op::acquire || mix_.unheard_acquires) continue;
      if (!client.took_effect) take_effect(*client.open);
      end(*client.open);
    }
    return history(std::move(events_));
  }

 private:
  std::string draw(const char* prefix, std::uint64_t from) { return prefix + std::to_string(prng_.below(from)); }

  void begin() {
    const auto id = calls_.size();
    auto made = call(++now_, id, {mix_.kind, draw("k", mix_.objects)}, mix_.ops[prng_.below(mix_.ops.size())]);
    if (made.op == Op::write || made.op == Op::cas) made.value = draw("v", mix_.values);
    if (made.op == Op::cas) made.old = draw("v", mix_.values);
    if (mix_.kind == Kind::lock) made.session = draw("s", 3);
    auto& thing = things_[made.object];
    if (made.op == Op::release) {
      made.token = thing.newest.value_or(0) + (prng_.chance(1, 4) ? 1 : 0);
      if (thing.holder && prng_.chance(3, 4)) made.session = thing.holder;
    }
    if (made.op == Op::write && mix_.kind == Kind::guard)
      made.token = static_cast<std::int64_t>(now_ / 8 + static_cast<int>(prng_.below(3)));
    if (made.op == Op::apply)
      made.cmd = prng_.chance(1, 3) && id > 0 ? "c" + std::to_string(id - 1) : "c" + std::to_string(id);
    calls_.push_back(made);
    answers_.push_back({});
    events_.push_back(std::move(made));
  }

  void take_effect(std::size_t id) {
    const auto& made = calls_[id];
    const bool may_be_lost = made.op != Op::acquire || mix_.unheard_acquires;
    const bool is_lost = may_be_lost && prng_.chance(mix_.lost_percent, 100);
    if (is_lost && prng_.chance(1, 2)) {
      answers_[id].status = Status::lost;
      return;
    }
    answers_[id] = things_[made.object].answer(made, ++token_);
    if (made.op == Op::acquire && answers_[id].status == Status::no && mix_.unheard_acquires)
      answers_[id].status = Status::fail;
    if (is_lost) answers_[id] = {.status = Status::lost};
  }

  void end(std::size_t id) {
    auto told = answers_[id];
    if (told.status == Status::lost && prng_.chance(1, 2)) return;
    told.at = t(++now_);
    told.id = id;
    if (calls_[id].op != Op::read) told.value.reset();
    if (calls_[id].op != Op::acquire) told.token.reset();
    events_.push_back(told);
  }

  const Mix& mix_;
  Prng prng_;
  int now_{0};
  std::int64_t token_{0};
  std::vector<Event> events_;
  std::vector<Call> calls_;
  std::vector<Return> answers_;
  std::map<Object, oracle::Thing> things_;
};

/// Makes one answer another one, as likely as not a wrong one.
void falsify(History& history, Prng& prng) {
  std::vector<Return*> answers;
  for (auto& event : history.events)
    if (auto* answer = std::get_if<Return>(&event); answer && answer->status != Status::lost) answers.push_back(answer);
  if (answers.empty()) return;
  auto& chosen = *answers[prng.below(answers.size())];
  if (chosen.token)
    chosen.token = *chosen.token + (prng.chance(1, 2) ? 2 : -2);
  else if (chosen.n)
    chosen.n = *chosen.n + (prng.chance(1, 2) ? 1 : -1);
  else if (chosen.value)
    chosen.value = "v" + std::to_string(prng.below(2));
  else if (chosen.status != Status::fail)
    chosen.status = chosen.status == Status::ok ? Status::no : Status::ok;
}

/// An expire or a write of a register that is refused, or a granted acquire without a token, is nothing that a file may say.
bool makes_sense(const History& history) {
  return std::ranges::none_of(operations(history), [](const Operation& each) {
    const auto op = each.call->op;
    if (op == Op::acquire) return each.status() == Status::ok && !each.answer->token;
    if (op == Op::apply) return each.status() == Status::ok && !each.answer->n;
    const bool never_refuses = op == Op::read || op == Op::expire || op == Op::apply ||
                               (op == Op::write && each.call->object.kind == Kind::reg);
    return never_refuses && each.status() == Status::no;
  });
}

void compare(const Mix& mix, std::uint64_t seeds) {
  std::array<int, 2> verdicts{};
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    Prng prng(seed);
    auto made = Play(mix, prng.fork("play")).make();
    if (prng.chance(1, 2)) falsify(made, prng);
    if (!makes_sense(made)) continue;
    const auto found = linearizable(made, {});
    const bool accepted = oracle::Oracle(operations(made)).accepts();
    ++verdicts[accepted];
    std::string text;
    if (found.empty() != accepted)
      for (const auto& event : made.events) text += "\n" + to_line(event);
    REQUIRE_MESSAGE(found.empty() == accepted, "seed " << seed << (accepted ? " is fine" : " is not fine") << text);
  }
  // Both verdicts were met often, or this says nothing.
  CHECK(verdicts[0] > static_cast<int>(seeds / 20));
  CHECK(verdicts[1] > static_cast<int>(seeds / 5));
}

}  // namespace

TEST_CASE("linearizable: registers as by the definition") {
  compare({.kind = Kind::reg, .ops = {Op::read, Op::write, Op::cas}}, 2000);
  compare({.kind = Kind::reg, .ops = {Op::read, Op::write, Op::cas}, .values = 4, .lost_percent = 60}, 2000);
}

TEST_CASE("linearizable: locks as by the definition") {
  compare({.kind = Kind::lock, .ops = {Op::acquire, Op::acquire, Op::release}}, 2000);
  compare({.kind = Kind::lock, .ops = {Op::acquire, Op::acquire, Op::release, Op::expire}, .unheard_acquires = true},
          2000);
}

TEST_CASE("linearizable: guards as by the definition") {
  compare({.kind = Kind::guard, .ops = {Op::read, Op::write, Op::write}}, 2000);
}

TEST_CASE("linearizable: counters as by the definition") {
  compare({.kind = Kind::once, .ops = {Op::apply}, .lost_percent = 40}, 2000);
}

namespace {

/// 20,000 calls of 8 clients on 4 objects; one in fifty is lost.
Mix long_mix(Kind kind, std::vector<Op> ops) {
  return {.kind = kind,
          .ops = std::move(ops),
          .unheard_acquires = true,
          .objects = 4,
          .operations = 20'000,
          .clients = 8,
          .values = 1'000,
          .lost_percent = 2};
}

const std::vector<Mix> long_mixes = {long_mix(Kind::reg, {Op::read, Op::write, Op::cas}),
                                     long_mix(Kind::lock, {Op::acquire, Op::release, Op::expire}),
                                     long_mix(Kind::guard, {Op::read, Op::write}), long_mix(Kind::once, {Op::apply})};

}  // namespace

TEST_CASE("linearizable: a long history is decided with a few transitions for each operation") {
  for (const auto& mix : long_mixes) {
    const auto made = Play(mix, Prng(7)).make();
    for (const auto& each : linearizable(made, {.configurations_max = 2'000, .transitions_max = 500'000}))
      FAIL_CHECK(to_string(each, made));
  }
}

TEST_CASE("linearizable: one wrong answer in a long history is found, and nothing before it is accused") {
  auto made = Play(long_mixes[0], Prng(7)).make();
  const auto is_late_read = [&](const Operation& each) {
    return each.called > made.events.size() / 2 && each.call->op == Op::read && each.status() == Status::ok;
  };
  const auto all = operations(made);
  const auto culprit = std::ranges::find_if(all, is_late_read);
  REQUIRE(culprit != all.end());
  std::get<Return>(made.events[culprit->returned]).value = "never written";
  const auto found = linearizable(made, {});
  REQUIRE(found.size() == 1);
  CHECK(found[0].verdict == Verdict::broken);
  CHECK(found[0].events.back() == culprit->returned);
}

TEST_CASE("linearizable: a bound that is passed leaves the question open, and is told") {
  const auto made = Play(long_mixes[0], Prng(7)).make();
  for (const LinearizableBounds& bounds :
       {LinearizableBounds{.configurations_max = 3}, LinearizableBounds{.transitions_max = 1'000}}) {
    const auto found = linearizable(made, bounds);
    REQUIRE(found.size() == 4);
    for (const auto& each : found) CHECK(each.verdict == Verdict::undecided);
    CHECK(to_string(found[0], made).find("undecided") != std::string::npos);
  }
}
