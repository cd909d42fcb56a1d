#include "sim/smaller.hpp"

#include <algorithm>

#include "sim/call.hpp"
#include "sim/expectation.hpp"
#include "sim/fault.hpp"
#include "sim/swarm.hpp"

namespace conclave::sim {
namespace {

using namespace std::chrono_literals;
using Duration = BootClock::duration;

Words parameters(Steps steps, const Words& words) {
  if (steps == &Plan::faults) return parameters_of_fault(words);
  return steps == &Plan::calls ? parameters_of_call(words) : parameters_of_expectation(words);
}

/// Names of machines when machine `gone` is no more.
class Renaming {
 public:
  explicit Renaming(std::size_t gone) : gone_(gone) {}

  /// Nothing: it names the machine that is gone. `leader`, `follower` and `*` stay.
  [[nodiscard]] std::optional<std::string> name(const std::string& word) const {
    const auto number = parse_count(word);
    if (!number || static_cast<std::size_t>(*number) < gone_) return word;
    if (static_cast<std::size_t>(*number) == gone_) return std::nullopt;
    return std::to_string(*number - 1);
  }
  /// Nothing: the group is empty.
  [[nodiscard]] std::optional<std::string> group(const std::string& word) const {
    const auto members = *parse_group(word);
    Words kept;
    for (const auto& each : members)
      if (auto renamed = name(each)) kept.push_back(*std::move(renamed));
    return kept.empty() ? std::nullopt : std::optional('{' + join(kept) + '}');
  }
  /// Nothing: what it says is about the machine that is gone.
  [[nodiscard]] std::optional<Step> step(const Step& step, Steps steps) const {
    const auto sorts = parameters(steps, step.words);
    Step renamed{.at = step.at, .words = {}};
    for (std::size_t i = 0; i < sorts.size(); ++i) {
      const bool is_group = sorts[i] == "GROUP";
      const bool is_name = sorts[i] == "N" || sorts[i] == "M";
      auto word = is_group ? group(step.words[i]) : is_name ? name(step.words[i]) : step.words[i];
      if (!word && !is_group) return std::nullopt;
      if (word) renamed.words.push_back(*std::move(word));
    }
    const bool groups_are_gone = sorts.back() == "GROUP" && renamed.words.size() == 1;
    return groups_are_gone ? std::nullopt : std::optional(std::move(renamed));
  }

 private:
  std::size_t gone_;
};

/// Numbers of which a smaller one, or one with fewer digits, is simpler.
std::vector<std::int64_t> rounder_number(std::int64_t number) {
  std::vector<std::int64_t> rounder;
  for (const auto small : {0, 1})
    if (std::abs(number) > small) rounder.push_back(small);
  for (std::int64_t unit = 1'000'000'000; unit >= 10; unit /= 10)
    if (const auto rounded = number / unit * unit; rounded != 0 && rounded != number) rounder.push_back(rounded);
  return rounder;
}

Words simpler_word(const std::string& word, const std::string& parameter) {
  Words simpler;
  if (parameter == "D")
    for (const auto duration : rounder(*parse_duration(word))) simpler.push_back(to_string(duration));
  // Always is simpler than sometimes.
  if (parameter == "P" && word != "0" && word != "1000") simpler.emplace_back("1000");
  if (parameter == "P" || parameter == "COUNT")
    if (const auto number = parse_count(word))
      for (const auto each : rounder_number(*number)) simpler.push_back(std::to_string(each));
  return simpler;
}

}  // namespace

Plan cut_off(Plan plan, Duration end) {
  plan.faults_for = std::min(plan.faults_for, end);
  std::erase_if(plan.faults, [&](const auto& step) { return step.at >= plan.faults_for; });
  std::erase_if(plan.calls, [&](const auto& step) { return step.at >= plan.faults_for + calls_after_healing; });
  std::erase_if(plan.expectations, [&](const auto& step) { return step.at >= plan.faults_for; });
  return plan;
}

Plan without_steps(Plan plan, Steps steps, std::size_t first, std::size_t many) {
  const auto begin = (plan.*steps).begin() + static_cast<std::ptrdiff_t>(first);
  (plan.*steps).erase(begin, begin + static_cast<std::ptrdiff_t>(many));
  return plan;
}

std::optional<Plan> without_machine(const Plan& plan, std::size_t number) {
  if (plan.nodes == 1) return std::nullopt;
  const Renaming renaming(number);
  auto smaller = plan;
  --smaller.nodes;
  smaller.prefer = renaming.name(plan.prefer).value_or("");
  for (const auto steps : all_steps) {
    (smaller.*steps).clear();
    for (const auto& step : plan.*steps)
      if (auto renamed = renaming.step(step, steps)) (smaller.*steps).push_back(*std::move(renamed));
  }
  return smaller;
}

std::vector<Duration> times_of(const Plan& plan) {
  std::set<Duration> times{plan.faults_for};
  for (const auto steps : all_steps)
    for (const auto& step : plan.*steps) times.insert(step.at);
  return {times.begin(), times.end()};
}

Plan moved_up(Plan plan, Duration from, Duration by) {
  const auto move = [&](Duration& at) {
    if (at >= from) at -= by;
  };
  move(plan.faults_for);
  for (const auto steps : all_steps)
    for (auto& step : plan.*steps) move(step.at);
  return plan;
}

Plan with_time(Plan plan, Steps steps, std::size_t place, Duration at) {
  (plan.*steps)[place].at = at;
  std::ranges::stable_sort(plan.*steps, {}, &Step::at);
  return plan;
}

std::vector<Duration> rounder(Duration duration) {
  std::vector<Duration> rounder;
  for (const Duration unit : {Duration(10s), Duration(1s), Duration(100ms), Duration(10ms), Duration(1ms)})
    if (const auto rounded = duration / unit * unit; rounded != 0s && rounded != duration) rounder.push_back(rounded);
  return rounder;
}

std::vector<Words> simpler_words(const Step& step, Steps steps) {
  const auto sorts = parameters(steps, step.words);
  std::vector<Words> simpler;
  for (std::size_t i = 0; i < sorts.size(); ++i) simpler.push_back(simpler_word(step.words[i], sorts[i]));
  return simpler;
}

}  // namespace conclave::sim
