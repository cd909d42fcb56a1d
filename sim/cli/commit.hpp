// What this program was built from.
#pragma once

#include <string_view>

namespace conclave::sim::cli {

/// The commit of the sources, for example `1f3c9ab`; with `+dirty` if they differ from it; `unknown` outside of a repository.
[[nodiscard]] std::string_view commit();

}  // namespace conclave::sim::cli
