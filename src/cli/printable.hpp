// Text of others, for a terminal.
#pragma once

#include <string>
#include <string_view>

namespace conclave::cli {

/// `text` as one line that a terminal only shows and does not obey: what would move the cursor, break the line or turn the
/// order of reading, and every byte that is no UTF-8, becomes \xNN, and a backslash two.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace conclave::cli
