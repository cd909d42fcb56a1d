// How long files and functions are, and the ratchet: what is over a limit may only shrink.
#pragma once

#include <map>
#include <string>

#include "tidy/source_file.hpp"

namespace tidy {

inline constexpr std::size_t file_lines_max = 500;
inline constexpr std::size_t function_lines_max = 70;

/// What is longer than its limit: lines by "path" for a file, by "path name" for a function.
using Oversize = std::map<std::string, std::size_t>;

/// The files and functions of `file` that are over a limit. Functions are found by their braces, so a file that a macro
/// makes unbalanced is judged by its length alone.
Oversize oversize(const SourceFile& file);

/// Reads the ratchet: "lines path [function]" on each line; `#` begins a comment.
Oversize parse_ratchet(const SourceFile& ratchet);

/// Compares what is over a limit with what the ratchet grants: nothing new, nothing grown, and no grant left larger
/// than it has to be.
Complaints judge_sizes(const Oversize& found, const Oversize& granted);

}  // namespace tidy
