// Sessions: opening, the turn of their commands, and their end.
#include <utility>

#include "coordination/answers.hpp"
#include "coordination/step.hpp"
#include "coordination/valid.hpp"

namespace conclave::coordination {

void Step::run(const OpenSession& command) {
  if (!is_valid_opening(command.ttl, command.owner_name)) return;
  const SessionId id{slot_.value};
  tables_.sessions.emplace(id, Session{.id = id,
                                       .nonce = command.nonce,
                                       .owner = command.owner,
                                       .owner_name = command.owner_name,
                                       .ttl = command.ttl,
                                       .ephemeral = command.ephemeral,
                                       .opened_at = tables_.now,
                                       .next_sequence = Sequence{1},
                                       .answers = {}});
  tables_.requests.open(id);
  events_.push_back(SessionOpened{.nonce = command.nonce,
                                  .session = id,
                                  .owner = command.owner,
                                  .owner_name = command.owner_name,
                                  .ttl = command.ttl,
                                  .ephemeral = command.ephemeral});
}

void Step::run(const Submission& command) {
  const auto found = tables_.sessions.find(command.session);
  // An earlier copy may have run while the session lived: this says "unknown", never "not applied".
  if (found == tables_.sessions.end())
    return answer(command.session, command.sequence, {.status = Status::session_ended});
  auto& session = found->second;
  switch (turn_of(session, command.sequence)) {
    case Turn::gap:
      return;
    case Turn::old:
      if (auto kept = find_answer(session, command.sequence))
        answer(command.session, command.sequence, *std::move(kept));
      return;
    case Turn::next:
      break;
  }
  acknowledge(session, command.answered_below);
  auto reply = std::visit([&](const auto& op) { return perform(session, op); }, command.op);
  settle();
  // It may just have closed itself: then nobody is left to ask again.
  const auto living = tables_.sessions.find(command.session);
  if (living != tables_.sessions.end()) keep_answer(living->second, {.from_user = !reply, .outcome = reply});
  if (reply) answer(command.session, command.sequence, *std::move(reply));
}

void Step::answer(SessionId session, Sequence sequence, Outcome outcome) {
  events_.push_back(Answered{.session = session, .sequence = sequence, .outcome = std::move(outcome)});
}

void Step::end_session(SessionId id, Cause cause) {
  // C5: its waiters go before anything is granted, so that a dead session is never next.
  for (const auto& [sequence, where] : tables_.requests.close(id)) {
    if (where.waiting)
      drop_waiter({id, sequence}, where, cause);
    else
      end_grant(holding({id, sequence}, where), cause);
  }
  tables_.sessions.erase(id);
  events_.push_back(SessionEnded{.session = id, .cause = cause});
}

}  // namespace conclave::coordination
