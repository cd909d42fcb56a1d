// conclave-sim: the shipping code under partitions, disk faults and wrong clocks, in virtual time.
#include <charconv>
#include <iostream>

#include <CLI/CLI.hpp>

#include "sim/cli/commands.hpp"

namespace {

namespace cli = conclave::sim::cli;

/// `7` or `1..100`.
std::string take_range(cli::HuntOptions& options, const std::string& text) {
  const auto dots = text.find("..");
  const auto number = [](std::string_view digits, std::uint64_t& value) {
    const auto end = digits.data() + digits.size();
    return std::from_chars(digits.data(), end, value).ptr == end && !digits.empty();
  };
  const auto last = dots == std::string::npos ? std::string_view(text) : std::string_view(text).substr(dots + 2);
  const bool read = number(std::string_view(text).substr(0, dots), options.first) && number(last, options.last);
  return read && options.first <= options.last ? "" : "seeds are `A..B`, for example 1..1000";
}

CLI::Option* add_profile(CLI::App& app, std::optional<conclave::sim::Profile>& profile) {
  return app.add_option_function<std::string>(
      "--profile", [&profile](const std::string& name) { profile = conclave::sim::parse_profile(name); },
      "small (3 nodes that crash), standard (5 nodes) or wild (up to 9); left out: a mix")
      ->check(CLI::IsMember({"small", "standard", "wild"}));
}

void add_hunt(CLI::App& app, cli::HuntOptions& options) {
  app.add_option("--seeds", "Which seeds: A..B")->required()->check([&options](const std::string& text) { return take_range(options, text); });
  add_profile(app, options.profile);
  app.add_option("--jobs", options.jobs, "On so many threads")->check(CLI::Range(1, 256));
}

void add_seconds(CLI::App& app, const std::string& name, std::chrono::seconds& seconds, const std::string& help) {
  app.add_option_function<unsigned>(name, [&seconds](unsigned count) { seconds = std::chrono::seconds(count); }, help);
}

/// A file, or a seed and its profile.
void add_plan(CLI::App& app, cli::PlanChoice& choice) {
  auto* file = app.add_option("plan", choice.file, "A scenario file");
  app.add_option("--seed", choice.seed, "Draw the plan from this seed instead")->excludes(file);
  add_profile(app, choice.profile)->excludes(file);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("conclave-sim: runs whole clusters of the shipping code in virtual time, under faults.");
  app.require_subcommand(1);

  cli::HuntOptions hunt;
  auto* run = app.add_subcommand("run", "Run seeds, and stop at nothing");
  add_hunt(*run, hunt);
  run->add_option("--history", hunt.history_folder, "Write each seed's history (conclave-history/1) into this folder")->check(CLI::ExistingDirectory);
  run->add_flag("--stop-at-first", hunt.stop_at_first, "The first seed that fails by a check ends the run");
  add_seconds(*run, "--shrink", hunt.shrink_for, "Shrink the first failure of each check for so many seconds at most; 0: not at all");
  run->add_option("--failures", hunt.failures_folder, "Write failing plans into this folder")->check(CLI::ExistingDirectory);

  cli::HuntOptions twice;
  add_hunt(*app.add_subcommand("determinism", "Run seeds twice, and compare their trace hashes"), twice);

  cli::ReplayOptions replay;
  auto* again = app.add_subcommand("replay", "Run one plan, and tell what happened");
  add_plan(*again, replay.plan);
  again->add_option("--history", replay.history, "Write the history (conclave-history/1) into this file");
  again->add_flag("--log", replay.log, "Tell what the nodes log");

  cli::ShrinkOptions shrink;
  auto* smaller = app.add_subcommand("shrink", "Leave out of a failing plan what it does not need");
  add_plan(*smaller, shrink.plan);
  smaller->add_option("--out", shrink.out, "Write it into this file; left out: seed-SEED-CHECK.plan");
  add_seconds(*smaller, "--seconds", shrink.seconds, "For so long at most");

  cli::ReportOptions report;
  auto* page = app.add_subcommand("report", "Run one plan, and show what happened as an HTML page");
  add_plan(*page, report.plan);
  page->add_option("--out", report.out, "Write the page into this file; left out: NAME.html, seed-N.html");

  cli::CheckOptions check;
  auto* judge = app.add_subcommand("check", "Judge histories (conclave-history/1) by all checks");
  judge->add_option("files", check.paths, "The files, or folders of them (*.jsonl)")->required()->check(CLI::ExistingPath);
  judge->add_flag("--bar", check.bar,
                  "Each must also hold 1000 operations, 50 grants and 3 leaders, and have lost less than one call in 50 of each object");

  std::string folder;
  app.add_subcommand("scenarios", "Run every scenario of a folder")->add_option("folder", folder, "Where they are")->required();
  std::string tree{"."};
  auto* planted = app.add_subcommand("mutants", "Plant known bugs in copies of the source tree, one by one, and hunt them");
  planted->add_option("--tree", tree, "The source tree")->check(CLI::ExistingDirectory);
  // All else is the script's, `--help` too.
  planted->set_help_flag();
  planted->prefix_command();
  app.add_subcommand("vocabulary", "What a scenario file may say");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? cli::all_well : cli::wrong_use;
  }
  if (app.got_subcommand("run")) return cli::hunt(hunt);
  if (app.got_subcommand("determinism")) return cli::determinism(twice);
  if (app.got_subcommand("replay")) return cli::replay(replay);
  if (app.got_subcommand("shrink")) return cli::shrink(shrink);
  if (app.got_subcommand("check")) return cli::check(check);
  if (app.got_subcommand("mutants")) return cli::mutants(tree, planted->remaining());
  if (app.got_subcommand("report")) return cli::report(report);
  if (app.got_subcommand("scenarios")) return cli::scenarios(folder);
  return cli::vocabulary();
}
