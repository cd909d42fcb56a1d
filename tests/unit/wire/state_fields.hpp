// The fields of commands and of the image, for the filler.
#pragma once

#include "coordination/command.hpp"
#include "coordination/image.hpp"
#include "unit/wire/filler.hpp"

namespace conclave::coordination {

// Numbers that are not known are kept.
constexpr ResourceKind last_of(ResourceKind) { return ResourceKind{255}; }
constexpr Cause last_of(Cause) { return Cause{255}; }
constexpr Status last_of(Status) { return Status{255}; }

CONCLAVE_FIELDS(ResourceName, kind, name)
CONCLAVE_FIELDS(RequestId, session, sequence)
CONCLAVE_FIELDS(Guard, resource, token)
CONCLAVE_FIELDS(Term, round, member)
CONCLAVE_FIELDS(Acquire, resource, wait, value, priority, max_hold)
CONCLAVE_FIELDS(Cancel, sequence)
CONCLAVE_FIELDS(Release, resource, token)
CONCLAVE_FIELDS(HandOver, resource, token, target)
CONCLAVE_FIELDS(Revoke, resource, token)
CONCLAVE_FIELDS(Apply, payload, guards)
CONCLAVE_NO_FIELDS(CloseSession)
CONCLAVE_NO_FIELDS(UnknownOp)
CONCLAVE_FIELDS(OpenSession, nonce, owner, owner_name, ttl, ephemeral)
CONCLAVE_FIELDS(Submission, session, sequence, answered_below, op)
CONCLAVE_FIELDS(EndSessions, sessions, cause)
CONCLAVE_FIELDS(Ended, resource, token)
CONCLAVE_FIELDS(Judgement, term, verdict)
CONCLAVE_NO_FIELDS(Tick)
CONCLAVE_NO_FIELDS(Unknown)

CONCLAVE_FIELDS(Outcome, status, token, version, result)
CONCLAVE_FIELDS(Answer, from_user, outcome)
CONCLAVE_FIELDS(Session, id, nonce, owner, owner_name, ttl, ephemeral, opened_at, next_sequence, answers)
CONCLAVE_FIELDS(Grant, token, version, request, owner, owner_name, slot, time, value, max_hold, ending)
CONCLAVE_FIELDS(Place, priority, slot)
CONCLAVE_FIELDS(Waiter, place, request, owner, owner_name, since, value, max_hold)
CONCLAVE_FIELDS(ResourceImage, name, version, holder, waiters)
CONCLAVE_FIELDS(FreeImage, name, version, since)
CONCLAVE_FIELDS(Loss, slot, time, resource, token, request, owner, owner_name, cause)
CONCLAVE_FIELDS(UserState, digest, chunks)
CONCLAVE_FIELDS(Image, applied, now, term, lineage, grants, sessions, resources, free, version_floor, losses, digest, user)

}  // namespace conclave::coordination
