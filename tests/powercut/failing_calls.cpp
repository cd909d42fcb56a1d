#include "powercut/failing_calls.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <set>
#include <string>

#include "powercut/crash_states.hpp"
#include "powercut/judge.hpp"
#include "powercut/recording.hpp"

namespace conclave::powercut {
namespace {

// A new store, which is killed; and one that has something to recover, and is closed.
constexpr std::uint64_t steps_of_first = 20;
constexpr std::uint64_t steps = 60;

struct Fault {
  int error = 0;
  FaultMode mode{};
  const char* name = "";

  [[nodiscard]] std::string at(std::uint64_t call) const {
    return std::to_string(call) + " " + std::to_string(error) + " " + std::to_string(static_cast<unsigned>(mode));
  }
};

constexpr std::array<Fault, 5> faults{{{EIO, FaultMode::once, "EIO once"},
                                       {EIO, FaultMode::for_ever, "EIO for ever"},
                                       {ENOSPC, FaultMode::once, "ENOSPC once"},
                                       {ENOSPC, FaultMode::for_ever, "ENOSPC for ever"},
                                       {0, FaultMode::cut_short, "half a write"}}};

struct Run {
  std::vector<Event> events;
  WriterEnd end;
  Required required;
};

Required acknowledged(const std::vector<Event>& events, Required required) {
  for (const auto& event : events)
    if (event.kind == EventKind::acknowledge) required = {.step = event.number, .life = event.at};
  return required;
}

bool is_failed_sync(const Event& event) { return event.kind == EventKind::sync_end && event.error != 0; }

/// P8: the journal is what an acknowledgement rests on. (A sync of LMDB's that fails is another thread's, and what it was to
/// make durable is in the journal still.)
bool acknowledges_after_failed_sync(const std::vector<Event>& events) {
  bool failed = false;
  for (const auto& event : events) {
    failed = failed || (is_failed_sync(event) && event.text.ends_with("/journal"));
    if (failed && event.kind == EventKind::acknowledge) return true;
  }
  return false;
}

/// How the run itself was wrong.
std::optional<std::string> judge_run(const Run& run, const Fault& fault, std::uint64_t upto) {
  const auto code = run.end.code;
  if (code != WriterEnd::finished && code != WriterEnd::refused && code != WriterEnd::uncertain)
    return "the store ended the process with " + std::to_string(code) + ": " + run.end.said;
  if (code == WriterEnd::finished && run.required.step != upto) return "the store finished without all acknowledgements";
  if (acknowledges_after_failed_sync(run.events)) return "the store acknowledged after a failed sync of its journal";
  const auto failed = std::ranges::find_if(run.events, is_failed_sync);
  if (code != WriterEnd::finished || failed == run.events.end()) return std::nullopt;
  // All was acknowledged already: the sync was of a move at the end, which the next opening does again.
  const auto last = std::ranges::find_if(run.events, [&](const Event& event) {
    return event.kind == EventKind::acknowledge && event.number == upto;
  });
  if (failed < last && fault.mode == FaultMode::once) return "a sync failed, and the store went on as if it had not";
  return std::nullopt;
}

class FailedRuns {
 public:
  FailedRuns(const FailingOptions& options, Failures& failures)
      : workload_(options.seed, steps), options_(options), failures_(failures), image_(quick_place()) {}

  FailingCounts run() {
    try_life({.upto = steps_of_first, .dies = true}, {});
    try_life({.upto = steps - 1, .dies = false}, WriterLife{.upto = steps_of_first, .dies = true});
    return counts_;
  }

 private:
  /// `before`: a life in peace that comes first.
  void try_life(const WriterLife& life, const std::optional<WriterLife>& before) {
    const auto peace = [&] {
      Run run;
      Required required;
      attempt(life, before, run, required);
      return run;
    }();
    std::uint64_t calls = 0;
    for (const auto& event : peace.events) calls = std::max(calls, event.kind == EventKind::acknowledge ? 0 : event.number);
    counts_.calls += calls;
    const std::uint64_t first = 1 + options_.seed % options_.every;
    for (std::uint64_t call = first; call <= calls; call += options_.every)
      for (const auto& fault : faults) try_call(life, before, call, fault);
  }

  /// Leaves the disk as the run left it, and gives the model of it.
  std::pair<std::unique_ptr<Lives>, DiskModel> attempt(const WriterLife& life, const std::optional<WriterLife>& before, Run& run,
                                                       Required& required) {
    auto lives = std::make_unique<Lives>(image_.path(), options_.seed, steps);
    if (before) {
      (void)lives->live(*before);
      required = acknowledged(lives->events(), {});
      lives->forget_events();
    }
    DiskModel model(lives->disk());
    run.end = lives->live(life);
    run.events = lives->events();
    run.required = acknowledged(run.events, required);
    for (const auto& event : run.events) model.apply(event);
    return {std::move(lives), std::move(model)};
  }

  void try_call(WriterLife life, const std::optional<WriterLife>& before, std::uint64_t call, const Fault& fault) {
    Run run;
    Required required;
    life.fault = fault.at(call);
    const auto [lives, model] = attempt(life, before, run, required);
    const auto hit = std::ranges::find(run.events, EventKind::fault, &Event::kind);
    if (hit == run.events.end()) return;  // threads: this time there were fewer calls
    count(run.end.code);
    const std::string where = std::string(before ? "second" : "first") + " life, call " + std::to_string(call) + " (" +
                              hit->text + "), " + fault.name;
    if (const auto why = judge_run(run, fault, life.upto)) failures_.add(where + ": " + *why, model.shown());
    const bool must_notice = run.end.code == WriterEnd::uncertain && fault.mode == FaultMode::once;
    judge(model.shown(), run.required, must_notice, where + ", opened again");
    const auto choices = model.choices();
    for (const auto& picks : crash_states(choices, {.all_max = 4, .samples = 2}, Prng(call)).picks)
      judge(model.image(choices, picks), run.required, must_notice, where + ", then a power cut");
  }

  void count(int code) {
    ++counts_.runs;
    if (code == WriterEnd::finished) ++counts_.overcome;
    if (code == WriterEnd::refused) ++counts_.refused;
    if (code == WriterEnd::uncertain) ++counts_.uncertain;
  }

  void judge(const Image& image, const Required& required, bool must_notice, const std::string& where) {
    ++counts_.images;
    const auto folder = image_.path() / "image";
    write_image(image, folder);
    const auto found = look(store_in(folder), workload_, false);
    if (const auto why = complaint_unless_noticed(found, required)) return failures_.add(where + ": " + *why, image);
    if (must_notice && !found.noticed()) failures_.add(where + ": the vote was lost, and the next opening does not know", image);
    if (found.refused.empty() && found.step < required.step)
      failures_.add(where + ": the failed call took more with it than what it was to make durable", image);
  }

  Workload workload_;
  FailingOptions options_;
  Failures& failures_;
  Folder image_;
  FailingCounts counts_;
};

}  // namespace

FailingCounts fail_calls(const FailingOptions& options, Failures& failures) { return FailedRuns(options, failures).run(); }

}  // namespace conclave::powercut
