#include "coordination/state.hpp"

#include <algorithm>
#include <utility>

#include "base/invariant.hpp"
#include "coordination/answers.hpp"
#include "coordination/digest.hpp"
#include "coordination/step.hpp"

namespace conclave::coordination {

State::State(std::uint64_t lineage) {
  CONCLAVE_INVARIANT(lineage < lineage_end, lineage);
  tables_.tokens.lineage = lineage;
}

void State::apply(Slot slot, ClusterTime stamp, const Command& command, std::vector<Event>& events) {
  Step step(tables_, slot, stamp, events);
  std::visit([&step](const auto& held) { step.run(held); }, command);
}

void State::term_start(Slot slot, ClusterTime stamp, const Term& term, std::vector<Event>& events) {
  const Step step(tables_, slot, stamp, events);
  tables_.term = term;
}

void State::skip(Slot slot) {
  CONCLAVE_INVARIANT(slot == tables_.applied.next(), slot, tables_.applied);
  tables_.applied = slot;
}

void State::user_result(SessionId id, Sequence sequence, Bytes result, std::vector<Event>& events) {
  const auto found = tables_.sessions.find(id);
  if (found == tables_.sessions.end()) return;
  Outcome outcome{.status = Status::ok, .result = std::move(result)};
  if (!complete_answer(found->second, sequence, outcome)) return;
  events.push_back(Answered{.session = id, .sequence = sequence, .outcome = std::move(outcome)});
}

const Session* State::session(SessionId id) const {
  const auto found = tables_.sessions.find(id);
  return found == tables_.sessions.end() ? nullptr : &found->second;
}

std::optional<Sequence> State::next_sequence(SessionId id) const {
  const auto* found = session(id);
  return found ? std::optional(found->next_sequence) : std::nullopt;
}

std::optional<Outcome> State::answer(SessionId id, Sequence sequence) const {
  const auto* found = session(id);
  if (!found) return Outcome{.status = Status::session_ended};
  return find_answer(*found, sequence);
}

const Resource* State::resource(const ResourceName& name) const {
  const auto found = tables_.resources.find(name);
  return found == tables_.resources.end() ? nullptr : &found->second;
}

std::vector<const Resources::value_type*> State::list(ResourceKind kind, std::string_view prefix) const {
  std::vector<const Resources::value_type*> found;
  for (auto at = tables_.resources.lower_bound({kind, std::string(prefix)}); at != tables_.resources.end(); ++at) {
    if (at->first.kind != kind || !at->first.name.starts_with(prefix)) break;
    found.push_back(&*at);
  }
  return found;
}

const Grant* State::grant_of(const RequestId& request) const {
  const auto* where = tables_.requests.find(request);
  return where && !where->waiting ? &*resource(where->resource)->holder : nullptr;
}

bool State::is_waiting(const RequestId& request) const {
  const auto* where = tables_.requests.find(request);
  return where && where->waiting;
}

const Loss* State::loss_of(Token token) const {
  const auto found = std::ranges::find(losses(), token, &Loss::token);
  return found == losses().end() || token == Token{} ? nullptr : &*found;
}

Sha256 State::digest() const { return digest_of(tables_); }

}  // namespace conclave::coordination
