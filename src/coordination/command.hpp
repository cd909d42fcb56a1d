// What a slot may ask of the coordination state machine: plain structs, encoded by `src/wire`, applied by `State`. What
// a command answers and tells is in event.hpp, its limits in limits.hpp.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <conclave/types.hpp>

#include "base/payload.hpp"

namespace conclave::coordination {

// ---- Names ----

/// Numbers are stored and sent: never reuse one. An unknown one is kept, and refused as invalid.
enum class ResourceKind : std::uint8_t { lock = 0, election = 1 };

/// Locks and elections have a name space each. The order is by kind, then by the bytes of the name.
struct ResourceName {
  ResourceKind kind{ResourceKind::lock};
  std::string name;

  friend auto operator<=>(const ResourceName&, const ResourceName&) = default;
};

/// Who asked: a request, not a session, owns what it is granted.
struct RequestId {
  SessionId session;
  Sequence sequence;

  friend auto operator<=>(const RequestId&, const RequestId&) = default;
};

/// A command runs only while `token` is the current grant of `resource`. An ending grant is current until it has ended.
struct Guard {
  ResourceName resource;
  Token token;

  friend bool operator==(const Guard&, const Guard&) = default;
};

/// Which leadership speaks: the ballot of its term-start (P12), told without naming consensus.
struct Term {
  std::uint64_t round{0};
  MemberId member;

  friend auto operator<=>(const Term&, const Term&) = default;
};

/// Why a session or a grant ended, or a waiter left the queue. Numbers are stored and sent: never reuse one; an unknown
/// one is kept as it is.
enum class Cause : std::uint8_t {
  released = 0,       ///< its holder gave it back
  cancelled = 1,      ///< its request was withdrawn
  handed_over = 2,    ///< its holder gave it to a named candidate
  closed = 3,         ///< its session's owner left in good order
  expired = 4,        ///< its session was not renewed (S3)
  restarted = 5,      ///< its session's process began a new life on the same store (S4)
  refused = 6,        ///< its session's process is gone, by an opt-in rule (S8)
  revoked = 7,        ///< an operator took it (S5)
  held_too_long = 8,  ///< its longest time to hold passed (S5)
};
[[nodiscard]] std::string to_string(Cause cause);

// ---- What a session asks ----

/// Queues a request, which will own the grant (C2). Locks are granted strictly in the order of the log; elections by
/// priority, then in that order.
struct Acquire {
  ResourceName resource;
  /// False: take it now or answer `not_acquired`.
  bool wait{true};
  /// A candidate's value, or a note; shown to observers.
  Bytes value{};
  /// Of a candidate: the higher one is elected first. Ignored for locks.
  std::uint8_t priority{0};
  /// By cluster time, from the grant; zero: no limit.
  std::chrono::milliseconds max_hold{0};

  friend bool operator==(const Acquire&, const Acquire&) = default;
};

/// Withdraws the session's request that carried `sequence`, whether it waits or holds (C4).
struct Cancel {
  Sequence sequence;

  friend bool operator==(const Cancel&, const Cancel&) = default;
};

/// Gives a grant back; only its own session can.
struct Release {
  ResourceName resource;
  Token token;

  friend bool operator==(const Release&, const Release&) = default;
};

/// Gives a grant to the first waiting request of member `target`, past the rest of the queue (C7).
struct HandOver {
  ResourceName resource;
  Token token;
  MemberId target;

  friend bool operator==(const HandOver&, const HandOver&) = default;
};

/// An operator's: marks another's grant as ending (S5).
struct Revoke {
  ResourceName resource;
  Token token;

  friend bool operator==(const Revoke&, const Revoke&) = default;
};

/// A command for the user's own state machine.
struct Apply {
  Payload payload;
  std::vector<Guard> guards;

