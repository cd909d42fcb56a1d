// What can happen to an engine: all of its inputs, as values.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include <conclave/error.hpp>
#include <conclave/result.hpp>
#include <conclave/types.hpp>

#include "base/address.hpp"
#include "base/ids.hpp"
#include "coordination/command.hpp"
#include "coordination/image.hpp"
#include "engine/image.hpp"
#include "engine/message.hpp"

namespace conclave::engine {

// ---- From the transport ----

struct LinkOpened {
  LinkId link;
  Address remote;
  bool dialled{false};
};
struct LinkClosed {
  LinkId link;
};
struct DialFailed {
  Address address;
  /// Something answered that nobody listens there: the process is gone.
  bool refused{false};
  Error why{};
};
struct FrameReceived {
  LinkId link;
  Frame frame;
};
struct DatagramReceived {
  Address from;
  Datagram datagram;
};

// ---- From the storage ----

struct Persisted {
  BatchId upto;
};
/// P8: a failed or uncertain sync.
struct DiskFailed {
  Error reason;
};
/// A write found no room and was undone; nothing is lost, nothing goes on until there is room.
struct DiskFull {
  Error reason;
};
/// Everything that found no room is on the disk now.
struct DiskHasRoom {};

// ---- From the clock ----

struct Tick {};

// ---- From the client layer ----

/// Opens a session; `SessionReady` names `nonce`.
struct OpenSession {
  Uuid nonce;
  std::chrono::milliseconds ttl{0};
};
/// A command of a session; `Numbered` names `ticket`.
struct Submit {
  std::uint64_t ticket{0};
  SessionId session;
  coordination::Op op;
};
/// The client has taken the answers to all numbers below.
struct AnswersTaken {
  SessionId session;
  Sequence below;
};
/// A clean exit: ends the session with a command, and renews it no more.
struct CloseSession {
  SessionId session;
};
/// A linearizable read; `ReadReady` names `id`.
struct AskRead {
  std::uint64_t id{0};
};
/// What the user's state machine returned, in log order.
struct UserResults {
  struct Item {
    SessionId session;
    Sequence sequence;
    Bytes result;
  };
  std::vector<Item> items;
};
/// What `SnapshotWanted` asked for, or why there is none.
struct UserSnapshot {
  Result<coordination::UserState> state;
};
/// The node is about to close: says goodbye on every link.
struct Leave {
  bool restarting{false};
};

// ---- From work done aside: `ImageSealed` and `ImageOpened`, in image.hpp ----

using Event = std::variant<LinkOpened, LinkClosed, DialFailed, FrameReceived, DatagramReceived, Persisted, DiskFailed,
                           DiskFull, DiskHasRoom, Tick, OpenSession, Submit, AnswersTaken, CloseSession, AskRead, UserResults,
                           UserSnapshot, ImageSealed, ImageOpened, Leave>;

}  // namespace conclave::engine
