// From a place in the queue to a grant, and to its end.
#include <algorithm>
#include <utility>

#include "base/invariant.hpp"
#include "coordination/step.hpp"

namespace conclave::coordination {

Step::Held Step::find_grant(const ResourceName& name, Token token) {
  const auto held = tables_.resources.find(name);
  const bool current = held != tables_.resources.end() && held->second.holder && held->second.holder->token == token;
  return current ? held : tables_.resources.end();
}

Step::Held Step::holding(const RequestId& request, const Requests::Where& where) {
  const auto held = tables_.resources.find(where.resource);
  CONCLAVE_INVARIANT(held != tables_.resources.end(), where.resource, request);
  CONCLAVE_INVARIANT(held->second.holder && held->second.holder->request == request, where.resource, request);
  return held;
}

Step::Held Step::enqueue(const Session& session, const Acquire& op) {
  const RequestId request{session.id, session.next_sequence};
  const Place place{.priority = op.resource.kind == ResourceKind::election ? op.priority : std::uint8_t{0},
                    .slot = slot_};
  const auto [held, fresh] = tables_.resources.try_emplace(op.resource);
  if (fresh) held->second.version = tables_.versions.take(op.resource);
  held->second.waiters.insert(Waiter{.place = place,
                                     .request = request,
                                     .owner = session.owner,
                                     .owner_name = session.owner_name,
                                     .since = tables_.now,
                                     .value = op.value,
                                     .max_hold = op.max_hold});
  tables_.requests.add(request, {.resource = op.resource, .waiting = place});
  touched_.push_back(held);
  return held;
}

void Step::drop_waiter(const RequestId& request, const Requests::Where& where, Cause cause) {
  const auto held = tables_.resources.find(where.resource);
  CONCLAVE_INVARIANT(held != tables_.resources.end(), where.resource, request);
  const auto waiter = held->second.waiters.find(where.waiting.value_or(Place{}));
  CONCLAVE_INVARIANT(waiter != held->second.waiters.end() && waiter->request == request, where.resource, request);
  if (is_loss(cause))
    tables_.losses.add({.slot = slot_,
                        .time = tables_.now,
                        .resource = where.resource,
                        .token = {},
                        .request = request,
                        .owner = waiter->owner,
                        .owner_name = waiter->owner_name,
                        .cause = cause});
  held->second.waiters.erase(waiter);
  tables_.requests.remove(request);
  events_.push_back(WaiterDropped{.resource = where.resource, .request = request, .cause = cause});
  touched_.push_back(held);
}

void Step::grant(Held held, Queue::iterator chosen) {
  auto& [name, resource] = *held;
  CONCLAVE_INVARIANT(!resource.holder, name, resource.holder->token);
  // C5: a dead session is never granted anything. Its requests left the queue with it; this would find them missing.
  tables_.requests.grant(chosen->request);
  auto waiter = std::move(resource.waiters.extract(chosen).value());
  ++resource.version;
  resource.holder = Grant{.token = tables_.tokens.next(),
                          .version = resource.version,
                          .request = waiter.request,
                          .owner = waiter.owner,
                          .owner_name = std::move(waiter.owner_name),
                          .slot = slot_,
                          .time = tables_.now,
                          .value = std::move(waiter.value),
                          .max_hold = waiter.max_hold,
                          .ending = std::nullopt};
  if (const auto due = hold_due(*resource.holder)) tables_.timers.arm(*due, name, resource.holder->token);
  events_.push_back(Granted{.resource = name, .grant = *resource.holder});
}

void Step::mark_ending(Held held, Cause cause) {
  auto& [name, resource] = *held;
  auto& grant = *resource.holder;
  if (grant.ending) return;
  if (const auto due = hold_due(grant)) tables_.timers.disarm(*due, grant.token);
  grant.ending = cause;
  tables_.endings.add(name, grant);
  events_.push_back(Ending{.resource = name, .token = grant.token, .cause = cause});
}

void Step::end_grant(Held held, Cause cause) {
  auto& [name, resource] = *held;
  const auto grant = *std::exchange(resource.holder, std::nullopt);
  // A holder that gives back what is being taken from it has lost it all the same.
  if (grant.ending && !is_loss(cause)) cause = *grant.ending;
  if (const auto due = hold_due(grant)) tables_.timers.disarm(*due, grant.token);
  if (grant.ending) tables_.endings.remove(grant);
  tables_.requests.remove(grant.request);
  if (is_loss(cause))
    tables_.losses.add({.slot = slot_,
                        .time = tables_.now,
                        .resource = name,
                        .token = grant.token,
                        .request = grant.request,
                        .owner = grant.owner,
                        .owner_name = grant.owner_name,
                        .cause = cause});
  events_.push_back(Ungranted{.resource = name, .token = grant.token, .cause = cause});
  touched_.push_back(held);
}

void Step::settle() {
  // C3: grants of one step are numbered by name, then by place in the queue; the order in which they became free tells
  // nothing.
  const auto by_name = [](const Held& left, const Held& right) { return left->first < right->first; };
  std::ranges::sort(touched_, by_name);
  touched_.erase(std::unique(touched_.begin(), touched_.end()), touched_.end());
  for (const auto held : touched_) {
    auto& [name, resource] = *held;
    if (resource.holder) continue;
    if (!resource.waiters.empty()) {
      grant(held, resource.waiters.begin());
      continue;
    }
    tables_.versions.remember(name, resource.version, slot_);
    tables_.resources.erase(held);
  }
  touched_.clear();
}

}  // namespace conclave::coordination
