#include "sim/cli/failure.hpp"

#include <time.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <utility>

#include "sim/cli/commit.hpp"
#include "sim/cli/tell.hpp"
#include "sim/run.hpp"
#include "sim/shrink.hpp"

namespace conclave::sim::cli {
namespace {

constexpr std::string_view found_by = "# Found by ";

std::string size_of(const Plan& plan) {
  return std::to_string(plan.faults.size()) + " faults, " + std::to_string(plan.calls.size()) + " calls, " + std::to_string(plan.nodes) +
         " nodes";
}

/// What this thread has worked: the same plan becomes as small beside other work.
std::chrono::nanoseconds worked() {
  timespec spent{};
  (void)::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return std::chrono::seconds(spent.tv_sec) + std::chrono::nanoseconds(spent.tv_nsec);
}

/// The first line of what `check` has to say.
std::string finding(const Outcome& outcome, const std::string& check) {
  const auto found = std::ranges::find(outcome.violations, check, &Violation::check);
  return found == outcome.violations.end() ? "did not fire" : found->sentence.substr(0, found->sentence.find('\n'));
}

/// Where the plan was found, as a comment; one that was shrunk before says so itself.
std::string origin_of(const Failure& failure) {
  const auto said = failure.plan.comment.find(found_by);
  if (said != std::string::npos) return failure.plan.comment.substr(said, failure.plan.comment.find('\n', said) + 1 - said);
  // A file's folder says nothing elsewhere.
  const auto& file = failure.choice.file;
  const auto where = file.empty() ? name_of(failure.choice) : std::filesystem::path(file).filename().string();
  return std::string(found_by) + where + " @ " + std::string(commit()) + ", with " + size_of(failure.plan) + ".\n";
}

}  // namespace

std::optional<Plan> read_plan(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) {
    std::cerr << path << ": cannot be read\n";
    return std::nullopt;
  }
  auto plan = parse_plan(text.str());
  if (plan) return *plan;
  std::cerr << path << ": " << plan.error().detail << '\n';
  return std::nullopt;
}

std::optional<Plan> find_plan(const PlanChoice& choice) {
  if (!choice.file.empty()) return read_plan(choice.file);
  return draw_plan(choice.seed, choice.profile.value_or(profile_of(choice.seed)));
}

std::string name_of(const PlanChoice& choice) {
  if (!choice.file.empty()) return choice.file;
  const auto profile = choice.profile.value_or(profile_of(choice.seed));
  return "--seed " + std::to_string(choice.seed) + " --profile " + std::string(to_string(profile));
}

Plan shrink(const Failure& failure, std::chrono::seconds limit, std::ostream& out) {
  const auto begun = worked();
  auto shrunk = sim::shrink(
      failure.plan, [&](const Plan& plan) { return fails_by(plan, failure.check); }, [&] { return worked() - begun >= limit; });
  const auto took = std::chrono::duration_cast<std::chrono::seconds>(worked() - begun);
  if (limit.count() > 0)
    out << "shrunk: " << size_of(failure.plan) << " -> " << size_of(shrunk.plan) << " (" << shrunk.tries << " tries, " << took.count()
        << " s" << (shrunk.finished ? ")\n" : ", not finished)\n");
  const auto said = shrunk.plan == failure.plan ? finding(failure.outcome, failure.check) : finding(run(shrunk.plan), failure.check);
  shrunk.plan.comment = "# " + failure.check + ": " + said + '\n' + origin_of(failure);
  return std::move(shrunk.plan);
}

std::string file_of(const Failure& failure) {
  auto name = "seed-" + std::to_string(failure.plan.seed) + '-' + failure.check + ".plan";
  // `missing: NAME`
  std::ranges::replace_if(name, [](char each) { return each == ' ' || each == ':'; }, '-');
  return name;
}

std::string write_failure(const Failure& failure, const std::string& folder, std::chrono::seconds limit, std::ostream& out) {
  auto path = folder + '/' + file_of(failure);
  std::ofstream(path) << to_string(shrink(failure, limit, out));
  return path;
}

int shrink(const ShrinkOptions& options) {
  const auto plan = find_plan(options.plan);
  if (!plan) return wrong_use;
  auto outcome = run(*plan);
  const auto check = blamed(*plan, outcome);
  if (check.empty()) {
    std::cerr << name_of(options.plan) << ": does not fail\n";
    return wrong_use;
  }
  std::cout << name_of(options.plan) << ": fails by " << check << std::endl;
  const Failure failure{.plan = *plan, .check = check, .outcome = std::move(outcome), .choice = options.plan};
  const auto file = options.out.empty() ? file_of(failure) : options.out;
  std::ofstream out(file);
  out << to_string(shrink(failure, options.seconds, std::cout));
  out.close();
  if (!out) {
    std::cerr << file << ": cannot be written\n";
    return wrong_use;
  }
  std::cout << "replay: conclave-sim replay " << file << " @ " << commit() << '\n';
  return all_well;
}

}  // namespace conclave::sim::cli
