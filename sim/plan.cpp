#include "sim/plan.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <sstream>

#include "sim/call.hpp"
#include "sim/expectation.hpp"
#include "sim/fault.hpp"
#include "sim/swarm.hpp"

namespace conclave::sim {
namespace {

constexpr std::int64_t nodes_max = 9;

Error wrong(const std::string& why) { return Error(errc::invalid_argument, why); }

Result<void> set_duration(BootClock::duration& duration, const std::string& word) {
  const auto parsed = parse_duration(word);
  if (!parsed) return wrong('"' + word + "\" is no duration such as 300ms or 2s");
  duration = *parsed;
  return {};
}

Result<void> set_setting(Plan& plan, const std::string& name, const std::string& word) {
  if (name == "faults") return set_duration(plan.faults_for, word);
  if (name == "settle") return set_duration(plan.settle_for, word);
  if (name == "prefer") {
    plan.prefer = word;
    return {};
  }
  if (name == "violates") {
    plan.violates.push_back(word);
    return {};
  }
  const auto count = parse_count(word);
  if (!count || *count < 0) return wrong('"' + word + "\" is no number");
  if (name == "seed") {
    plan.seed = static_cast<std::uint64_t>(*count);
    return {};
  }
  if (name != "nodes") return wrong("no such line: \"" + name + '"');
  if (*count < 1 || *count > nodes_max) return wrong("1 to " + std::to_string(nodes_max) + " nodes");
  plan.nodes = static_cast<std::size_t>(*count);
  return {};
}

Result<void> add_step(Plan& plan, const Words& words) {
  if (words.size() < 4) return wrong("`at TIME fault ...`, `at TIME call ...` or `at TIME expect ...`");
  Step step{.at = {}, .words = Words(words.begin() + 3, words.end())};
  if (auto set = set_duration(step.at, words[1]); !set) return set;
  struct Sort {
    std::vector<Step>& steps;
    Result<void> (*check)(const Words&, const std::set<std::string>&);
  };
  const std::map<std::string, Sort> sorts{{"fault", {plan.faults, &check_fault}},
                                          {"call", {plan.calls, &check_call}},
                                          {"expect", {plan.expectations, &check_expectation}}};
  const auto sort = sorts.find(words[2]);
  if (sort == sorts.end()) return wrong("\"" + words[2] + "\" is none of fault, call, expect");
  if (auto checked = sort->second.check(step.words, plan.names()); !checked) return checked;
  sort->second.steps.push_back(std::move(step));
  return {};
}

Result<void> add_line(Plan& plan, BootClock::duration& load, const Words& words) {
  if (words.front() == "at") return add_step(plan, words);
  if (words.size() != 2) return wrong("one word after \"" + words.front() + '"');
  if (words[0] == "load") return set_duration(load, words[1]);
  return set_setting(plan, words[0], words[1]);
}

void sort_steps(std::vector<Step>& steps) { std::ranges::stable_sort(steps, {}, &Step::at); }

}  // namespace

std::set<std::string> Plan::names() const {
  std::set<std::string> names;
  for (std::size_t i = 1; i <= nodes; ++i) names.insert(std::to_string(i));
  return names;
}

Result<Plan> parse_plan(std::string_view text) {
  Plan plan;
  BootClock::duration load{};
  std::istringstream in{std::string(text)};
  bool begun = false;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    const auto words = split(line);
    if (words.empty()) {
      if (!begun && line.starts_with('#')) plan.comment += line + '\n';
      continue;
    }
    begun = true;
    if (const auto added = add_line(plan, load, words); !added)
      return Error(added.error().code, "line " + std::to_string(number) + ": " + added.error().detail);
  }
  if (load.count() > 0) draw_load(plan, load);
  sort_steps(plan.faults);
  sort_steps(plan.calls);
  sort_steps(plan.expectations);
  return plan;
}

std::string to_string(const Plan& plan) {
  std::string text = plan.comment;
  const auto line = [&](const Words& words) { text += join(words) + '\n'; };
  line({"nodes", std::to_string(plan.nodes)});
  if (!plan.prefer.empty()) line({"prefer", plan.prefer});
  line({"seed", std::to_string(plan.seed)});
  line({"faults", to_string(plan.faults_for)});
  line({"settle", to_string(plan.settle_for)});
  const auto steps = [&](const std::string& sort, const std::vector<Step>& all) {
    for (const auto& step : all) line({"at", to_string(step.at), sort, join(step.words)});
  };
  steps("fault", plan.faults);
  steps("call", plan.calls);
  steps("expect", plan.expectations);
  for (const auto& check : plan.violates) line({"violates", check});
  return text;
}

}  // namespace conclave::sim
