// Many seeds, over several threads; each world belongs to one.
#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <iomanip>
#include <iostream>
#include <mutex>
#include <sstream>
#include <thread>

#include "sim/cli/commands.hpp"
#include "sim/cli/tell.hpp"
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

Plan plan_of(const HuntOptions& options, std::uint64_t seed) { return draw_plan(seed, options.profile.value_or(profile_of(seed))); }

double seconds(auto duration) { return std::chrono::duration<double>(duration).count(); }

/// What all threads add to.
class Tally {
 public:
  explicit Tally(const HuntOptions& options) : options_(options) {}

  /// False: it is enough.
  [[nodiscard]] bool add(const Plan& plan, const Outcome& outcome) {
    const std::lock_guard guard(mutex_);
    ++seeds_;
    simulated_ += outcome.simulated;
    if (!surprises(plan, outcome).empty()) {
      ++failures_;
      const auto file = options_.failures_folder + "/seed-" + std::to_string(plan.seed) + ".plan";
      std::ofstream(file) << to_string(plan);
      std::cout << "seed " << plan.seed << ": FAILED\n";
      tell(std::cout, plan, outcome);
      std::cout << "replay: conclave-sim replay " << file << std::endl;
    }
    progress();
    return failures_ == 0 || !options_.stop_at_first;
  }

  int finish() {
    const auto wall = seconds(Wall::now() - begun_);
    std::cout << "sim: " << seeds_ << " seeds, " << std::fixed << std::setprecision(1) << seconds(simulated_) / 3600
              << " simulated hours, " << std::setprecision(0) << seconds(simulated_) / std::max(wall, 1e-9) << " simulated s/s, "
              << failures_ << " failures\n";
    return failures_ == 0 ? all_well : found_something;
  }

 private:
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
  BootClock::duration simulated_{};
};

}  // namespace

int hunt(const HuntOptions& options) {
  Tally tally(options);
  for_each_seed(options, [&](std::uint64_t seed) {
    const auto plan = plan_of(options, seed);
    const auto outcome = run(plan);
    if (!options.history_folder.empty())
      write(options.history_folder + "/seed-" + std::to_string(seed) + ".jsonl", outcome.history);
    return tally.add(plan, outcome);
  });
  return tally.finish();
}

int determinism(const HuntOptions& options) {
  std::atomic<std::uint64_t> differences = 0;
  std::atomic<std::uint64_t> together = 0;
  for_each_seed(options, [&](std::uint64_t seed) {
    const auto plan = plan_of(options, seed);
    const auto hash = run(plan).trace_hash;
    if (hash != run(plan).trace_hash) {
      ++differences;
      std::cout << "seed " << seed << ": two runs differ\n";
    }
    // Of any order, since threads finish in any.
    together += hash * (2 * seed + 1);
    return true;
  });
  std::ostringstream all;
  all << std::hex << together;
  std::cout << "all hashes together: " << all.str() << "; compare it with another build's\n"
            << "determinism: " << options.last - options.first + 1 << " seeds, " << differences << " differences\n";
  return differences == 0 ? all_well : found_something;
}

}  // namespace conclave::sim::cli
