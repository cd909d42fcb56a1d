// A status, for a person.
#pragma once

#include <ostream>

#include <conclave/status.hpp>

namespace conclave::cli {

/// A sentence, then a table each for members, locks and elections. What others have named is escaped (`printable`).
void print(std::ostream& out, const Status& status);

}  // namespace conclave::cli
