#include "bench/table.hpp"

#include <fstream>
#include <iomanip>
#include <map>
#include <sstream>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "bench/find_row.hpp"

namespace conclave::bench {
namespace {

std::string number(const std::optional<double>& value, int digits) {
  if (!value) return "-";
  std::ostringstream text;
  text << std::fixed << std::setprecision(digits) << *value;
  return text.str();
}

/// The p50 that a case could at best have, in milliseconds.
std::optional<double> floor_p50(const std::vector<Row>& rows, const Row& row) {
  if (row.name == "command.leader") return p50(rows, "floor.replication.inside", row.in_flight);
  if (row.name == "command.follower") return p50(rows, "floor.replication", row.in_flight);
  if (row.name == "read.linearizable") return p50(rows, "floor.rtt", 1);
  if (row.name.starts_with("lock.")) {
    // Lock, then unlock: two commands, one after the other.
    const auto one = p50(rows, "floor.replication.inside", row.in_flight == 1 ? 1 : 64);
    return one ? std::optional(2 * *one) : std::nullopt;
  }
  return std::nullopt;
}

std::string ratio(const std::vector<Row>& rows, const Row& row) {
  const auto floor = floor_p50(rows, row);
  return floor && row.p50_ms ? number(*row.p50_ms / *floor, 1) + " x" : "-";
}

void print_idle(std::ostream& out, const Row& row) {
  out << "idle, per node: " << number(row.cpu_percent, 2) << " % of a core, " << number(row.rss_mib, 1) << " MiB, "
      << number(row.sent_bytes_s, 0) << " bytes/s sent\n";
}

nlohmann::json to_json(const Row& row) {
  nlohmann::json json{{"case", row.name}, {"system", row.system}, {"in_flight", row.in_flight}};
  const std::pair<const char*, const std::optional<double>&> fields[] = {
      {"ops_s", row.ops_s},
      {"p50_ms", row.p50_ms},
      {"p99_ms", row.p99_ms},
      {"p999_ms", row.p999_ms},
      {"cpu_us_per_op", row.cpu_us_per_op},
      {"flushes_per_op", row.flushes_per_op},
  };
  for (const auto& [key, value] : fields) json[key] = value ? nlohmann::json(*value) : nlohmann::json();
  if (row.cpu_percent) json["cpu_percent"] = *row.cpu_percent;
  if (row.rss_mib) json["rss_mib"] = *row.rss_mib;
  if (row.sent_bytes_s) json["sent_bytes_s"] = *row.sent_bytes_s;
  return json;
}

}  // namespace

void print_table(std::ostream& out, const std::vector<Row>& rows) {
  const auto line = [&](const auto& name, const auto& in_flight, const auto&... cells) {
    out << std::left << std::setw(26) << name << std::right << std::setw(9) << in_flight;
    ((out << std::setw(11) << cells), ...) << '\n';
  };
  line("case", "in flight", "ops/s", "p50 ms", "p99 ms", "p99.9 ms", "CPU us/op", "flush/op", "p50:floor");
  for (const auto& row : rows)
    if (row.ops_s)
      line(row.name, row.in_flight, number(row.ops_s, 0), number(row.p50_ms, 3), number(row.p99_ms, 3),
           number(row.p999_ms, 3), number(row.cpu_us_per_op, 1), number(row.flushes_per_op, 3), ratio(rows, row));
  for (const auto& row : rows)
    if (row.cpu_percent) print_idle(out, row);
  out << "CPU: all processes of the case together; flush: waits for the disk, per operation and process.\n"
         "Floors: command.leader - floor.replication.inside; command.follower - floor.replication, both at as many in "
         "flight;\nlock and unlock - twice floor.replication.inside; read - floor.rtt.\n";
}

void write_json(const std::filesystem::path& file, const std::vector<Row>& rows) {
  auto all = nlohmann::json::array();
  for (const auto& row : rows) all.push_back(to_json(row));
  std::ofstream out(file);
  out << all.dump(1) << '\n';
  out.close();
  if (!out) throw std::runtime_error("cannot write " + file.string());
}

}  // namespace conclave::bench
