// The checks, one function each. A history that breaks a rule often breaks several; each check judges alone. All of them
// expect the events in order (`complete` says when they are not) and take time n log n at most, but for `linearizable`.
#pragma once

#include "sim/checkers/violation.hpp"

namespace conclave::sim {

/// Each event may stand where it stands (`Grammar`), no belief is closed that was never opened, and each belief ends: by its
/// closing fact, its node's crash, or `until`.
[[nodiscard]] Violations complete(const History& history);

/// Never two beliefs of holding the same lock at one time, whosever they are.
[[nodiscard]] Violations single_believer(const History& history);
/// Never two beliefs of leading the same election, or the cluster, at one time.
[[nodiscard]] Violations single_leader(const History& history);
/// For each election, and the cluster: who begins to lead does so in a later epoch than all before. Only the same node may
/// take up its own latest epoch again.
[[nodiscard]] Violations terms_rise(const History& history);

/// Tokens rise in the order of grants, over all locks: an acquire that was called after another had returned gets a greater
/// one; no two get the same; and for each lock later beliefs have greater ones.
[[nodiscard]] Violations tokens_rise(const History& history);
/// A guard never takes an older token once the write of a newer one has returned.
[[nodiscard]] Violations fencing(const History& history);

/// The same cmd always gets the same count, another cmd another one, and the counts have no more holes than there are cmds
/// of unknown outcome.
[[nodiscard]] Violations exactly_once(const History& history);

/// A session expires no sooner than its TTL after the last acknowledged keep (or the grant) was sent. The clock that counts
/// may run fast by the drift bound. Nothing is acknowledged that was sent after the end.
[[nodiscard]] Violations session_ttl(const History& history);
/// The client stops trusting first: when a session expires, its node has seen its own deadline, lost it, or crashed.
[[nodiscard]] Violations session_trust(const History& history);

/// The same slot has the same command and the same state after it on all nodes, in all their lives, also in images.
[[nodiscard]] Violations state_digest(const History& history);

/// Each object behaves as if every operation took effect at one instant between its call and its return
/// (linearizable.hpp, where the bounds can be set).
[[nodiscard]] Violations linearizable(const History& history);

}  // namespace conclave::sim
