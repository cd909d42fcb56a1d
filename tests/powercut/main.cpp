// conclave-powercut: what a power cut and a failing disk make of a real store. README.md says how.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>

#include <CLI/CLI.hpp>

#include "powercut/cuts.hpp"
#include "powercut/failing_calls.hpp"
#include "powercut/failures.hpp"
#include "powercut/judge.hpp"
#include "powercut/recording.hpp"

using namespace conclave::powercut;

namespace {

struct Options {
  std::uint64_t seed = 1;
  std::uint64_t steps = 240;
  std::size_t samples = 10;
  std::size_t second_cut_every = 400;
  std::uint64_t every = 12;
  std::filesystem::path keep;
};

/// Two lives that are killed, and one that is closed.
std::vector<WriterLife> three_lives(std::uint64_t steps, const std::string& lies) {
  return {{.upto = steps / 3, .dies = true, .lies = lies},
          {.upto = 2 * steps / 3, .dies = true, .lies = lies},
          {.upto = steps, .dies = false, .lies = lies}};
}

std::string name_of(EventKind kind) {
  switch (kind) {
    case EventKind::create:
    case EventKind::make_folder: return "created";
    case EventKind::truncate:
    case EventKind::allocate: return "resized";
    case EventKind::write: return "written";
    case EventKind::write_synced: return "written with O_DSYNC";
    case EventKind::sync_end: return "synced";
    case EventKind::rename: return "renamed";
    case EventKind::unlink: return "removed";
    case EventKind::acknowledge: return "acknowledged";
    default: return {};
  }
}

void print_calls(const std::vector<Event>& events) {
  std::map<std::string, std::size_t> counts;
  for (const auto& event : events)
    if (const auto name = name_of(event.kind); !name.empty()) ++counts[name];
  std::printf("recorded:");
  for (const auto& [name, count] : counts) std::printf(" %s %zu;", name.c_str(), count);
  std::printf(" in three lives\n");
}

/// Everything that a real store does to its disk in three lives, cut everywhere.
void cut_everywhere(const Options& options, Failures& failures) {
  const Workload workload(options.seed, options.steps + 1);
  const Lives lives(real_place(), options.seed, workload.steps());
  const DiskModel before(lives.disk());
  for (const auto& life : three_lives(options.steps, ""))
    if (const auto end = lives.live(life); end.code != WriterEnd::finished) failures.add("a life in peace: " + end.said, {});
  const auto events = lives.events();
  print_calls(events);

  DiskModel after = before;
  for (const auto& event : events) after.apply(event);
  if (const auto what = unseen(after, lives.disk()); !what.empty()) failures.add("the shim is blind: " + what, after.shown());

  CutOptions how{.seed = options.seed, .limits = {.samples = options.samples}};
  how.second_cut_every = options.second_cut_every;
  Cuts cuts(workload, how, failures);
  cuts.run(before, events, {}, "seed " + std::to_string(options.seed));
  const auto& counts = cuts.counts();
  std::printf("power cuts: %zu points (%zu of them with every state), %zu images, %zu of them lived on and were cut again\n",
              counts.points, counts.whole, counts.images, counts.second_lives);
}

void fail_everywhere(const Options& options, Failures& failures) {
  const auto counts = fail_calls({.seed = options.seed, .every = options.every}, failures);
  std::printf("failing calls: one in %lu of %zu, five faults each: %zu runs, %zu refused, %zu uncertain, %zu overcome; "
              "%zu images\n", options.every, counts.calls, counts.runs, counts.refused, counts.uncertain, counts.overcome, counts.images);
}

/// The syncs of one kind are taken away: a test that still passes would prove nothing.
void test_this_test(const Options& options, Failures& failures) {
  const Workload workload(options.seed, options.steps + 1);
  for (const std::string lies : {"all", "journal", "data.mdb", "meta", "folder"}) {
    const Lives lives(quick_place(), options.seed, workload.steps());
    const DiskModel before(lives.disk());
    for (const auto& life : three_lives(options.steps, lies)) (void)lives.live(life);
    Failures expected;
    Cuts cuts(workload, {.seed = options.seed, .limits = {.samples = options.samples}, .first_failure_only = true}, expected);
    cuts.run(before, lives.events(), {}, "");
    const bool caught = expected.count() > 0;
    std::printf("self-test: without the syncs of %s: %s after %zu images\n", lies.c_str(), caught ? "caught" : "MISSED",
                cuts.counts().images);
    if (!caught) failures.add("the test does not notice that syncs are missing: " + lies, {});
  }
}

int open_image(const std::filesystem::path& folder, std::uint64_t seed, std::uint64_t steps) {
  const Folder copy(quick_place());
  std::filesystem::copy(folder, copy.path() / "disk", std::filesystem::copy_options::recursive);
  const auto found = look(store_in(copy.path() / "disk"), Workload(seed, steps + 1), true);
  std::printf("step %lu, life %lu\nrefused: %s\nvote lost: %s\nwrong: %s\n", found.step, found.life, found.refused.c_str(),
              found.vote_lost.c_str(), found.wrong.c_str());
  return found.noticed() || !found.wrong.empty() ? 1 : 0;
}

int run(const Options& options) {
  const auto began = std::chrono::steady_clock::now();
  Failures failures(options.keep, "conclave-powercut --seed " + std::to_string(options.seed) + " --steps " +
                                      std::to_string(options.steps) + " open");
  test_this_test(options, failures);
  cut_everywhere(options, failures);
  fail_everywhere(options, failures);
  const auto took = std::chrono::steady_clock::now() - began;
  const bool ok = failures.count() == 0;
  std::printf("powercut: %s (seed %lu, %zu failures, %.0f s)\n", ok ? "ok" : "FAILED", options.seed, failures.count(),
              std::chrono::duration<double>(took).count());
  return ok ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  Options options{.keep = std::filesystem::temp_directory_path() / "conclave-powercut-failures"};
  CLI::App app("Cuts the power under a real store, and makes its disk fail.");
  app.add_option("--seed", options.seed, "what is stored, and which states are drawn")->capture_default_str();
  app.add_option("--steps", options.steps, "batches that the recorded store takes, in three lives")->capture_default_str();
  app.add_option("--samples", options.samples, "states drawn at a point that has too many for all")->capture_default_str();
  app.add_option("--second-cut-every", options.second_cut_every, "one image in so many lives on; 0: none")
      ->capture_default_str();
  app
      .add_option("--every", options.every, "one call in so many is made to fail")->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--keep", options.keep, "where images of failures are kept")->capture_default_str();
  std::filesystem::path folder;
  auto* open = app.add_subcommand("open", "opens a kept image, a copy of it, and says what is found");
  open->add_option("folder", folder)->required();
  CLI11_PARSE(app, count, words);
  return *open ? open_image(folder, options.seed, options.steps) : run(options);
}
