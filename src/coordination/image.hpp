// The whole state as plain structs (P11): what `src/wire` turns into bytes for a snapshot or an observer, and back.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <conclave/types.hpp>

#include "base/cluster_time.hpp"
#include "base/sha256.hpp"
#include "coordination/flight_record.hpp"
#include "coordination/resource.hpp"
#include "coordination/session.hpp"

namespace conclave::coordination {

/// A resource that is held. Its timer follows from the grant (`time` + `max_hold`, unless it is ending).
struct ResourceImage {
  ResourceName name;
  std::uint64_t version{0};
  Grant holder;
  /// In the order of the queue.
  std::vector<Waiter> waiters;

  friend bool operator==(const ResourceImage&, const ResourceImage&) = default;
};

/// A name that is free, and still remembers its version.
struct FreeImage {
  ResourceName name;
  std::uint64_t version{0};
  Slot since;

  friend bool operator==(const FreeImage&, const FreeImage&) = default;
};

/// What `StateMachine::snapshot` wrote, and the digest of the machine that wrote it.
struct UserState {
  std::uint64_t digest{0};
  std::vector<Bytes> chunks;

  friend bool operator==(const UserState&, const UserState&) = default;
};

struct Image {
  /// Everything up to here.
  Slot applied;
  ClusterTime now;
  Term term;
  std::uint64_t lineage{0};
  /// How many grants there have been: the low 48 bits of the newest token.
  std::uint64_t grants{0};
  /// By id.
  std::vector<Session> sessions;
  /// By name.
  std::vector<ResourceImage> resources;
  /// By name.
  std::vector<FreeImage> free;
  std::uint64_t version_floor{0};
  /// Oldest first.
  std::vector<Loss> losses;
  /// Of the state that this was made from (digest.hpp).
  Sha256 digest{};
  /// Of the user's state machine, where both sides run it (O4). Not part of `State`: it is another thread's.
  std::optional<UserState> user;

  friend bool operator==(const Image&, const Image&) = default;
};

}  // namespace conclave::coordination
