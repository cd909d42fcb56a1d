// What a session may ask, and what it is answered.
#include <algorithm>

#include <conclave/config.hpp>

#include "coordination/limits.hpp"
#include "coordination/step.hpp"
#include "coordination/valid.hpp"

namespace conclave::coordination {
Step::Reply Step::perform(const Session& session, const Acquire& op) {
  if (!is_valid(op.resource) || !is_valid_request(op.value, op.max_hold)) return Outcome{.status = Status::invalid};
  if (tables_.requests.count(session.id) >= requests_per_session_max) return Outcome{.status = Status::overloaded};
  if (op.wait) {
    enqueue(session, op);
    return Outcome{.status = Status::queued};
  }
  if (tables_.resources.contains(op.resource)) return Outcome{.status = Status::not_acquired};
  const auto held = enqueue(session, op);
  settle();
  const auto& grant = *held->second.holder;
  return Outcome{.status = Status::ok, .token = grant.token, .version = grant.version};
}

Step::Reply Step::perform(const Session& session, const Cancel& op) {
  const RequestId request{session.id, op.sequence};
  const auto* found = tables_.requests.find(request);
  if (!found) return Outcome{.status = Status::not_found};
  const auto where = *found;
  if (where.waiting) {
    drop_waiter(request, where, Cause::cancelled);
    return Outcome{.status = Status::cancelled};
  }
  // C4: the grant was on its way to the caller while it gave up; it must not find itself a holder later.
  const auto held = holding(request, where);
  const auto& grant = *held->second.holder;
  const Outcome reply{.status = Status::was_granted, .token = grant.token, .version = grant.version};
  end_grant(held, Cause::cancelled);
  return reply;
}

Step::Reply Step::perform(const Session& session, const Release& op) {
  const auto held = find_grant(op.resource, op.token);
  if (held == tables_.resources.end() || held->second.holder->request.session != session.id)
    return Outcome{.status = Status::not_owner};
  end_grant(held, Cause::released);
  return Outcome{.status = Status::ok};
}

Step::Reply Step::perform(const Session& session, const HandOver& op) {
  const auto held = find_grant(op.resource, op.token);
  if (held == tables_.resources.end() || held->second.holder->request.session != session.id)
    return Outcome{.status = Status::not_owner};
  const auto chosen = std::ranges::find(held->second.waiters, op.target, &Waiter::owner);
  if (chosen == held->second.waiters.end()) return Outcome{.status = Status::not_found};
  // C7: in this very step, so that nobody else of the queue comes between.
  end_grant(held, Cause::handed_over);
  grant(held, chosen);
  return Outcome{.status = Status::ok};
}

Step::Reply Step::perform(const Session&, const Revoke& op) {
  const auto held = find_grant(op.resource, op.token);
  if (held == tables_.resources.end()) return Outcome{.status = Status::not_found};
  mark_ending(held, Cause::revoked);
  return Outcome{.status = Status::ok};
}

Step::Reply Step::perform(const Session& session, const Apply& op) {
  if (op.payload.size() > command_bytes_max || op.guards.size() > guards_max) return Outcome{.status = Status::invalid};
  // C6: an ending grant is current until it has ended: its holder may believe in it until then, and nobody else has it.
  const auto is_current = [this](const Guard& guard) {
    return find_grant(guard.resource, guard.token) != tables_.resources.end();
  };
  if (!std::ranges::all_of(op.guards, is_current)) return Outcome{.status = Status::guard_failed};
  events_.push_back(UserCommand{.session = session.id,
                                .sequence = session.next_sequence,
                                .slot = slot_,
                                .time = tables_.now,
                                .payload = op.payload});
  return std::nullopt;
}

Step::Reply Step::perform(const Session& session, const CloseSession&) {
  end_session(session.id, Cause::closed);
  return Outcome{.status = Status::ok};
}

Step::Reply Step::perform(const Session&, const UnknownOp&) { return Outcome{.status = Status::not_supported}; }

}  // namespace conclave::coordination
