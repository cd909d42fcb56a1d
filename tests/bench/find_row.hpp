// Looks into what was measured.
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "bench/row.hpp"

namespace conclave::bench {

[[nodiscard]] inline const Row* find_row(const std::vector<Row>& rows, std::string_view name, std::size_t in_flight) {
  const auto found =
      std::ranges::find_if(rows, [&](const Row& row) { return row.name == name && row.in_flight == in_flight; });
  return found == rows.end() ? nullptr : &*found;
}

[[nodiscard]] inline std::optional<double> p50(const std::vector<Row>& rows, std::string_view name,
                                               std::size_t in_flight) {
  const auto* row = find_row(rows, name, in_flight);
  return row ? row->p50_ms : std::nullopt;
}

}  // namespace conclave::bench
