// Many seeds, over several threads; each world belongs to one.
#include <atomic>
#include <chrono>
#include <functional>
#include <iomanip>
#include <iostream>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>

#include "sim/cli/commands.hpp"
#include "sim/cli/commit.hpp"
#include "sim/cli/failure.hpp"
#include "sim/cli/tell.hpp"
#include "sim/invariants/findings.hpp"
#include "sim/run.hpp"

namespace conclave::sim::cli {
namespace {

using Wall = std::chrono::steady_clock;

/// Calls `work` with each seed, on `jobs` threads, until it says that it is enough.
void for_each_seed(const HuntOptions& options, const std::function<bool(std::uint64_t)>& work) {
  std::atomic<std::uint64_t> next = options.first;
  std::atomic<bool> enough = false;
  const auto loop = [&] {
    for (auto seed = next++; seed <= options.last && !enough; seed = next++)
      if (!work(seed)) enough = true;
  };
  std::vector<std::jthread> threads;
  for (unsigned i = 1; i < options.jobs; ++i) threads.emplace_back(loop);
  loop();
}

PlanChoice choice_of(const HuntOptions& options, std::uint64_t seed) {
  return {.file = {}, .seed = seed, .profile = options.profile.value_or(profile_of(seed))};
}

Plan plan_of(const PlanChoice& choice) { return draw_plan(choice.seed, *choice.profile); }

double seconds(auto duration) { return std::chrono::duration<double>(duration).count(); }

/// What all threads add to.
class Tally {
 public:
  explicit Tally(const HuntOptions& options) : options_(options) {}

  /// False: it is enough.
  [[nodiscard]] bool add(const PlanChoice& choice, const Plan& plan, const Outcome& outcome) {
    const auto check = blamed(plan, outcome);
    const bool is_new = count(check, outcome);
    if (check.empty()) return true;
    std::ostringstream said;
    said << name_of(choice) << ": FAILED\n";
    tell(said, plan, outcome);
    // The others of its kind would mostly end alike.
    const auto limit = is_new ? options_.shrink_for : std::chrono::seconds(0);
    const auto file = write_failure({.plan = plan, .check = check, .outcome = outcome, .choice = choice}, options_.failures_folder, limit, said);
    said << "replay: conclave-sim replay " << file << " @ " << commit() << '\n';
    const std::lock_guard guard(mutex_);
    std::cout << said.str() << std::flush;
    return !options_.stop_at_first || check == core_invariant;
  }

  int finish() {
    const auto wall = seconds(Wall::now() - begun_);
    std::cout << "sim: " << seeds_ << " seeds, " << std::fixed << std::setprecision(1) << seconds(simulated_) / 3600
              << " simulated hours, " << std::setprecision(0) << seconds(simulated_) / std::max(wall, 1e-9) << " simulated s/s, "
              << failures_ << " failures\n";
    return failures_ == 0 ? all_well : found_something;
  }

 private:
  /// Whether `check` fires for the first time; empty: none did.
  [[nodiscard]] bool count(const std::string& check, const Outcome& outcome) {
    const std::lock_guard guard(mutex_);
    ++seeds_;
    simulated_ += outcome.simulated;
    if (!check.empty()) ++failures_;
    progress();
    return seen_.insert(check).second;
  }

  void progress() {
    const auto now = Wall::now();
    if (now - told_ < std::chrono::seconds(10)) return;
    told_ = now;
    const auto rate = static_cast<double>(seeds_) / seconds(now - begun_);
    const auto left = static_cast<double>(options_.last - options_.first + 1 - seeds_) / rate;
    std::cout << "  " << seeds_ << " seeds, " << std::fixed << std::setprecision(0) << rate * 3600 << " seeds/h, about "
              << left << " s to go" << std::endl;
  }

  const HuntOptions& options_;
  std::mutex mutex_;
  Wall::time_point begun_{Wall::now()};
  Wall::time_point told_{Wall::now()};
  std::uint64_t seeds_{0};
  std::uint64_t failures_{0};
  std::set<std::string> seen_;
  BootClock::duration simulated_{};
};

}  // namespace

int hunt(const HuntOptions& options) {
  Tally tally(options);
  for_each_seed(options, [&](std::uint64_t seed) {
    const auto choice = choice_of(options, seed);
    const auto plan = plan_of(choice);
    const auto outcome = run(plan);
    if (!options.history_folder.empty())
      write(options.history_folder + "/seed-" + std::to_string(seed) + ".jsonl", outcome.history);
    return tally.add(choice, plan, outcome);
  });
  return tally.finish();
}

int determinism(const HuntOptions& options) {
  std::atomic<std::uint64_t> differences = 0;
  std::atomic<std::uint64_t> together = 0;
  for_each_seed(options, [&](std::uint64_t seed) {
    const auto plan = plan_of(choice_of(options, seed));
    const auto hash = run(plan).trace_hash;
    if (hash != run(plan).trace_hash) {
      ++differences;
      std::cout << "seed " << seed << ": two runs differ\n";
    }
    together += share_of_all(hash, seed);
    return true;
  });
  std::ostringstream all;
  all << std::hex << together;
  std::cout << "all hashes together: " << all.str() << "; compare it with another build's\n"
            << "determinism: " << options.last - options.first + 1 << " seeds, " << differences << " differences\n";
  return differences == 0 ? all_well : found_something;
}

}  // namespace conclave::sim::cli
