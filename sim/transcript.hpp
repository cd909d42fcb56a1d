// A scenario as text: commands in, what the cluster did out, line by line in virtual time. The same text gives the same lines
// for ever, or something has changed.
#pragma once

#include <string>

#include <conclave/result.hpp>

namespace conclave::sim {

/// Runs the commands of `script` and returns what happened. One command a line, `#` begins a comment:
///
///     seed N                        the world's seed; first, if at all
///     found N                       machines 1 to N found a cluster
///     run DURATION                  for example 500ms, 2s
///     until leader                  until some node leads and its term-start is applied, at most 30 s
///     until idle                    until every acquire and release has its answer, at most 30 s
///     kill N | power-off N | start N | pause N | resume N
///     partition {1} {2 3} | cut 1 2 | heal | ...   any fault of sim/fault.hpp
///     acquire N NAME | try N NAME   `acquire` waits for up to a minute
///     release N NAME
///     holders                       who holds what, by the state of each node that runs
///
/// A `leader` in place of N means the one that leads then. `errc::invalid_argument` names the line that makes no sense.
[[nodiscard]] Result<std::string> run_transcript(const std::string& script);

}  // namespace conclave::sim
