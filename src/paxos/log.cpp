// The run of slots that this node holds.
#include "paxos/log.hpp"

#include <algorithm>

#include "base/invariant.hpp"

namespace conclave::paxos {

const Held* Log::at(Slot slot) const {
  if (slot < first_ || slot > last()) return nullptr;
  return &held_[slot - first_];
}

void Log::put(Slot slot, Ballot ballot, Entry entry) {
  // What is chosen never changes, and P3 leaves no holes.
  CONCLAVE_INVARIANT(slot > watermark_, slot, watermark_);
  CONCLAVE_INVARIANT(slot >= first_ && slot <= last().next(), slot, last());
  greatest_stamp_ = std::max(greatest_stamp_, entry.stamp);
  if (slot == last().next())
    held_.push_back({ballot, std::move(entry)});
  else
    held_[slot - first_] = {ballot, std::move(entry)};
}

void Log::raise_watermark(Slot slot) {
  CONCLAVE_INVARIANT(slot >= watermark_ && slot <= last(), slot, watermark_, last());
  watermark_ = slot;
}

}  // namespace conclave::paxos
