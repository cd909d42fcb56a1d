// The digest of the state (C8): equal states have equal digests in every language, and two that differ are told apart.
//
// SHA-256 over these fields in this order (W5). Integers are little-endian, of the width named; a text or run of bytes
// is its length as u32, then the bytes; a uuid is its 16 bytes; a list is its length as u32, then its elements; an
// option is a u8, 0 or 1, then the value if 1; a resource is its kind u8 and its name.
//
//   state      u64 lineage, u64 grants so far, u64 applied slot, u64 cluster time, term (u64 round, uuid member),
//              list of sessions by id, list of resources by kind and name, u64 version floor,
//              list of free names by kind and name, list of losses oldest first
//   session    u64 id, uuid nonce, uuid owner, text owner name, u64 time to live in ms, u8 ephemeral, u64 opened at,
//              u64 next sequence, list of kept answers by sequence
//   answer     u8 from the user's state machine; if 0: u8 status, u64 token, u64 version, bytes result
//   resource   resource, u64 version, grant, list of waiters in the order of the queue
//   grant      u64 token, u64 version, request, uuid owner, text owner name, u64 slot, u64 time, bytes value,
//              u64 longest hold in ms, option of u8 ending cause
//   waiter     u8 priority, u64 slot, request, uuid owner, text owner name, u64 since, bytes value,
//              u64 longest hold in ms
//   request    u64 session, u64 sequence
//   free name  resource, u64 version, u64 slot since
//   loss       u64 slot, u64 time, resource, u64 token, request, uuid owner, text owner name, u8 cause
//
// An answer of the user's state machine is only marked as such: nodes run that machine at their own pace, some have
// none, and it has a digest of its own.
#pragma once

#include "base/sha256.hpp"
#include "coordination/tables.hpp"

namespace conclave::coordination {

[[nodiscard]] Sha256 digest_of(const Tables& tables);

}  // namespace conclave::coordination
