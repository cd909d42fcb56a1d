// The functions of <conclave/sim.hpp>: many runs of a user's application.
#include <algorithm>
#include <cstdio>
#include <utility>

#include <conclave/sim.hpp>

#include "client/timing.hpp"
#include "sim/embedding.hpp"
#include "sim/run.hpp"
#include "sim/shrink.hpp"
#include "sim/swarm.hpp"

namespace conclave::sim {
namespace {

using namespace std::chrono_literals;

/// Of the simulator's own calls.
constexpr std::uint64_t draws_of_load = 0x6c6f6164;

Error bad(const std::string& complaint) { return Error(errc::invalid_argument, complaint); }

Result<void> check_phase(const char* option, std::chrono::milliseconds value) {
  if (value >= 1s && value <= 1h) return {};
  return bad(std::string(option) + " is " + std::to_string(value.count()) + " ms; it must be 1 second to 1 hour");
}

Result<void> check(const Options& options, const MakeApplication& make) {
  if (!make) return bad("nothing makes the application");
  if (options.seeds == 0) return bad("seeds is 0; it must be at least 1");
  if (options.failures_max == 0) return bad("failures_max is 0; it must be at least 1");
  if (options.nodes && (*options.nodes < nodes_least || *options.nodes > nodes_most))
    return bad("nodes is " + std::to_string(*options.nodes) + "; it must be " + std::to_string(nodes_least) + " to " +
               std::to_string(nodes_most));
  if (options.load_every < 0ms) return bad("load_every is negative");
  if (auto done = check_phase("faults_for", options.faults_for); !done) return done;
  if (auto done = check_phase("settle_for", options.settle_for); !done) return done;
  if (options.timing.clock_drift_ppm < drift_ppm_most)
    return bad("timing.clock_drift_ppm is " + std::to_string(options.timing.clock_drift_ppm) + "; simulated clocks drift by up to " +
               std::to_string(drift_ppm_most));
  return client::check_timing(options.timing);
}

// ---- Plans ----

/// Locks and leaderships of the simulator's own, so that its history has something to judge.
void draw_own_load(Plan& plan, BootClock::duration every) {
  const auto root = Prng(plan.seed).fork(draws_of_load);
  BootClock::duration at = 500ms;
  for (std::uint64_t place = 0;; ++place) {
    auto draws = root.fork(place);
    const auto up_to = [&](std::uint64_t most) { return std::to_string(1 + draws.below(most)) + "ms"; };
    at += std::chrono::nanoseconds(draws.below(static_cast<std::uint64_t>(2 * every.count()) + 1));
    if (at >= plan.faults_for) return;
    const auto node = std::to_string(1 + draws.below(plan.nodes));
    const auto lock = std::string("sim:") + static_cast<char>('a' + draws.below(2));
    const auto kind = draws.below(10);
    if (kind < 6)
      plan.calls.push_back({at, {node, "acquire", lock, up_to(300), up_to(5000)}});
    else if (kind < 8)
      plan.calls.push_back({at, {node, "try", lock, up_to(300)}});
    else
      plan.calls.push_back({at, {node, "campaign", "sim:chief", up_to(3000)}});
  }
}

Plan plan_of(const Options& options, std::uint64_t seed) {
  auto plan = draw_faults(seed, options.profile, options.nodes.value_or(0), options.faults_for);
  plan.settle_for = options.settle_for;
  if (options.load_every > 0ms) draw_own_load(plan, options.load_every);
  return plan;
}

// ---- Runs ----

/// What came of one run.
struct Ran {
  Outcome outcome;
  std::string failed_on;
  /// Empty: all is well.
  std::string check;
};

Ran run_once(const Options& options, const Plan& plan, const MakeApplication& make) {
  Embedding embedding(options, plan.seed, make);
  Ran ran{.outcome = run(plan, embedding), .failed_on = {}, .check = {}};
  ran.failed_on = embedding.failed_on();
  ran.check = blamed(plan, ran.outcome);
  return ran;
}

Failure failure_of(const Plan& plan, const Ran& ran) {
  Failure failure{.seed = plan.seed, .check = ran.check, .node = {}, .at = {}, .sentence = {}, .plan = to_string(plan)};
  const auto& all = ran.outcome.violations;
  const auto found = std::ranges::find(all, ran.check, &Violation::check);
  if (found == all.end()) {
    failure.sentence = "the plan says that this check fires, and it did not";
    return failure;
  }
  failure.at = found->to;
  failure.sentence = found->sentence.substr(0, found->sentence.find('\n'));
  // The application's own come first; the others tell their subject.
  if (found == all.begin() && !ran.failed_on.empty()) failure.node = ran.failed_on;
  return failure;
}

class Hunt {
 public:
  Hunt(const Options& options, const MakeApplication& make) : options_(options), make_(make) {}

