#include "sim/shrink.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "sim/smaller.hpp"

namespace conclave::sim {
namespace {

using namespace std::chrono_literals;
using Duration = BootClock::duration;

class Shrinker {
 public:
  Shrinker(Plan plan, const StillFails& still_fails, const Enough& enough)
      : best_(std::move(plan)), still_fails_(still_fails), enough_(enough) {}

  // What makes a run shorter comes first, since all later tries are the quicker for it.
  Shrunk perform() {
    Plan before;
    do {
      before = best_;
      shorten();
      for (const auto steps : all_steps) fewer(steps);
      fewer_machines();
      close_gaps();
      round_times();
      simplify_words();
    } while (best_ != before && !over_);
    return {.plan = best_, .tries = tries_, .finished = !over_};
  }

 private:
  /// Takes `candidate` if it fails, too.
  bool attempt(const Plan& candidate) {
    if (over_ || candidate == best_) return false;
    // One that was tried in an earlier round would only pass again.
    if (!tried_.insert(to_string(candidate)).second) return false;
    over_ = enough_();
    if (over_) return false;
    ++tries_;
    if (!still_fails_(candidate)) return false;
    best_ = candidate;
    return true;
  }

  /// Few failures need all the time: ever longer beginnings of the plan, then between the last two.
  void shorten() {
    for (Duration end = 1s; end < best_.faults_for && !attempt(cut_off(best_, end)); end *= 2) {
    }
    for (Duration step = best_.faults_for / 4; step >= 100ms; step /= 2) attempt(cut_off(best_, best_.faults_for - step));
  }

  /// Leaves steps out: all of them, halves, quarters, and so on; the last ones first, since more hangs on the first ones.
  void fewer(Steps steps) {
    for (auto many = (best_.*steps).size(); many > 0; many /= 2)
      for (auto end = (best_.*steps).size(); end > 0;) {
        const auto first = end > many ? end - many : 0;
        attempt(without_steps(best_, steps, first, end - first));
        end = first;
      }
  }

  void fewer_machines() {
    for (auto number = best_.nodes; number > 0; --number)
      if (const auto smaller = without_machine(best_, number)) attempt(*smaller);
  }

  /// Waits between one step and the next.
  void close_gaps() {
    for (std::size_t i = 0; i < times_of(best_).size(); ++i) {
      const auto times = times_of(best_);
      const auto gap = times[i] - (i > 0 ? times[i - 1] : 0s);
      for (const Duration smaller : {Duration(0s), Duration(10ms), Duration(100ms), Duration(1s), Duration(5s)})
        if (smaller < gap && attempt(moved_up(best_, times[i], gap - smaller))) break;
    }
  }

  void round_times() {
    for (const auto smaller : rounder(best_.faults_for))
      if (attempt(cut_off(best_, smaller))) break;
    for (const auto steps : all_steps)
      for (std::size_t i = 0; i < (best_.*steps).size(); ++i)
        for (const auto smaller : rounder((best_.*steps)[i].at))
          if (attempt(with_time(best_, steps, i, smaller))) break;
  }

  void simplify_words() {
    if (!best_.prefer.empty()) {
      auto candidate = best_;
      candidate.prefer.clear();
      attempt(candidate);
    }
    for (const auto steps : all_steps)
      for (std::size_t i = 0; i < (best_.*steps).size(); ++i) simplify(steps, i);
  }
  void simplify(Steps steps, std::size_t place) {
    const auto simpler = simpler_words((best_.*steps)[place], steps);
    for (std::size_t word = 0; word < simpler.size(); ++word)
      for (const auto& each : simpler[word]) {
        auto candidate = best_;
        (candidate.*steps)[place].words[word] = each;
        if (attempt(candidate)) break;
      }
  }

  Plan best_;
  const StillFails& still_fails_;
  const Enough& enough_;
  std::set<std::string> tried_;
  std::size_t tries_{0};
  bool over_{false};
};

}  // namespace

Shrunk shrink(Plan plan, const StillFails& still_fails, const Enough& enough) {
  return Shrinker(std::move(plan), still_fails, enough).perform();
}

}  // namespace conclave::sim
