// The coordination state machine: sessions, locks and elections as the log decides them. A value, and deterministic
// (C1): the same slots in the same order give the same state, events and digest on every node and in every language. No
// clock inside: time comes with the entries.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include <conclave/result.hpp>
#include <conclave/types.hpp>

#include "base/cluster_time.hpp"
#include "base/sha256.hpp"
#include "coordination/command.hpp"
#include "coordination/event.hpp"
#include "coordination/image.hpp"
#include "coordination/tables.hpp"

namespace conclave::coordination {

/// Each slot of the log is given once, in order and without holes, to one of `apply`, `term_start` and `skip`. Events
/// are appended, so that the caller can reuse its vector. References that queries return hold until the next change.
class State {
 public:
  /// The empty state before slot 1. `lineage` is below `lineage_end`.
  explicit State(std::uint64_t lineage = 0);

  // ---- The log ----

  /// A command, at the later of `stamp` and the time so far. Timers that are due then fire first.
  void apply(Slot slot, ClusterTime stamp, const Command& command, std::vector<Event>& events);
  /// The leadership `term` begins (P12). Moves time and fires timers as `apply` does.
  void term_start(Slot slot, ClusterTime stamp, const Term& term, std::vector<Event>& events);
  /// Anything else that a slot may hold, such as a no-op: it carries no time and fires nothing.
  void skip(Slot slot);

  /// What the user's state machine returned for a `UserCommand`; once for each, in their order, at any later time.
  /// Answers it, unless its session is over. Nodes may be at different slots when they call this, so the digest leaves
  /// these results to the user's own digest.
  void user_result(SessionId session, Sequence sequence, Bytes result, std::vector<Event>& events);

  // ---- Queries ----

  [[nodiscard]] Slot applied() const { return tables_.applied; }
  [[nodiscard]] ClusterTime now() const { return tables_.now; }
  /// Of the last term-start; round 0 before the first.
  [[nodiscard]] const Term& last_term() const { return tables_.term; }
  [[nodiscard]] std::uint64_t lineage() const { return tables_.tokens.lineage; }
  /// When the leader has to propose a `Tick`, if nothing else moves the time on until then.
  [[nodiscard]] std::optional<ClusterTime> next_timer_due() const { return tables_.timers.next_due(); }

  [[nodiscard]] const Sessions& sessions() const { return tables_.sessions; }
  /// Nothing: it never was, or it has ended.
  [[nodiscard]] const Session* session(SessionId id) const;
  /// The only number that apply takes next; nothing for an unknown session.
  [[nodiscard]] std::optional<Sequence> next_sequence(SessionId id) const;
  /// What a command was answered: also `pruned`, or `session_ended` if there is no such session. Nothing: it has not
  /// run, or the user's state machine owes it.
  [[nodiscard]] std::optional<Outcome> answer(SessionId id, Sequence sequence) const;

  /// All resources that are held, by kind and name.
  [[nodiscard]] const Resources& resources() const { return tables_.resources; }
  /// Nothing: it is free.
  [[nodiscard]] const Resource* resource(const ResourceName& name) const;
  /// Those of a kind whose names begin with `prefix`, by name.
  [[nodiscard]] std::vector<const Resources::value_type*> list(ResourceKind kind, std::string_view prefix) const;
  /// What a request was granted, if it holds that still.
  [[nodiscard]] const Grant* grant_of(const RequestId& request) const;
  /// True while a request stands in a queue.
  [[nodiscard]] bool is_waiting(const RequestId& request) const;

  /// The session's grants whose deadline is extended no more (S5).
  [[nodiscard]] std::vector<Token> ending_tokens(SessionId session) const { return tables_.endings.of(session); }
  /// All ending grants, by session and token.
  [[nodiscard]] std::vector<EndingGrant> endings() const { return tables_.endings.all(); }

  /// The flight record, oldest first.
  [[nodiscard]] const std::deque<Loss>& losses() const { return tables_.losses.losses(); }
  /// Why the grant `token` was lost, as long as that is recorded.
  [[nodiscard]] const Loss* loss_of(Token token) const;

  // ---- The whole ----

  /// SHA-256 over the fields that digest.hpp lists. Its cost grows with the state.
  [[nodiscard]] Sha256 digest() const;
  [[nodiscard]] Image image() const;
  /// The state that `image` was made from; `errc::protocol_violation`, with what is wrong, for one that never was.
  [[nodiscard]] static Result<State> from_image(const Image& image);

  friend bool operator==(const State&, const State&) = default;
  template <class H>
  friend void hash_append(H& h, const State& state) {
    h(state.tables_);
  }

 private:
  explicit State(Tables tables) : tables_(std::move(tables)) {}

  Tables tables_;
};

}  // namespace conclave::coordination
