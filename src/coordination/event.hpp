// What applying a command answers and tells: the same events in the same order on every node, but for `Answered` with a
// result of the user's state machine, which comes when that node's machine has given it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include <conclave/types.hpp>

#include "base/cluster_time.hpp"
#include "coordination/command.hpp"

namespace conclave::coordination {

/// Numbers are stored and sent: never reuse one. An unknown one is kept as it is.
enum class Status : std::uint8_t {
  ok = 0,
  queued = 1,         ///< the request is taken; its grant is an event, perhaps of this very step
  not_acquired = 2,   ///< a try found it taken
  not_owner = 3,      ///< not the current grant, or another session's
  not_found = 4,      ///< no such request, grant or candidate
  guard_failed = 5,   ///< a guard's token is not current: the command did not run
  cancelled = 6,      ///< the request waited, and does so no more
  was_granted = 7,    ///< the request held; it was released in this very step
  session_ended = 8,  ///< no such session (any more): whether an earlier copy took effect is unknown
  pruned = 9,         ///< an old number whose answer is not kept; it never runs again
  not_supported = 10, ///< an operation that this version does not know
  invalid = 11,       ///< the command breaks a limit
  overloaded = 12,    ///< the session has too many requests that wait or hold
};
[[nodiscard]] std::string to_string(Status status);

/// The answer to a session's command.
struct Outcome {
  Status status{Status::ok};
  /// Of the grant, where the command itself was granted one.
  Token token{};
  std::uint64_t version{0};
  /// What the user's state machine returned.
  Bytes result{};

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// One holding of a lock, or one term of an election.
struct Grant {
  Token token;
  /// How often the resource has changed hands, this time included.
  std::uint64_t version{0};
  RequestId request;
  MemberId owner;
  std::string owner_name;
  /// Where and when it was granted.
  Slot slot;
  ClusterTime time;
  Bytes value;
  std::chrono::milliseconds max_hold{0};
  /// Set: it is being taken from a living session, and why (S5).
  std::optional<Cause> ending;

  friend bool operator==(const Grant&, const Grant&) = default;
};

struct SessionOpened {
  Uuid nonce;
  SessionId session;
  MemberId owner;
  std::string owner_name;
  std::chrono::milliseconds ttl{0};
  bool ephemeral{false};

  friend bool operator==(const SessionOpened&, const SessionOpened&) = default;
};

/// Comes after the events of all that hung on the session.
struct SessionEnded {
  SessionId session;
  Cause cause{Cause::closed};

  friend bool operator==(const SessionEnded&, const SessionEnded&) = default;
};

/// Comes after the events of what the command did.
struct Answered {
  SessionId session;
  Sequence sequence;
  Outcome outcome;

  friend bool operator==(const Answered&, const Answered&) = default;
};

struct Granted {
  ResourceName resource;
  Grant grant;

  friend bool operator==(const Granted&, const Granted&) = default;
};

/// The grant is over: from here on another may follow.
struct Ungranted {
  ResourceName resource;
  Token token;
  Cause cause{Cause::released};

  friend bool operator==(const Ungranted&, const Ungranted&) = default;
};

/// The grant's deadline is extended no more (S5); it is over only with `Ungranted`.
struct Ending {
  ResourceName resource;
  Token token;
  Cause cause{Cause::revoked};

  friend bool operator==(const Ending&, const Ending&) = default;
};

/// The request left the queue without a grant, and never gets one.
struct WaiterDropped {
  ResourceName resource;
  RequestId request;
  Cause cause{Cause::cancelled};

  friend bool operator==(const WaiterDropped&, const WaiterDropped&) = default;
};

/// For the user's state machine, in this order; `State::user_result` takes what it returns, and answers.
struct UserCommand {
  SessionId session;
  Sequence sequence;
  Slot slot;
  ClusterTime time;
  Payload payload;

  friend bool operator==(const UserCommand&, const UserCommand&) = default;
};

using Event =
    std::variant<SessionOpened, SessionEnded, Answered, Granted, Ungranted, Ending, WaiterDropped, UserCommand>;

template <class H>
void hash_append(H& h, const Outcome& value) {
  h(value.status, value.token, value.version, value.result);
}
template <class H>
void hash_append(H& h, const Grant& value) {
  h(value.token, value.version, value.request, value.owner, value.owner_name, value.slot, value.time, value.value,
    value.max_hold, value.ending);
}
template <class H>
void hash_append(H& h, const SessionOpened& value) {
  h(value.nonce, value.session, value.owner, value.owner_name, value.ttl, value.ephemeral);
}
template <class H>
void hash_append(H& h, const SessionEnded& value) {
  h(value.session, value.cause);
}
template <class H>
void hash_append(H& h, const Answered& value) {
  h(value.session, value.sequence, value.outcome);
}
template <class H>
void hash_append(H& h, const Granted& value) {
  h(value.resource, value.grant);
}
template <class H>
void hash_append(H& h, const Ungranted& value) {
  h(value.resource, value.token, value.cause);
}
template <class H>
void hash_append(H& h, const Ending& value) {
  h(value.resource, value.token, value.cause);
}
template <class H>
void hash_append(H& h, const WaiterDropped& value) {
  h(value.resource, value.request, value.cause);
}
template <class H>
void hash_append(H& h, const UserCommand& value) {
  h(value.session, value.sequence, value.slot, value.time, value.payload);
}

}  // namespace conclave::coordination
