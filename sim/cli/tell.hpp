// What a run found, for a person.
#pragma once

#include <fstream>
#include <ostream>

#include "sim/checkers/json_lines.hpp"
#include "sim/run.hpp"

namespace conclave::sim::cli {

inline void tell(std::ostream& out, const Plan& plan, const Outcome& outcome) {
  for (const auto& violation : outcome.violations) out << "  " << to_string(violation, outcome.history) << '\n';
  for (const auto& name : surprises(plan, outcome)) out << "  unexpected: " << name << '\n';
}

inline void write(const std::string& path, const History& history) {
  std::ofstream out(path);
  write_history(out, history);
}

}  // namespace conclave::sim::cli