  /// False: enough have failed.
  bool add(const Plan& plan, bool again) {
    const auto ran = run_once(options_, plan, make_);
    ++summary_.seeds;
    summary_.simulated += ran.outcome.simulated;
    summary_.trace_hash += share_of_all(ran.outcome.trace_hash, plan.seed);
    if (!ran.check.empty())
      summary_.failures.push_back(options_.shrink_tries > 0 ? shrunk(plan, ran.check) : failure_of(plan, ran));
    else if (again && run_once(options_, plan, make_).outcome.trace_hash != ran.outcome.trace_hash)
      summary_.failures.push_back({.seed = plan.seed,
                                   .check = "determinism",
                                   .node = {},
                                   .at = {},
                                   .sentence = "two runs of this seed differ: the application looks at something that is not of its run",
                                   .plan = to_string(plan)});
    return summary_.failures.size() < options_.failures_max;
  }

  [[nodiscard]] Summary summary() { return std::move(summary_); }

 private:
  /// Of a smaller plan that fails by the same check.
  [[nodiscard]] Failure shrunk(const Plan& plan, const std::string& check) const {
    auto silent = options_;
    silent.log = {};
    std::size_t tries = 0;
    const auto smaller = shrink(
        plan, [&](const Plan& tried) { return run_once(silent, tried, make_).check == check; },
        [&] { return ++tries > options_.shrink_tries; });
    return failure_of(smaller.plan, run_once(silent, smaller.plan, make_));
  }

  const Options& options_;
  const MakeApplication& make_;
  Summary summary_;
};

std::string in_seconds(std::chrono::nanoseconds at) {
  char text[32];
  (void)std::snprintf(text, sizeof text, "%.3f s", std::chrono::duration<double>(at).count());
  return text;
}

}  // namespace

Result<Summary> run(const Options& options, const MakeApplication& make) {
  if (auto valid = check(options, make); !valid) return valid.error();
  Hunt all(options, make);
  for (std::uint64_t i = 0; i < options.seeds; ++i) {
    const bool again = options.again_every > 0 && i % options.again_every == 0;
    if (!all.add(plan_of(options, options.first_seed + i), again)) break;
  }
  return all.summary();
}

Result<Summary> replay(std::string_view plan, const Options& options, const MakeApplication& make) {
  if (auto valid = check(options, make); !valid) return valid.error();
  auto parsed = parse_plan(plan);
  if (!parsed) return parsed.error();
  Hunt one(options, make);
  (void)one.add(*parsed, options.again_every > 0);
  return one.summary();
}

std::string to_string(const Failure& failure) {
  std::string text = "seed " + std::to_string(failure.seed) + ": " + failure.check + "\n  ";
  if (failure.check != "determinism") text += "at " + in_seconds(failure.at) + ", ";
  if (!failure.node.empty()) text += "node " + failure.node + ": ";
  text += failure.sentence + "\n  again: run with first_seed = " + std::to_string(failure.seed) +
          ", seeds = 1, or replay with this plan:\n";
  for (std::size_t begin = 0; begin < failure.plan.size();) {
    const auto end = std::min(failure.plan.find('\n', begin), failure.plan.size());
    text += "    " + failure.plan.substr(begin, end - begin) + '\n';
    begin = end + 1;
  }
  return text;
}

std::string to_string(const Summary& summary) {
  char hours[32];
  (void)std::snprintf(hours, sizeof hours, "%.2f", std::chrono::duration<double, std::ratio<3600>>(summary.simulated).count());
  auto text = std::to_string(summary.seeds) + " seeds, " + hours + " simulated hours, " +
              std::to_string(summary.failures.size()) + " failures\n";
  for (const auto& failure : summary.failures) text += to_string(failure);
  return text;
}

}  // namespace conclave::sim
