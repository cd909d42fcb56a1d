// One run as one HTML page that needs nothing else: no network, no other file.
#pragma once

#include <string>

#include "sim/plan.hpp"
#include "sim/report/facts.hpp"
#include "sim/run.hpp"

namespace conclave::sim {

struct Shown {
  const Plan& plan;
  const Outcome& outcome;
  const Facts& facts;
  /// What the run is called, and how it is run again.
  std::string name;
  std::string replay;
};

/// The page. Whatever was named in the run is text in it, and never markup.
[[nodiscard]] std::string page(const Shown& shown);

/// Runs `plan` and gives its page.
struct Report {
  Outcome outcome;
  std::string page;
};
[[nodiscard]] Report report(const Plan& plan, std::string name, std::string replay);

}  // namespace conclave::sim
