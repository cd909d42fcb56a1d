// A status, for a person.
#pragma once

#include <ostream>

#include <conclave/status.hpp>

namespace conclave::cli {

/// A sentence, then a table each for members, locks and elections.
void print(std::ostream& out, const Status& status);

}  // namespace conclave::cli
