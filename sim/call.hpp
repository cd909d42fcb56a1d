// Calls as data: a machine, a name and arguments, as in a scenario file. What an application does with the library, one kind a
// line; `Workload` does it.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>

#include <conclave/result.hpp>

#include "sim/script.hpp"

namespace conclave::sim {

/// One kind of call. Its parameters, in words:
///     LOCK, NAME, KEY, VALUE   any word: a lock, an election, an object of the state machine, what is written
///     N                        a machine
///     D                        a duration
struct CallKind {
  std::string_view name;
  std::string_view parameters;
  std::string_view meaning;
};

[[nodiscard]] std::span<const CallKind> call_kinds();

/// Whether `words` (a machine, which may be `leader` or `follower`, then a call's name and its arguments) are a call that
/// machines with these `names` can make; `errc::invalid_argument` says what is wrong.
[[nodiscard]] Result<void> check_call(const Words& words, const std::set<std::string>& names);

/// Of each of `words`, which have passed `check_call`, which parameter it is; empty for the name.
[[nodiscard]] Words parameters_of_call(const Words& words);

}  // namespace conclave::sim
