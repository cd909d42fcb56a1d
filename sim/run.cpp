#include "sim/run.hpp"

#include <algorithm>
#include <set>

#include "sim/expectation.hpp"
#include "sim/fault.hpp"
#include "sim/invariants/invariants.hpp"
#include "sim/workload.hpp"

#include "sim/checkers/check.hpp"

namespace conclave::sim {
namespace {

using namespace std::chrono_literals;

// Above that of the others.
constexpr unsigned preferred = 200;
// What a broken cluster does later proves nothing more, and may take for ever.
constexpr auto aftermath = 1s;

/// A run while it runs.
class Run {
 public:
  /// Ends when the invariant `until` is broken; empty: at the plan's end.
  Run(const Plan& plan, const Enter& enter, std::string_view until = {}, Guest* guest = nullptr)
      : plan_(plan),
        until_(until),
        guest_(guest),
        world_(plan.seed),
        invariants_(world_),
        recorder_(world_, guest ? HistoryRecorder::Options{.drift_ppm = guest->drift_ppm()} : HistoryRecorder::Options{}),
        workload_(world_, recorder_),
        expectations_(world_, plan.expectations) {
    if (enter) enter(world_);
    if (guest_) guest_->enter(world_);
  }

  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() {
    if (guest_) guest_->leave();
  }

  Outcome perform() {
    auto& timeline = world_.timeline();
    for (const auto& fault : plan_.faults)
      timeline.at(Instant(fault.at), [this, &fault] {
        if (!healed_) strike(world_, fault.words);
      });
    for (const auto& call : plan_.calls) calls_.push_back(&call);
    std::ranges::stable_sort(calls_, {}, [](const auto* call) { return call->at; });
    plan_call(0);
    world_.found(plan_.nodes, [this](Machine& machine) {
      guest_ ? guest_->prepare(machine) : Workload::prepare(machine);
      if (machine.name == plan_.prefer) machine.config.priority = preferred;
    });
    if (world_.run_until([this] { return broken(); }, plan_.faults_for)) return conclude();
    heal();
    (void)world_.run_until([this] { return broken() || world_.now() >= heal_until_ || well(); }, plan_.settle_for);
    if (broken()) return conclude();
    judge_liveness();
    // What was asked for is given back, and what a scenario expects late is seen.
    world_.run_for(expected_until() - std::min(expected_until(), world_.now()));
    if (guest_ && !guest_->over()) guest_->finish();
    return conclude();
  }

 private:
  /// One after the other: each that waits makes whatever else waits dearer.
  void plan_call(std::size_t number) {
    if (number == calls_.size()) return;
    world_.timeline().at(Instant(calls_[number]->at), [this, number] {
      plan_call(number + 1);
      workload_.perform(calls_[number]->words);
    });
  }

  [[nodiscard]] bool broken() const {
    if (guest_ && guest_->over()) return true;
    if (plan_.violates.empty() && std::ranges::any_of(invariants_.violations(), [this](const auto& violation) {
          return violation.check != core_invariant && world_.now().time_since_epoch() >= violation.to + aftermath;
        }))
      return true;
    return !until_.empty() && std::ranges::find(invariants_.violations(), until_, &Violation::check) != invariants_.violations().end();
  }

  [[nodiscard]] Instant expected_until() const {
    Instant last{};
    for (const auto& step : plan_.expectations) last = std::max(last, Instant(step.at) + *parse_duration(step.words.back()) + 10ms);
    return last;
  }

  /// The second phase begins: the network is whole, disks and clocks are well, everybody runs.
  void heal() {
    healed_ = true;
    heal_until_ = world_.now() + plan_.settle_for;
    for (const auto slot : watermarks()) known_ = std::max(known_, slot);
    world_.network().mend();
    for (const auto& name : world_.names()) {
      auto& machine = world_.machine(name);
      machine.disk.faults = {};
      machine.works_left = 0;
      machine.slowness = {};
      machine.disk_latency = Machine().disk_latency;
      world_.run_clock(name, 0);
      strike(world_, {"disk-go-on", name});
      strike(world_, {"resume", name});
      strike(world_, {"start", name});
    }
  }

