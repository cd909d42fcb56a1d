// A lock or an election: one holder, and a queue. An election is a lock with a value and an audience; the two differ in
// the order of the queue alone.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include <conclave/types.hpp>

#include "base/cluster_time.hpp"
#include "coordination/event.hpp"

namespace conclave::coordination {

/// A place in a queue: the higher priority first, then the earlier slot. A slot holds one command, so no two are equal.
/// Locks know no priority: all are 0 (C2).
struct Place {
  std::uint8_t priority{0};
  Slot slot;

  friend bool operator==(const Place&, const Place&) = default;
};

/// A request in a queue.
struct Waiter {
  Place place;
  RequestId request;
  MemberId owner;
  std::string owner_name;
  ClusterTime since;
  Bytes value;
  std::chrono::milliseconds max_hold{0};

  friend bool operator==(const Waiter&, const Waiter&) = default;
};

struct QueueOrder {
  using is_transparent = void;

  static bool before(const Place& left, const Place& right) {
    return left.priority != right.priority ? left.priority > right.priority : left.slot < right.slot;
  }
  bool operator()(const Waiter& left, const Waiter& right) const { return before(left.place, right.place); }
  bool operator()(const Waiter& left, const Place& right) const { return before(left.place, right); }
  bool operator()(const Place& left, const Waiter& right) const { return before(left, right.place); }
};

/// In the order in which they will be granted.
using Queue = std::set<Waiter, QueueOrder>;

struct Resource {
  /// How often it has changed hands.
  std::uint64_t version{0};
  std::optional<Grant> holder;
  Queue waiters;

  friend bool operator==(const Resource&, const Resource&) = default;
};

/// All that are held or waited for; between two commands each has a holder.
using Resources = std::map<ResourceName, Resource>;

template <class H>
void hash_append(H& h, const Place& value) {
  h(value.priority, value.slot);
}
template <class H>
void hash_append(H& h, const Waiter& value) {
  h(value.place, value.request, value.owner, value.owner_name, value.since, value.value, value.max_hold);
}
template <class H>
void hash_append(H& h, const Resource& value) {
  h(value.version, value.holder, value.waiters);
}

}  // namespace conclave::coordination
