// One plan at a time, from files.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "sim/call.hpp"
#include "sim/cli/commands.hpp"
#include "sim/cli/commit.hpp"
#include "sim/cli/failure.hpp"
#include "sim/cli/tell.hpp"
#include "sim/expectation.hpp"
#include "sim/fault.hpp"
#include "sim/report/page.hpp"
#include "sim/run.hpp"
#include "sim/world.hpp"

namespace conclave::sim::cli {
namespace {

namespace fs = std::filesystem;

void print_remarks(World& world) {
  world.onlooker.remark = [&world](const std::string& node, const engine::Remark& remark) {
    const auto at = std::chrono::duration_cast<std::chrono::milliseconds>(world.now().time_since_epoch());
    std::cout << "t=" << at.count() << ' ' << node << ' ' << remark.text << '\n';
  };
}

bool run_and_tell(const std::string& name, const Plan& plan, const ReplayOptions& options = {}) {
  const auto& history = options.history;
  const auto outcome = run(plan, options.log ? Enter(&print_remarks) : Enter());
  if (!history.empty()) write(history, outcome.history);
  const bool well = surprises(plan, outcome).empty();
  std::cout << name << (well ? ": ok\n" : ": FAILED\n");
  if (!well) tell(std::cout, plan, outcome);
  return well;
}

template <class Kinds>
void list(const std::string& title, const Kinds& kinds) {
  std::cout << title << '\n';
  for (const auto& [name, parameters, meaning] : kinds)
    std::cout << "  " << name << (parameters.empty() ? "" : " ") << parameters << "\n      " << meaning << '\n';
}

}  // namespace

int replay(const ReplayOptions& options) {
  const auto plan = find_plan(options.plan);
  if (!plan) return wrong_use;
  return run_and_tell(name_of(options.plan), *plan, options) ? all_well : found_something;
}

int report(const ReportOptions& options) {
  const auto& choice = options.plan;
  const auto plan = find_plan(choice);
  if (!plan) return wrong_use;
  const auto seed = std::to_string(choice.seed);
  const auto name = choice.file.empty() ? "seed " + seed : fs::path(choice.file).stem().string();
  const auto shown = sim::report(*plan, name, "conclave-sim replay " + name_of(choice) + "  # at commit " + std::string(commit()));
  auto out = options.out;
  if (out.empty()) out = (choice.file.empty() ? "seed-" + seed : name) + ".html";
  std::ofstream stream(out, std::ios::binary);
  stream << shown.page << std::flush;
  if (!stream) {
    std::cerr << out << ": cannot be written\n";
    return wrong_use;
  }
  const bool well = surprises(*plan, shown.outcome).empty();
  std::cout << name << (well ? ": ok\n" : ": FAILED\n") << "report: " << out << '\n';
  return well ? all_well : found_something;
}

int scenarios(const std::string& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.path().extension() == ".plan") files.push_back(entry.path());
  std::ranges::sort(files);
  if (files.empty()) {
    std::cerr << folder << ": no scenarios (*.plan) here\n";
    return wrong_use;
  }
  std::size_t failures = 0;
  for (const auto& file : files) {
    const auto plan = read_plan(file);
    if (!plan || !run_and_tell(file.stem().string(), *plan)) ++failures;
  }
  std::cout << "scenarios: " << files.size() << ", " << failures << " failures\n";
  return failures == 0 ? all_well : found_something;
}

int vocabulary() {
  std::cout << "N: a machine, `leader` or `follower`. M: a machine, or `*`. D: a duration. P: of a thousand. GROUP: `{1 2}`.\n\n";
  std::cout << "faults\n";
  for (const auto& kind : fault_kinds())
    std::cout << "  " << kind.name << (kind.parameters.empty() ? "" : " ") << kind.parameters << "\n      " << kind.effect << '\n';
  list("calls (after the machine that makes them)", call_kinds());
  list("expectations", expectation_kinds());
  return all_well;
}

}  // namespace conclave::sim::cli
