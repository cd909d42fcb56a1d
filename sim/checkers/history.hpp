// What happened, as the format conclave-history/1 says it: the calls of clients and what they were told, and facts about
// nodes, all in true time. Simulator and process tests record it; the checks beside this file judge it.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <conclave/result.hpp>

namespace conclave::sim {

/// True time: the simulator's own clock, or CLOCK_MONOTONIC on one real machine; never a node's skewed clock.
using TrueTime = std::chrono::nanoseconds;

/// The first line of a file. Every node's clocks keep within `drift_ppm` of the true rate.
struct Meta {
  std::int64_t drift_ppm{0};
  friend bool operator==(const Meta&, const Meta&) = default;
};

// ---- Calls ----

/// What an object is, and so what can be asked of it:
///  - reg: `read`, `write` value, `cas` old value (old left out: expects that it was never written)
///  - lock: `acquire` session, `release` session token, `expire` session (the entry that ends a session, from proposed to
///    first applied)
///  - guard: takes a write exactly when its token is not older than the newest seen: `read`, `write` token value
///  - once: `apply` cmd: the counter goes up by one, once per cmd
enum class Kind { reg, lock, guard, once };
enum class Op { read, write, cas, acquire, release, expire, apply };

/// An object's name, in the file `lock:jobs`.
struct Object {
  Kind kind{};
  std::string key;
  friend auto operator<=>(const Object&, const Object&) = default;
};
[[nodiscard]] std::string to_string(const Object& object);

/// A client asks. Only what the operation takes is set.
struct Call {
  TrueTime at{};
  std::uint64_t id{0};
  std::string client;
  Object object;
  Op op{};
  std::optional<std::string> old{};
  std::optional<std::string> value{};
  std::optional<std::string> session{};
  std::optional<std::int64_t> token{};
  std::optional<std::string> cmd{};
  friend bool operator==(const Call&, const Call&) = default;
};

/// `ok`: it took effect. `no`: the object's state refused it. `lost`: nobody knows, and it may take effect later. `fail`:
/// certainly no effect; also what a client refuses by itself, without asking.
enum class Status { ok, no, lost, fail };

/// The answer to a call. An `ok` carries `value` for a read (left out: never written), `token` for an acquire, `n`, the count
/// after it, for an apply. A call without an answer counts as lost.
struct Return {
  TrueTime at{};
  std::uint64_t id{0};
  Status status{};
  std::optional<std::string> value{};
  std::optional<std::int64_t> token{};
  std::optional<std::int64_t> n{};
  friend bool operator==(const Return&, const Return&) = default;
};

// ---- Beliefs ----
// One lasts until its closing fact (the same keys), its node's crash, or `until`: the true time at which the node's own clock
// will say that the lease has run out. Repeating the opening fact with a later `until` renews it.

/// `node` believes that its `session` holds the lock `res`.
struct Hold {
  TrueTime at{};
  std::string node;
  std::string session;
  std::string res;
  std::int64_t token{0};
  std::optional<TrueTime> until{};
  friend bool operator==(const Hold&, const Hold&) = default;
};

struct Drop {
  TrueTime at{};
  std::string node;
  std::string session;
  std::string res;
  std::int64_t token{0};
  friend bool operator==(const Drop&, const Drop&) = default;
};

/// `node` believes that it leads the election `res`, or `GROUP`, the cluster; there the epoch is the ballot.
struct Lead {
  TrueTime at{};
  std::string node;
  std::string res;
  std::int64_t epoch{0};
  std::optional<TrueTime> until{};
  friend bool operator==(const Lead&, const Lead&) = default;
};

struct Unlead {
  TrueTime at{};
  std::string node;
  std::string res;
  std::int64_t epoch{0};
  friend bool operator==(const Unlead&, const Unlead&) = default;
};

// ---- Other facts ----

struct Crash {
  TrueTime at{};
  std::string node;
  friend bool operator==(const Crash&, const Crash&) = default;
};

/// `life` counts restarts; `hash` names the command, `digest` the state after it.
struct Apply {
  TrueTime at{};
  std::string node;
  std::int64_t life{0};
  std::int64_t slot{0};
  std::string hash;
  std::string digest;
  friend bool operator==(const Apply&, const Apply&) = default;
};

/// The state up to `slot` came from an image.
struct Restore {
  TrueTime at{};
  std::string node;
  std::int64_t life{0};
  std::int64_t slot{0};
  std::string digest;
  friend bool operator==(const Restore&, const Restore&) = default;
};

/// `grant`: opened. `keep`: an acknowledged renewal, at the time it was *sent*. `lost`: its node trusts it no longer.
/// `close`: ended by its own process or the next one on its store. `expire`: ended because its TTL had run out.
enum class What { grant, keep, lost, close, expire };

/// `ttl` and `until` (when the node's own clock will say that it has run out) are there for a grant and a keep.
struct SessionFact {
  TrueTime at{};
  std::string node;
  std::string session;
  What what{};
  std::optional<TrueTime> ttl{};
  std::optional<TrueTime> until{};
  friend bool operator==(const SessionFact&, const SessionFact&) = default;
};

using Event = std::variant<Call, Return, Hold, Drop, Lead, Unlead, Crash, Apply, Restore, SessionFact>;

[[nodiscard]] TrueTime at(const Event& event);

/// Events in order of `at`. Those of one instant happened in the order in which they stand.
struct History {
  Meta meta;
  std::vector<Event> events;
  friend bool operator==(const History&, const History&) = default;
};

/// Brings events into the order of `at`; those of one instant stay in the order of recording. For recorders: an acknowledged
/// `keep` carries the earlier time at which it was sent.
void put_in_order(History& history);

}  // namespace conclave::sim
