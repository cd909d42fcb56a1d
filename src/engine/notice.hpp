// What the engine tells the layer above it: facts, in the order in which they became true.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <conclave/error.hpp>
#include <conclave/result.hpp>
#include <conclave/types.hpp>

#include "coordination/event.hpp"
#include "coordination/image.hpp"

namespace conclave::engine {

/// A session of this process is open; certainly alive until `deadline`.
struct SessionReady {
  Uuid nonce;
  SessionId session;
  Instant deadline;

  friend bool operator==(const SessionReady&, const SessionReady&) = default;
};

/// The answer to a `Submit`: the command's number, or why it has none and will never run.
struct Numbered {
  std::uint64_t ticket{0};
  Result<Sequence> sequence;

  friend bool operator==(const Numbered&, const Numbered&) = default;
};

/// A renewal counted (S1). Grants whose tokens are in `ending` are not extended (S5).
struct SessionExtended {
  SessionId session;
  Instant deadline;
  std::vector<Token> ending;

  friend bool operator==(const SessionExtended&, const SessionExtended&) = default;
};

/// A session of this process is over for good, with all that hung on it.
struct SessionOver {
  SessionId session;
  std::string cause;

  friend bool operator==(const SessionOver&, const SessionOver&) = default;
};

/// Entries up to `upto` were applied here; these are their events, in order. User commands among them have still to be
/// given to the user's state machine.
struct AppliedEvents {
  Slot upto;
  std::vector<coordination::Event> events;

  friend bool operator==(const AppliedEvents&, const AppliedEvents&) = default;
};

/// Somebody takes an image with the state of the user's machine as it is after all that was told before: `UserSnapshot`
/// brings it.
struct SnapshotWanted {
  friend bool operator==(const SnapshotWanted&, const SnapshotWanted&) = default;
};

/// The state was replaced by an image of everything up to `slot`: events in between were not seen here. `user` is the state
/// of the user's machine, if this node runs one; else null.
struct StateReplaced {
  Slot slot;
  std::shared_ptr<const coordination::UserState> user;

  friend bool operator==(const StateReplaced& left, const StateReplaced& right) {
    if (left.slot != right.slot || !left.user != !right.user) return false;
    return left.user == right.user || *left.user == *right.user;
  }
};

/// A read may be answered from the state once everything up to `slot` is applied, the user's state machine included.
struct ReadReady {
  std::uint64_t id{0};
  Slot slot;

  friend bool operator==(const ReadReady&, const ReadReady&) = default;
};

/// Who leads the cluster, as this node knows it, and why that changed.
struct LeaderChanged {
  std::optional<MemberId> leader;
  std::string reason;

  friend bool operator==(const LeaderChanged&, const LeaderChanged&) = default;
};

/// Why this node is not part of a working cluster yet; nothing once it is.
struct Progress {
  std::optional<Error> waiting_for;

  friend bool operator==(const Progress&, const Progress&) = default;
};

/// The node cannot go on: it sends nothing more.
struct Stopped {
  Error reason;

  friend bool operator==(const Stopped&, const Stopped&) = default;
};

using Notice = std::variant<SessionReady, Numbered, SessionExtended, SessionOver, AppliedEvents, SnapshotWanted, StateReplaced, ReadReady,
                            LeaderChanged, Progress, Stopped>;

}  // namespace conclave::engine
