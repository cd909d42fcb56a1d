// conclave-bench: floors first, then three real nodes, in one run.
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>

#include <CLI/CLI.hpp>

#include "bench/cases.hpp"
#include "bench/floors.hpp"
#include "bench/node_role.hpp"
#include "bench/process.hpp"
#include "bench/table.hpp"

namespace conclave::bench {
namespace {

const std::vector<std::string> case_names = {
    "floor.fsync",   "floor.lmdb",    "floor.rtt",         "floor.replication", "floor.replication.inside", "idle",
    "command.leader", "command.follower", "lock.distinct", "lock.one_name",     "read.linearizable",        "failover.sigkill"};

constexpr int bar_not_met = 1;
constexpr int not_measured = 2;
/// As the command line's own, from sysexits.h.
constexpr int usage_error = 64;

int run(Options options) {
  std::filesystem::create_directories(options.folder);
  std::string folder = (options.folder / "conclave-bench.XXXXXX").string();
  if (!::mkdtemp(folder.data())) throw std::runtime_error("cannot make a folder in " + options.folder.string());
  options.folder = folder;

  std::vector<Row> rows;
  const auto progress = [&](const char* what) { std::cerr << "measuring " << what << " ...\n"; };
  progress("floors");
  measure_floors(options, rows);
  measure_replication_floors(options, rows);
  progress("three nodes");
  measure_work(options, rows);
  measure_failover(options, rows);
  std::filesystem::remove_all(folder);

  print_table(std::cout, rows);
  std::cout << '\n';
  const bool all_met = print_bars(std::cout, rows);
  if (!options.json.empty()) write_json(options.json, rows);
  return all_met ? EXIT_SUCCESS : bar_not_met;
}

/// The roles that this program gives to its children; not for people.
void add_roles(CLI::App& app, std::function<int()>& role, std::string& folder, std::vector<int>& ports, NodeRole& node) {
  const auto add = [&](const char* name, std::function<int()> body) {
    auto* command = app.add_subcommand(name, "")->group("");
    command->callback([&role, body] { role = body; });
    return command;
  };
  add("echo", [] { return echo_role(); });
  add("floor-follower", [&] { return floor_follower_role(folder); })->add_option("folder", folder)->required();
  auto* leader = add("floor-leader", [&] { return floor_leader_role(folder, ports); });
  leader->add_option("folder", folder)->required();
  leader->add_option("followers", ports)->required();
  auto* member = add("node", [&] { return node_role(node); });
  member->add_option("name", node.name)->required();
  member->add_option("folder", node.folder)->required();
  member->add_option("listen", node.listen)->required();
  member->add_option("founders", node.founders)->required();
}

}  // namespace
}  // namespace conclave::bench

int main(int count, char** arguments) try {
  using namespace conclave::bench;
  CLI::App app("Measures Conclave beside the floors of the same machine and minute");
  app.require_subcommand(1);
  std::function<int()> role;
  std::string folder;
  std::vector<int> ports;
  NodeRole node;
  add_roles(app, role, folder, ports, node);

  Options options;
  options.folder = std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path();
  auto* command = app.add_subcommand("run", "Measures and prints a table, the ratios to the floors, and the bars");
  command->footer("Exits with 0 when every bar that was measured is met, with 1 when one is not, with 2 when it could not\n"
                  "measure, with 64 when it is used wrongly.");
  command->add_option("--json", options.json, "Also writes the rows to this file, as one array");
  command->add_flag("--quick", options.quick, "Less of everything: under a minute, and less exact");
  command->add_option("--only", options.only, "Only these cases")->check(CLI::IsMember(case_names));
  command->add_option("--folder", options.folder, "A folder on the disk to measure; what is made in it is removed");
  command->callback([&] {
    preload_counter(arguments);
    role = [&] { return run(options); };
  });
  try {
    app.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? EXIT_SUCCESS : usage_error;
  }
  return role();
} catch (const std::exception& error) {
  std::cerr << "conclave-bench: " << error.what() << '\n';
  return conclave::bench::not_measured;
}
