// The report: a table for people, JSON for programs, the bars.
#pragma once

#include <filesystem>
#include <ostream>
#include <vector>

#include "bench/row.hpp"

namespace conclave::bench {

/// Every row with its ratio to the floor it stands on, as far as that was measured in this run.
void print_table(std::ostream& out, const std::vector<Row>& rows);
/// Which bars are met; those whose cases were not measured are named as such. False: one that was measured is not met.
[[nodiscard]] bool print_bars(std::ostream& out, const std::vector<Row>& rows);
/// One array of rows; throws std::runtime_error when the file cannot be written.
void write_json(const std::filesystem::path& file, const std::vector<Row>& rows);

}  // namespace conclave::bench
