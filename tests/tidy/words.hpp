// What no file of the project says: paths of one machine, hosts of registries, unfinished marks, sloppy white space;
// what no header forgets; what the library never does.
#pragma once

#include "tidy/source_file.hpp"

namespace tidy {

/// In any file: machine paths, registry hosts, marks of unfinished work, tabs, blanks at the end of a line, carriage
/// returns, a last line without its break.
Complaints forbidden_text(const SourceFile& file);

/// In C++: a header without `#pragma once`; `using namespace` outside the tests; printing, exiting or asserting in the
/// library; sleeping or asking a clock in tests of pure code.
Complaints forbidden_code(const SourceFile& file);

}  // namespace tidy
