// The state as an image.
#include "coordination/image.hpp"

#include "base/invariant.hpp"
#include "coordination/state.hpp"

namespace conclave::coordination {

Image State::image() const {
  Image image{.applied = tables_.applied,
              .now = tables_.now,
              .term = tables_.term,
              .lineage = tables_.tokens.lineage,
              .grants = tables_.tokens.issued,
              .sessions = {},
              .resources = {},
              .free = {},
              .version_floor = tables_.versions.floor(),
              .losses = {losses().begin(), losses().end()},
              .digest = digest(),
              .user = std::nullopt};
  image.sessions.reserve(tables_.sessions.size());
  for (const auto& [id, session] : tables_.sessions) image.sessions.push_back(session);
  image.resources.reserve(tables_.resources.size());
  for (const auto& [name, resource] : tables_.resources) {
    CONCLAVE_INVARIANT(resource.holder, name);
    image.resources.push_back({.name = name,
                               .version = resource.version,
                               .holder = *resource.holder,
                               .waiters = {resource.waiters.begin(), resource.waiters.end()}});
  }
  image.free.reserve(tables_.versions.free().size());
  for (const auto& [name, free] : tables_.versions.free())
    image.free.push_back({.name = name, .version = free.version, .since = free.since});
  return image;
}

}  // namespace conclave::coordination
