// The sources of the page (page.html, *.css, *.js) and the protocol, as they were at the build.
#pragma once

#include <string_view>

namespace conclave::sim::page_parts {

extern const std::string_view html;
extern const std::string_view css;
/// All scripts, one after the other.
extern const std::string_view script;
extern const std::string_view protocol;

}  // namespace conclave::sim::page_parts
