#include "base/utf8.hpp"

#include <utf8.h>

namespace conclave {

bool is_utf8(std::string_view text) {
  return utf8::is_valid(text.begin(), text.end()) && text.find('\0') == std::string_view::npos;
}

}  // namespace conclave
