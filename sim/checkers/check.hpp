// All checks over one history.
#pragma once

#include <span>

#include "sim/checkers/checks.hpp"

namespace conclave::sim {

struct Check {
  std::string_view name;
  Violations (*run)(const History& history);
};

/// The checks by name, in the order in which their findings are told: the plainest first.
[[nodiscard]] std::span<const Check> checks();

/// Everything that any check has against `history`. Empty: all accept it. A `Verdict::undecided` among the findings accuses
/// nobody.
[[nodiscard]] std::vector<Violation> check(const History& history);

}  // namespace conclave::sim