  friend bool operator==(const Apply&, const Apply&) = default;
};

/// A clean exit: ends the session with all that hangs on it.
struct CloseSession {
  friend bool operator==(const CloseSession&, const CloseSession&) = default;
};

/// One that this build does not know: takes its number, answers `not_supported`.
struct UnknownOp {
  friend bool operator==(const UnknownOp&, const UnknownOp&) = default;
};

using Op = std::variant<Acquire, Cancel, Release, HandOver, Revoke, Apply, CloseSession, UnknownOp>;

/// True for what gives up something that the session asked for or holds. A full queue takes it all the same: refused, it
/// would leave a lock with nobody; and there is at most one for each request.
[[nodiscard]] inline bool gives_back(const Op& op) {
  return std::holds_alternative<Cancel>(op) || std::holds_alternative<Release>(op) ||
         std::holds_alternative<HandOver>(op) || std::holds_alternative<CloseSession>(op);
}

// ---- What a slot holds ----

/// Opens the session that is named by this command's slot (C12). One repeated opens an orphan that nobody renews.
struct OpenSession {
  Uuid nonce;
  MemberId owner;
  std::string owner_name;
  std::chrono::milliseconds ttl{0};
  /// Its owner has no data folder.
  bool ephemeral{false};

  friend bool operator==(const OpenSession&, const OpenSession&) = default;
};

/// A session's numbered command (S6), sent again unchanged until it is applied.
struct Submission {
  SessionId session;
  Sequence sequence;
  /// The client has the answers to all numbers below.
  Sequence answered_below;
  Op op;

  friend bool operator==(const Submission&, const Submission&) = default;
};

/// Ends living sessions, each with all that hangs on it.
struct EndSessions {
  std::vector<SessionId> sessions;
  Cause cause{Cause::expired};

  friend bool operator==(const EndSessions&, const EndSessions&) = default;
};

/// The holder of an ending grant believes in it no longer (S5): the next one may have it.
struct Ended {
  ResourceName resource;
  Token token;

  friend bool operator==(const Ended&, const Ended&) = default;
};

using Verdict = std::variant<EndSessions, Ended>;

/// What a leader proposes on its own judgement: valid exactly if `term` is that of the last term-start below it (P12).
struct Judgement {
  Term term;
  Verdict verdict;

  friend bool operator==(const Judgement&, const Judgement&) = default;
};

/// Moves cluster time on, so that timers fire while nothing else goes on.
struct Tick {
  friend bool operator==(const Tick&, const Tick&) = default;
};

/// Bytes that are no command, or one of a later version: changes nothing (W4).
struct Unknown {
  friend bool operator==(const Unknown&, const Unknown&) = default;
};

using Command = std::variant<OpenSession, Submission, Judgement, Tick, Unknown>;

// ---- Text and hash ----

/// `lock jobs`, `election scheduler`.
[[nodiscard]] std::string to_string(const ResourceName& resource);
/// `session/sequence`.
[[nodiscard]] std::string to_string(const RequestId& request);
[[nodiscard]] std::string to_string(const Term& term);

template <class H>
void hash_append(H& h, const ResourceName& value) {
  h(value.kind, value.name);
}
template <class H>
void hash_append(H& h, const RequestId& value) {
  h(value.session, value.sequence);
}
template <class H>
void hash_append(H& h, const Guard& value) {
  h(value.resource, value.token);
}
template <class H>
void hash_append(H& h, const Term& value) {
  h(value.round, value.member);
}
template <class H>
void hash_append(H& h, const Acquire& value) {
  h(value.resource, value.wait, value.value, value.priority, value.max_hold);
}
template <class H>
void hash_append(H& h, const Cancel& value) {
  h(value.sequence);
}
template <class H>
void hash_append(H& h, const Release& value) {
  h(value.resource, value.token);
}
template <class H>
void hash_append(H& h, const HandOver& value) {
  h(value.resource, value.token, value.target);
}
template <class H>
void hash_append(H& h, const Revoke& value) {
  h(value.resource, value.token);
}
template <class H>
void hash_append(H& h, const Apply& value) {
  h(value.payload, value.guards);
}
template <class H>
void hash_append(H&, const CloseSession&) {}
template <class H>
void hash_append(H&, const UnknownOp&) {}
template <class H>
void hash_append(H& h, const OpenSession& value) {
  h(value.nonce, value.owner, value.owner_name, value.ttl, value.ephemeral);
}
template <class H>
void hash_append(H& h, const Submission& value) {
  h(value.session, value.sequence, value.answered_below, value.op);
}
template <class H>
void hash_append(H& h, const EndSessions& value) {
  h(value.sessions, value.cause);
}
template <class H>
void hash_append(H& h, const Ended& value) {
  h(value.resource, value.token);
}
template <class H>
void hash_append(H& h, const Judgement& value) {
  h(value.term, value.verdict);
}
template <class H>
void hash_append(H&, const Tick&) {}
template <class H>
void hash_append(H&, const Unknown&) {}

}  // namespace conclave::coordination
