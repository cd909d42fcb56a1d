#include "gossip/rumours.hpp"

#include "base/invariant.hpp"

namespace conclave::gossip {

void Rumours::push(MemberId member, bool urgent) {
  drop(member);
  const Place place{.patient = !urgent, .tellings = 0, .recency = -++pushed_, .member = member};
  order_.insert(place);
  slots_.emplace(member, place);
  CONCLAVE_INVARIANT(order_.size() == slots_.size(), order_.size(), slots_.size());
}

void Rumours::drop(MemberId member) {
  const auto slot = slots_.find(member);
  if (slot == slots_.end()) return;
  order_.erase(slot->second);
  slots_.erase(slot);
}

void Rumours::told(const Place& place, unsigned tellings_max) {
  order_.erase(place);
  Place& slot = slots_.at(place.member);
  if (++slot.tellings < tellings_max)
    order_.insert(slot);
  else
    slots_.erase(place.member);
}

}  // namespace conclave::gossip
