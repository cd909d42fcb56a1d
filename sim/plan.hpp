// A whole run as data: how many machines, what goes wrong when, who asks for what when, and what must be true. A seed draws
// one (sim/swarm.hpp), a scenario file writes one down, and shrinking leaves parts of one out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <conclave/result.hpp>

#include "sim/script.hpp"

namespace conclave::sim {

/// Something that is done, or asked, so long after the start.
struct Step {
  BootClock::duration at{};
  Words words;

  friend bool operator==(const Step&, const Step&) = default;
};

/// As a scenario file, one line each, `#` begins a comment; comments above the first line are kept:
///
///     nodes 5                           machines `1` to `5` found a cluster
///     prefer 1                          this machine has the highest priority, so that it leads at first
///     seed 17                           of every draw of the world: delays, ids, time-outs
///     faults 10s                        the first phase; at its end the network is mended, stopped processes go on, dead ones
///     settle 10s                        are started, and the second phase begins: everything must be well again
///     load 50ms                         calls of all kinds, one about so often, drawn from the seed
///     at 2s fault partition {1} {2 3}   sim/fault.hpp
///     at 2s call 3 acquire jobs 300ms   sim/call.hpp
///     at 2s expect commit 600ms         sim/expectation.hpp
///     violates single-believer          this check must fire, and no other
struct Plan {
  std::string comment;
  std::size_t nodes{3};
  /// Empty: none.
  std::string prefer;
  std::uint64_t seed{1};
  BootClock::duration faults_for{std::chrono::seconds(10)};
  BootClock::duration settle_for{std::chrono::seconds(10)};
  std::vector<Step> faults;
  std::vector<Step> calls;
  std::vector<Step> expectations;
  std::vector<std::string> violates;

  [[nodiscard]] std::set<std::string> names() const;
  friend bool operator==(const Plan&, const Plan&) = default;
};

/// `errc::invalid_argument` names the line that makes no sense, and why.
[[nodiscard]] Result<Plan> parse_plan(std::string_view text);
/// The text that `parse_plan` reads.
[[nodiscard]] std::string to_string(const Plan& plan);

}  // namespace conclave::sim
