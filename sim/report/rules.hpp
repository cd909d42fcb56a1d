// Which rules of schema/PROTOCOL.md a check stands for, and what they say.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/checkers/violation.hpp"

namespace conclave::sim {

/// Those that its sentence cites; of checks over histories, whose sentences cite none, those that they stand for. In order.
[[nodiscard]] std::vector<std::string> rules_of(const Violation& violation);

/// The text of a rule within `protocol`, which is PROTOCOL.md: its whole paragraph, without marks. Empty: there is none.
[[nodiscard]] std::string text_of(std::string_view rule, std::string_view protocol);

}  // namespace conclave::sim
