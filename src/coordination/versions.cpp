#include "coordination/versions.hpp"

#include <algorithm>

#include "base/invariant.hpp"
#include "coordination/limits.hpp"

namespace conclave::coordination {

Versions::Versions(std::uint64_t floor, std::map<ResourceName, Free> free) : floor_(floor), free_(std::move(free)) {
  for (const auto& [name, held] : free_) by_age_.emplace(held.since, name);
}

std::uint64_t Versions::take(const ResourceName& name) {
  const auto found = free_.find(name);
  if (found == free_.end()) return floor_;
  const auto version = found->second.version;
  by_age_.erase({found->second.since, name});
  free_.erase(found);
  return version;
}

void Versions::remember(const ResourceName& name, std::uint64_t version, Slot slot) {
  const bool fresh = free_.try_emplace(name, Free{.version = version, .since = slot}).second;
  CONCLAVE_INVARIANT(fresh, name.name, version);
  by_age_.emplace(slot, name);
  if (free_.size() > free_resources_max) forget_first();
}

void Versions::forget_first() {
  const auto first = by_age_.begin();
  const auto found = free_.find(first->second);
  floor_ = std::max(floor_, found->second.version);
  free_.erase(found);
  by_age_.erase(first);
}

}  // namespace conclave::coordination
