// Faults as data: a name and its arguments, as in a scenario file. What each one does stands in one table.
#pragma once

#include <span>
#include <string_view>

#include <conclave/result.hpp>

#include "sim/script.hpp"
#include "sim/world.hpp"

namespace conclave::sim {

/// One kind of fault. Its parameters, in words:
///     N      a machine; `leader` is the one that leads then, `follower` the first that runs and does not
///     M      a machine, or `*`: all others
///     D      a duration
///     P      so many of a thousand
///     COUNT  a number; `always` is without end
///     GROUP  machines, `{1 2}`; `...` after it: one or more of them
///     PATH   `links` or `gossip`; left out: both
struct FaultKind {
  std::string_view name;
  std::string_view parameters;
  std::string_view effect;
  void (*strike)(World& world, const Words& arguments);
};

[[nodiscard]] std::span<const FaultKind> fault_kinds();

/// Whether `words` (a name and its arguments) are a fault that machines with these `names` can have; `errc::invalid_argument`
/// says what is wrong.
[[nodiscard]] Result<void> check_fault(const Words& words, const std::set<std::string>& names);

/// Of each of `words`, which have passed `check_fault`, which parameter it is; empty for the name. `GROUP` is one group.
[[nodiscard]] Words parameters_of_fault(const Words& words);

/// Does it. `words` have passed `check_fault`. A fault that finds nothing to break (a dead process that is to be killed, no
/// leader) does nothing.
void strike(World& world, const Words& words);

}  // namespace conclave::sim
