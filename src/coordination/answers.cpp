#include "coordination/answers.hpp"

#include <utility>

#include "coordination/limits.hpp"

namespace conclave::coordination {

Turn turn_of(const Session& session, Sequence sequence) {
  if (sequence == session.next_sequence) return Turn::next;
  return sequence < session.next_sequence ? Turn::old : Turn::gap;
}

Sequence first_kept(const Session& session) { return Sequence{session.next_sequence.value - session.answers.size()}; }

std::optional<Outcome> find_answer(const Session& session, Sequence sequence) {
  if (sequence >= session.next_sequence) return std::nullopt;
  const auto first = first_kept(session);
  if (sequence < first) return Outcome{.status = Status::pruned};
  return session.answers[sequence - first].outcome;
}

void acknowledge(Session& session, Sequence below) {
  while (!session.answers.empty() && first_kept(session) < below) session.answers.pop_front();
}

void keep_answer(Session& session, Answer answer) {
  session.answers.push_back(std::move(answer));
  ++session.next_sequence;
  if (session.answers.size() > unanswered_max) session.answers.pop_front();
}

bool complete_answer(Session& session, Sequence sequence, const Outcome& outcome) {
  if (sequence >= session.next_sequence) return false;
  const auto first = first_kept(session);
  // Not kept any more; the caller on this node may wait for it all the same.
  if (sequence < first) return true;
  auto& answer = session.answers[sequence - first];
  if (!answer.from_user || answer.outcome) return false;
  answer.outcome = outcome;
  return true;
}

}  // namespace conclave::coordination
