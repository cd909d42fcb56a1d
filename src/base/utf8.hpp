// Whether text is what the protocol takes for text (W2).
#pragma once

#include <string_view>

namespace conclave {

/// True for well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF) without NUL.
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace conclave
