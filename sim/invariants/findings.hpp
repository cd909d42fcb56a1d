// What the invariants have found: of each check the first case, since the rest follows from it.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include <conclave/types.hpp>

#include "sim/checkers/violation.hpp"

namespace conclave::sim {

/// Fires when a node stops because an invariant of its own is broken: the core has noticed by itself, and nothing came of it.
inline constexpr std::string_view core_invariant = "core-invariant";

class Findings {
 public:
  /// `sentence` goes on from the name of `node` and cites the rule.
  void add(std::string_view check, const std::string& node, Instant now, const std::string& sentence) {
    if (std::ranges::find(violations_, check, &Violation::check) != violations_.end()) return;
    const auto at = now.time_since_epoch();
    violations_.push_back({.check = check,
                           .subject = node,
                           .verdict = Verdict::broken,
                           .from = at,
                           .to = at,
                           .events = {},
                           .sentence = node + ": " + sentence});
  }
  [[nodiscard]] const Violations& all() const { return violations_; }

 private:
  Violations violations_;
};

}  // namespace conclave::sim
