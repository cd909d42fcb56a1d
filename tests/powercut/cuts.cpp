#include "powercut/cuts.hpp"

#include "base/hash.hpp"

namespace conclave::powercut {
namespace {

/// The steps of a life that begins with what a cut has left: enough to fill a turn of the journal.
constexpr std::uint64_t steps_after = 12;

/// Names a state: what is durable, what of the rest was kept, and what was asked of it.
std::uint64_t name_of(const DiskModel& model, const std::vector<Choice>& choices, const Picks& picks, const Required& required) {
  StateHasher hasher;
  hasher(model.syncs(), required.step, required.life);
  for (std::size_t i = 0; i < choices.size(); ++i)
    if (picks[i] > 0) hasher(choices[i].what, choices[i].object, choices[i].sector, choices[i].changes[picks[i] - 1]);
  return hasher.finish();
}

bool changes_the_disk(EventKind kind) {
  // A sync that has begun has done nothing yet, and one that ended leaves fewer states than there were.
  return kind != EventKind::sync_begin && kind != EventKind::sync_end && kind != EventKind::fault && kind != EventKind::mapped;
}

}  // namespace

CutCounts& CutCounts::operator+=(const CutCounts& other) {
  points += other.points;
  whole += other.whole;
  images += other.images;
  second_lives += other.second_lives;
  return *this;
}

void Cuts::run(DiskModel model, std::span<const Event> events, Required required, const std::string& name) {
  seen_.clear();
  for (std::size_t i = 0; i < events.size() && !is_over(); ++i) {
    const auto& event = events[i];
    model.apply(event);
    if (event.kind == EventKind::acknowledge) required = {.step = event.number, .life = event.at};
    if (changes_the_disk(event.kind)) cut(model, required, name + ", cut after event " + std::to_string(i + 1));
  }
}

void Cuts::cut(const DiskModel& model, const Required& required, const std::string& where) {
  const auto choices = model.choices();
  const auto states = crash_states(choices, options_.limits, draw_.fork(counts_.points));
  ++counts_.points;
  counts_.whole += states.all ? 1 : 0;
  for (const auto& picks : states.picks) {
    if (is_over()) return;
    if (!seen_.insert(name_of(model, choices, picks, required)).second) continue;
    examine(model.image(choices, picks), required, where);
  }
}

void Cuts::examine(const Image& image, const Required& required, const std::string& where) {
  ++counts_.images;
  const auto folder = place_.path() / "image";
  write_image(image, folder);
  const bool goes_on = counts_.images % options_.goes_on_every == 0;
  const auto found = look(store_in(folder), workload_, goes_on);
  if (const auto why = complaint(found, required)) return failures_.add(where + ": " + *why, image);
  if (options_.second_cut_every > 0 && counts_.images % options_.second_cut_every == 0) live_again(image, required, where);
}

// What it recovers, it must recover again if the power fails while it does.
void Cuts::live_again(const Image& image, const Required& required, const std::string& where) {
  const Lives lives(place_.path(), options_.seed, workload_.steps());
  write_image(image, lives.disk());
  const DiskModel model(lives.disk());
  const auto upto = std::min(workload_.steps(), required.step + steps_after);
  const auto end = lives.live({.upto = upto, .dies = counts_.images % 2 == 0});
  if (end.code != WriterEnd::finished) return failures_.add(where + ", the life after it: " + end.said, image);

  CutOptions options = options_;
  options.second_cut_every = 0;
  options.seed = options_.seed + counts_.images;
  options.limits.samples = 2;
  options.limits.all_max = 8;
  Cuts again(workload_, options, failures_);
  again.run(model, lives.events(), required, where + ", then another life");
  counts_ += again.counts();
  ++counts_.second_lives;
}

}  // namespace conclave::powercut
