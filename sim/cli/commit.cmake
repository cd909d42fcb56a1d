# Writes OUT: a source file that knows the commit of the tree ROOT. Run at each build; a file that says so already is left alone.
set(commit unknown)
execute_process(COMMAND git rev-parse --show-toplevel WORKING_DIRECTORY ${ROOT} OUTPUT_VARIABLE top OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
# Not that of a repository around a copy of the sources.
if(top STREQUAL ROOT)
  execute_process(COMMAND git describe --always --exclude=* --dirty=+dirty WORKING_DIRECTORY ${ROOT}
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
file(CONFIGURE OUTPUT ${OUT} CONTENT [[#include "sim/cli/commit.hpp"

namespace conclave::sim::cli {

std::string_view commit() { return "@commit@"; }

}  // namespace conclave::sim::cli
]] @ONLY)