  /// Everybody who can is at work, knows the same, and owes no answer.
  [[nodiscard]] bool well() {
    // Asked from the beginning: it may want to see how things go on.
    const bool settled = guest_settled();
    return settled && world_.leader() && last_call() <= world_.now() && owed() == 0 && states_equal();
  }
  [[nodiscard]] bool guest_settled() { return !guest_ || guest_->settled(); }
  /// Calls without an answer on machines that have one to get: those that are members.
  [[nodiscard]] std::size_t owed() {
    std::size_t owed = 0;
    for (const auto& name : world_.names())
      if (world_.runs(name) && world_.client(name).session()) owed += workload_.open(name);
    return owed;
  }
  [[nodiscard]] Instant last_call() const { return plan_.calls.empty() ? Instant() : Instant(plan_.calls.back().at) + 1ms; }

  [[nodiscard]] std::set<Slot> watermarks() {
    std::set<Slot> slots;
    for (const auto& name : world_.names())
      if (world_.runs(name) && world_.engine(name).replica()) slots.insert(world_.engine(name).replica()->watermark());
    return slots;
  }
  /// The calls of a plan end; a guest's go on, and who knows all that was known has caught up.
  [[nodiscard]] bool states_equal() {
    const auto slots = watermarks();
    return slots.size() <= 1 || (guest_ && *slots.begin() >= known_);
  }

  void judge_liveness() {
    const auto missing = [this](std::string_view check, std::string sentence) {
      liveness_.push_back({.check = check,
                           .subject = "the cluster",
                           .from = (heal_until_ - plan_.settle_for).time_since_epoch(),
                           .to = world_.now().time_since_epoch(),
                           .events = {},
                           .sentence = std::move(sentence)});
    };
    const auto after = " " + to_string(plan_.settle_for) + " after everything was healed";
    if (!world_.leader()) missing("back-after-healing", "nobody leads" + after);
    if (owed() > 0)
      missing("pending-operations-answered", std::to_string(owed()) + " calls have no answer" + after);
    if (!guest_settled()) missing("application-settled", "the application was not done" + after);
    if (!states_equal()) missing("equal-state-soon-after", "some nodes have not learned what others have" + after);
  }

  Outcome conclude() {
    Outcome outcome{.violations = {}, .history = recorder_.finish(), .trace_hash = world_.network().trace_hash(), .simulated = world_.now().time_since_epoch()};
    const auto add = [&](const Violations& found) { outcome.violations.insert(outcome.violations.end(), found.begin(), found.end()); };
    if (guest_) add(guest_->violations());
    add(invariants_.violations());
    add(expectations_.violations());
    for (const auto& complaint : workload_.complaints())
      outcome.violations.push_back({.check = "workload", .subject = "a client", .from = {}, .to = {}, .events = {}, .sentence = complaint});
    for (const auto& violation : check(outcome.history))
      if (violation.verdict == Verdict::broken) outcome.violations.push_back(violation);
    add(liveness_);
    return outcome;
  }

  const Plan& plan_;
  /// Of the plan, in the order of their times.
  std::vector<const Step*> calls_;
  std::string_view until_;
  Guest* guest_;
  World world_;
  Invariants invariants_;
  HistoryRecorder recorder_;
  Workload workload_;
  Expectations expectations_;
  Violations liveness_;
  bool healed_{false};
  /// The newest slot that anybody had when everything was healed.
  Slot known_;
  Instant heal_until_{};
};

}  // namespace

Outcome run(const Plan& plan, const Enter& enter) { return Run(plan, enter).perform(); }

Outcome run(const Plan& plan, Guest& guest) { return Run(plan, {}, {}, &guest).perform(); }

std::vector<std::string> surprises(const Plan& plan, const Outcome& outcome) {
  std::set<std::string> fired;
  for (const auto& violation : outcome.violations) fired.insert(std::string(violation.check));
  std::vector<std::string> surprising;
  for (const auto& check : fired)
    if (std::ranges::find(plan.violates, check) == plan.violates.end()) surprising.push_back(check);
  for (const auto& check : plan.violates)
    if (!fired.contains(check)) surprising.push_back("missing: " + check);
  return surprising;
}

std::string blamed(const Plan& plan, const Outcome& outcome) {
  const auto all = surprises(plan, outcome);
  std::string first;
  for (const auto& violation : outcome.violations) {
    if (std::ranges::find(all, violation.check) == all.end()) continue;
    if (violation.check != core_invariant) return std::string(violation.check);
    first = core_invariant;
  }
  return first.empty() && !all.empty() ? all.front() : first;
}

bool fails_by(const Plan& plan, const std::string& surprise) {
  const auto all = surprises(plan, Run(plan, {}, surprise).perform());
  return std::ranges::find(all, surprise) != all.end();
}

}  // namespace conclave::sim
