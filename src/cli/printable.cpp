#include "cli/printable.hpp"

#include <utf8.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace conclave::cli {
namespace {

struct Span {
  std::uint32_t first;
  std::uint32_t last;
};

// Unicode 15: the controls (general category Cc), the line and paragraph separators, and the property Bidi_Control.
constexpr std::array obeyed = {Span{0x00, 0x1f},     Span{0x7f, 0x9f},     Span{0x061c, 0x061c}, Span{0x200e, 0x200f},
                               Span{0x2028, 0x202e}, Span{0x2066, 0x2069}};

bool is_shown(std::uint32_t point) {
  return std::ranges::none_of(obeyed, [point](const Span& span) { return span.first <= point && point <= span.last; });
}

void append_hex(std::string& out, std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    out += {'\\', 'x', digits[value >> 4], digits[value & 0xf]};
  }
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  auto at = text.begin();
  while (at != text.end()) {
    const auto bad = utf8::find_invalid(at, text.end());
    while (at != bad) {
      const auto begin = at;
      const auto point = utf8::unchecked::next(at);
      const std::string_view character(begin, at);
      if (point == '\\')
        out += "\\\\";
      else if (is_shown(point))
        out += character;
      else
        append_hex(out, character);
    }
    if (bad != text.end()) append_hex(out, {at++, 1});
  }
  return out;
}

}  // namespace conclave::cli
