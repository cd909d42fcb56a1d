// Learning by notice, and by entries.
#include "paxos/learner.hpp"

#include <algorithm>
#include <utility>

namespace conclave::paxos {

void choose(Core& core, Slot upto, Effects& effects) {
  for (auto slot = core.watermark().next(); slot <= upto; ++slot) {
    core.log.raise_watermark(slot);
    const auto& entry = core.log.at(slot)->entry;
    core.configurations.on_chosen(slot, entry);
    effects.apply.push_back({slot, entry});
  }
}

void learn_notice(Core& core, Ballot ballot, Slot upto, Effects& effects) {
  // P10: what is held there from another ballot may be another value.
  auto last = core.watermark();
  while (last < upto) {
    const auto* held = core.log.at(last.next());
    if (held == nullptr || held->ballot != ballot) break;
    ++last;
  }
  choose(core, last, effects);
}

Lesson learn_entries(Core& core, Learn learn, Effects& effects) {
  const auto end = learn.first + learn.entries.size();  // one past the last
  if (learn.first.value == 0 || end < learn.first || end > learn.watermark.next()) {
    if (!learn.entries.empty()) return Lesson::malformed;
    return Lesson::done;
  }
  if (learn.first > core.watermark().next()) return Lesson::gap;
  for (auto slot = core.watermark().next(); slot < end; ++slot) {
    auto& entry = learn.entries[slot - learn.first];
    const auto* held = core.log.at(slot);
    // A record that is the same stays, with its ballot; another is replaced, and the watermark that covers it joins the
    // batch at the step's end.
    if (held == nullptr || held->entry != entry) {
      core.durable.persist(AcceptedRecord{slot, {}, entry}, effects);
      core.log.put(slot, {}, std::move(entry));
    }
    choose(core, slot, effects);
  }
  return Lesson::done;
}

Learn lesson(const Core& core, Slot first, Slot upto) {
  Learn learn{.first = std::max(first, core.log.first_held()), .entries = {}, .watermark = core.watermark()};
  std::size_t bytes = 0;
  for (auto slot = learn.first; slot <= std::min(upto, core.watermark()); ++slot) {
    const auto& entry = core.log.at(slot)->entry;
    bytes += wire_bytes(entry);
    if (!learn.entries.empty() &&
        (bytes > core.tuning.frame_bytes_max || learn.entries.size() >= core.tuning.frame_entries_max))
      break;
    learn.entries.push_back(entry);
  }
  return learn;
}

}  // namespace conclave::paxos
