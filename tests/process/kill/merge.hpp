// One history of all that the processes left.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "sim/checkers/history.hpp"

namespace conclave::process {

/// Of a process that was killed: when it had gone.
using Deaths = std::map<std::string, sim::TrueTime>;

/// Puts the files `NAME.LIFE.jsonl` of `folder` in order, and writes what no process could: crashes, that what was under way then is
/// lost, and what the log did of itself. `deaths` by NAME.LIFE. Throws std::runtime_error for a line that makes no sense, unless
/// it is a last one without its end.
[[nodiscard]] sim::History merge(const std::filesystem::path& folder, const Deaths& deaths);

}  // namespace conclave::process
