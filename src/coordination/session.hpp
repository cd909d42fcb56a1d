// A session as the log knows it: who opened it, the next number, and the answers that its client has not acknowledged.
// Whether it is renewed is the leader's knowledge, not the log's.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include <conclave/types.hpp>

#include "base/cluster_time.hpp"
#include "coordination/event.hpp"

namespace conclave::coordination {

/// What is kept of an applied command, so that a repeated one never runs again (S6).
struct Answer {
  /// The user's state machine gives it.
  bool from_user{false};
  /// Nothing: the user's state machine owes it still, or this node has none.
  std::optional<Outcome> outcome;

  friend bool operator==(const Answer&, const Answer&) = default;
};

struct Session {
  /// The slot of the entry that opened it.
  SessionId id;
  Uuid nonce;
  MemberId owner;
  std::string owner_name;
  std::chrono::milliseconds ttl{0};
  bool ephemeral{false};
  ClusterTime opened_at;
  /// The only number that apply takes next.
  Sequence next_sequence{1};
  /// Of the numbers just below `next_sequence`, in order.
  std::deque<Answer> answers;

  friend bool operator==(const Session&, const Session&) = default;
};

using Sessions = std::map<SessionId, Session>;

template <class H>
void hash_append(H& h, const Answer& value) {
  h(value.from_user, value.outcome);
}
template <class H>
void hash_append(H& h, const Session& value) {
  h(value.id, value.nonce, value.owner, value.owner_name, value.ttl, value.ephemeral, value.opened_at,
    value.next_sequence, value.answers);
}

}  // namespace conclave::coordination
