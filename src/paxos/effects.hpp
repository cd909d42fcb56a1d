// What a step of the core asks for. The driver carries it out in this order: persist, send_now, apply and events; then,
// once every batch issued up to and including this step's is synced, send_after (at once if none is outstanding).
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "paxos/message.hpp"

namespace conclave::paxos {

// ---- Records ----

/// The highest promise of this store (P1, P2). Replaces the one before.
struct PromisedRecord {
  Ballot ballot;

  friend bool operator==(const PromisedRecord&, const PromisedRecord&) = default;
};

/// Replaces what this slot held. A slot that was learnt as chosen has no ballot; the watermark of the same batch, or of an
/// earlier one, covers it.
struct AcceptedRecord {
  Slot slot;
  Ballot ballot;
  Entry entry;

  friend bool operator==(const AcceptedRecord&, const AcceptedRecord&) = default;
};

/// Everything up to here is known chosen. Written lazily: it may lag behind, and never leads.
struct WatermarkRecord {
  Slot watermark;

  friend bool operator==(const WatermarkRecord&, const WatermarkRecord&) = default;
};

using Record = std::variant<PromisedRecord, AcceptedRecord, WatermarkRecord>;

// ---- What the owner learns ----

struct Outgoing {
  MemberId to;
  Message message;

  friend bool operator==(const Outgoing&, const Outgoing&) = default;
};

/// An entry that became known chosen here: every slot once, in order, without holes.
struct Chose {
  Slot slot;
  Entry entry;

  friend bool operator==(const Chose&, const Chose&) = default;
};

enum class Role : std::uint8_t {
  observer,  ///< no voter, or its store lost its vote
  follower,
  candidate,  ///< in pre-vote or phase 1
  leader,     ///< owns a ballot and proposes in it
};
[[nodiscard]] std::string to_string(Role role);

struct RoleChanged {
  Role role{Role::observer};
  /// As a leader: in which it leads; else the highest promised.
  Ballot ballot;
  std::string reason;

  friend bool operator==(const RoleChanged&, const RoleChanged&) = default;
};

/// This leader's term-start is chosen and is among this step's `apply`: from here on it may answer (P12).
struct TermStarted {
  Ballot ballot;
  Slot slot;

  friend bool operator==(const TermStarted&, const TermStarted&) = default;
};

/// A majority echoed `round`, which was sent at `sent`: this node led then, in `ballot`. Confirms all earlier ones too.
struct RoundConfirmed {
  Ballot ballot;
  RoundTrip round;
  Instant sent;

  friend bool operator==(const RoundConfirmed&, const RoundConfirmed&) = default;
};

/// This store has no vote until a configuration admits it again (P8, P9).
struct VoteLost {
  std::string reason;

  friend bool operator==(const VoteLost&, const VoteLost&) = default;
};

using Event = std::variant<RoleChanged, TermStarted, RoundConfirmed, VoteLost>;

/// One thing worth a line in a log or transcript; never one per entry.
struct Trace {
  std::string text;

  friend bool operator==(const Trace&, const Trace&) = default;
};

struct Effects {
  /// Set when `persist` is not empty: those records are this batch, stored whole or not at all.
  std::optional<BatchId> batch;
  std::vector<Record> persist;
  std::vector<Outgoing> send_now;
  std::vector<Outgoing> send_after;
  std::vector<Chose> apply;
  std::vector<Event> events;
  std::vector<Trace> trace;

  [[nodiscard]] bool none() const {
    return !batch && persist.empty() && send_now.empty() && send_after.empty() && apply.empty() && events.empty() && trace.empty();
  }

  friend bool operator==(const Effects&, const Effects&) = default;
};

}  // namespace conclave::paxos
