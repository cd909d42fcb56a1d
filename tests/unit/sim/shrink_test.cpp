// Plans made smaller: each change alone, and all of them until nothing is left that matters not.
#include "sim/run.hpp"
#include "sim/shrink.hpp"
#include "sim/smaller.hpp"
#include "sim/swarm.hpp"
#include "unit/sim/plans.hpp"

using namespace conclave;
using namespace conclave::sim;
using namespace std::chrono_literals;

namespace {

/// Five machines; who cares finds a bug in it.
Plan busy() { return draw_plan(4, Profile::standard); }

/// The bug of an unsound cluster: while the disk of a machine is full, somebody else's lock is revoked by a third one.
bool planted(const Plan& plan) {
  for (const auto& full : plan.faults)
    for (const auto& revoked : plan.calls)
      if (full.words[0] == "disk-full" && revoked.words[1] == "revoke" && revoked.words[0] != full.words[1] && revoked.at > full.at)
        return true;
  return false;
}

Plan with_planted(Plan plan) {
  const auto add = [](std::vector<Step>& steps, Step step) {
    steps.insert(std::ranges::upper_bound(steps, step.at, {}, &Step::at), std::move(step));
  };
  add(plan.faults, {.at = 31'237ms, .words = {"disk-full", "2"}});
  add(plan.calls, {.at = 37'411ms, .words = {"4", "revoke", "a"}});
  return plan;
}

}  // namespace

TEST_CASE("smaller: a plan with any of its calls and faults left out is read from its file as it was written") {
  auto plan = busy();
  REQUIRE(plan.calls.size() > 1000);
  REQUIRE(plan.faults.size() > 10);
  for (const auto steps : {&Plan::calls, &Plan::faults})
    for (std::size_t first = 0; first < (plan.*steps).size(); ++first) plan = without_steps(plan, steps, first, 1);
  CHECK(plan.calls.size() > 500);
  CHECK(plan_of(to_string(plan)) == plan);
}

TEST_CASE("smaller: of a machine that is gone nobody speaks, and those above it are called by one less") {
  const auto smaller = *without_machine(plan_of("nodes 4\n"
                                                "prefer 3\n"
                                                "at 1s fault partition {1 2} {3} {4}\n"
                                                "at 2s fault partition {2}\n"
                                                "at 2s fault latency 4 * 5ms links\n"
                                                "at 3s fault kill 2\n"
                                                "at 4s fault disk-latency leader 3ms\n"
                                                "at 1s call 3 acquire 2 10ms 2s\n"
                                                "at 2s call 2 read k\n"
                                                "at 3s call 4 hand-over chief 2\n"
                                                "at 4s expect runs 4 2s\n"
                                                "at 5s expect commit 3s\n"),
                                        2);
  CHECK(says(smaller, "nodes 3"));
  CHECK(says(smaller, "prefer 2"));
  CHECK(says(smaller, "at 1s fault partition {1} {2} {3}"));
  CHECK(says(smaller, "at 2s fault latency 3 * 5ms links"));
  CHECK(says(smaller, "at 4s fault disk-latency leader 3ms"));
  // `2` is a lock here.
  CHECK(says(smaller, "at 1s call 2 acquire 2 10ms 2s"));
  CHECK(says(smaller, "at 4s expect runs 3 2s"));
  CHECK(says(smaller, "at 5s expect commit 3s"));
  CHECK(smaller.faults.size() == 3);
  CHECK(smaller.calls.size() == 1);
  CHECK_FALSE(without_machine(plan_of("nodes 1\n"), 1));
}

TEST_CASE("smaller: a first phase that is cut off takes what came after it along") {
  const auto smaller = cut_off(plan_of("faults 10s\nat 1s fault kill 1\nat 4s fault start 1\nat 6s call 1 read k\nat 9s call 1 read k\n"), 4s);
  CHECK(smaller == plan_of("faults 4s\nat 1s fault kill 1\nat 6s call 1 read k\n"));
}

TEST_CASE("shrink: a planted failure is reduced to what it needs, with round numbers") {
  auto plan = with_planted(busy());
  REQUIRE(planted(plan));
  const auto shrunk = shrink(plan, planted);
  CHECK(shrunk.finished);
  CHECK(shrunk.plan.faults.size() == 1);
  CHECK(shrunk.plan.calls.size() == 1);
  // The machines that the two steps name.
  CHECK(shrunk.plan.nodes == 2);
  CHECK(says(shrunk.plan, "at 0s fault disk-full 1"));
  CHECK(says(shrunk.plan, "at 10ms call 2 revoke a"));
  CHECK(shrunk.plan.faults_for <= 100ms);
  CHECK(shrunk.tries < 300);
  // All else is as it was.
  CHECK(shrunk.plan.seed == plan.seed);
  CHECK(shrunk.plan.settle_for == plan.settle_for);
}

TEST_CASE("shrink: no call is left that could be left out alone") {
  std::string text = "nodes 1\nfaults 20s\n";
  for (int i = 0; i < 16; ++i) text += "at " + std::to_string(i + 1) + "s call 1 read k" + std::to_string(i) + "\n";
  const auto shrunk = shrink(plan_of(text), [](const Plan& plan) {
    return std::ranges::all_of(Words{"1 read k3", "1 read k6", "1 read k11"}, [&](const auto& words) { return has(plan.calls, words); });
  });
  CHECK(shrunk.plan.calls.size() == 3);
}

TEST_CASE("shrink: the same plan ends alike, and when it is enough, with what it has") {
  const auto plan = with_planted(busy());
  const auto once = shrink(plan, planted);
  const auto again = shrink(plan, planted);
  CHECK(once.plan == again.plan);
  CHECK(once.tries == again.tries);

  std::size_t left = 20;
  const auto cut_short = shrink(plan, planted, [&left] { return left-- == 0; });
  CHECK_FALSE(cut_short.finished);
  CHECK(cut_short.tries == 20);
  CHECK(planted(cut_short.plan));
  CHECK(cut_short.plan.calls.size() < plan.calls.size());
  CHECK(cut_short.plan.calls.size() > 1);
}

TEST_CASE("shrink: a number is made no simpler than the failure allows") {
  const auto slow = [](const Plan& plan) {
    return std::ranges::any_of(plan.faults, [](const auto& step) { return step.words[0] == "disk-latency" && *parse_duration(step.words[2]) >= 120ms; });
  };
  const auto shrunk = shrink(plan_of("nodes 3\nfaults 20s\nat 3217ms fault disk-latency 2 187ms\n"), slow);
  CHECK(has(shrunk.plan.faults, "disk-latency 1 180ms"));
}

TEST_CASE("shrink: a plan for one machine and without faults is a run in which nothing is wrong") {
  const auto plan = plan_of("nodes 1\nfaults 2s\nat 1s call 1 acquire jobs 10ms 1s\nat 1s call 1 apply k\n");
  const auto outcome = run(plan);
  CHECK(surprises(plan, outcome).empty());
  CHECK(outcome.history.events.size() > 4);
}

TEST_CASE("shrink: what is left of a real run fails by the same check, and by no other name") {
  // A clock that runs far beyond the bound lets its node trust its session too long; all the rest is noise.
  const auto plan = plan_of("nodes 3\n"
                            "prefer 1\n"
                            "seed 4\n"
                            "faults 20s\n"
                            "load 400ms\n"
                            "at 2s fault latency 1 2 3ms\n"
                            "at 3s fault kill 3\n"
                            "at 4s fault start 3\n"
                            "at 5s fault clock 1 -900000\n"
                            "at 6s fault isolate 1\n");
  const auto outcome = run(plan);
  const auto check = blamed(plan, outcome);
  REQUIRE_FALSE(check.empty());
  const auto shrunk = shrink(plan, [&](const Plan& smaller) { return fails_by(smaller, check); });
  CHECK(fails_by(shrunk.plan, check));
  CHECK(shrunk.finished);
  CHECK(blamed(plan_of(to_string(shrunk.plan)), run(shrunk.plan)) == check);
  CHECK_FALSE(has(shrunk.plan.faults, "kill 3"));
  CHECK(shrunk.plan.calls.size() <= 2);
  CHECK(shrunk.plan.faults.size() <= 2);
}
