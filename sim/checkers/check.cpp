#include "sim/checkers/check.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace conclave::sim {

std::span<const Check> checks() {
  static constexpr auto all = std::to_array<Check>({
      {"complete", complete},
      {"single-believer", single_believer},
      {"single-leader", single_leader},
      {"terms-rise", terms_rise},
      {"tokens-rise", tokens_rise},
      {"fencing", fencing},
      {"exactly-once", exactly_once},
      {"session-ttl", session_ttl},
      {"session-trust", session_trust},
      {"state-digest", state_digest},
      {"linearizable", linearizable},
  });
  return all;
}

std::vector<Violation> check(const History& history) {
  Violations found;
  for (const auto& each : checks()) std::ranges::move(each.run(history), std::back_inserter(found));
  return found;
}

}  // namespace conclave::sim
