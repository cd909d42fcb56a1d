// Who may include whom (src/README.md, "The layers"), read from the include lines.
#pragma once

#include "tidy/source_file.hpp"

namespace tidy {

/// The includes of `file` that its folder must not have:
///  - a layer that is not beneath its own;
///  - a third-party library outside the one place that may know it, and any third-party name in a public header;
///  - in the core, whatever tells the time, rolls dice, prints, opens, waits, or iterates in no fixed order.
Complaints forbidden_includes(const SourceFile& file);

/// A source of a layer includes the header of its own name first: compiling the one shows that the other compiles alone.
Complaints own_header_not_first(const std::vector<SourceFile>& files);

}  // namespace tidy
