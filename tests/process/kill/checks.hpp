// What must hold of all that the processes saw, whatever was killed.
#pragma once

#include <string>
#include <vector>

#include "process/kill/history.hpp"

namespace conclave::process {

/// A sentence for each fault: two holders at once, a token that did not grow, a command lost, doubled, moved, invented or
/// applied although refused, journals that differ. Empty: all is well.
[[nodiscard]] std::vector<std::string> check(const Evidence& evidence);

}  // namespace conclave::process
