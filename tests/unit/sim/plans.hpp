// Plans for tests.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "sim/plan.hpp"

namespace conclave::sim {

inline Plan plan_of(const std::string& text) {
  auto plan = parse_plan(text);
  REQUIRE_MESSAGE(plan, plan.error().detail);
  return *plan;
}

/// Whether `line` stands in the plan's text.
inline bool says(const Plan& plan, const std::string& line) { return ('\n' + to_string(plan)).find('\n' + line + '\n') != std::string::npos; }

/// Whether one of `steps` has these words, at any time.
inline bool has(const std::vector<Step>& steps, const std::string& words) {
  return std::ranges::any_of(steps, [&](const auto& step) { return join(step.words) == words; });
}

}  // namespace conclave::sim
