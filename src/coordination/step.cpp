#include "coordination/step.hpp"

#include <algorithm>

#include "base/invariant.hpp"

namespace conclave::coordination {

Step::Step(Tables& tables, Slot slot, ClusterTime stamp, std::vector<Event>& events)
    : tables_(tables), slot_(slot), events_(events) {
  CONCLAVE_INVARIANT(slot == tables_.applied.next(), slot, tables_.applied);
  tables_.applied = slot;
  // C1: entries that a new leader proposes again keep their stamps (P4), so stamps may go back; time does not.
  tables_.now = std::max(tables_.now, stamp);
  tables_.losses.forget_before(tables_.now);
  fire_timers();
}

void Step::fire_timers() {
  while (const auto due = tables_.timers.take_due(tables_.now)) {
    const auto held = find_grant(due->resource, due->token);
    CONCLAVE_INVARIANT(held != tables_.resources.end(), due->resource, due->token);
    mark_ending(held, Cause::held_too_long);
  }
}

void Step::run(const Judgement& command) {
  // P12: whoever judged has been deposed since, or never led as far as this log knows. The ballot in which the entry
  // was accepted does not count: proposing it again changes that, and replicas would differ.
  if (command.term == Term{} || command.term != tables_.term) return;
  std::visit([this](const auto& verdict) { judge(verdict); }, command.verdict);
  settle();
}

void Step::judge(const EndSessions& verdict) {
  for (const auto id : verdict.sessions)
    if (tables_.sessions.contains(id)) end_session(id, verdict.cause);
}

void Step::judge(const Ended& verdict) {
  const auto held = find_grant(verdict.resource, verdict.token);
  // S5: only a grant that was marked as ending was left out of acknowledgements.
  if (held == tables_.resources.end() || !held->second.holder->ending) return;
  end_grant(held, *held->second.holder->ending);
}

}  // namespace conclave::coordination
