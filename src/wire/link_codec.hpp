// Links, genesis and gossip's addresses <-> their fields. Private to src/wire.
#pragma once

#include "engine/message.hpp"
#include "wire/fields.hpp"

namespace conclave::schema {

void put(Lineage::Builder out, const engine::Lineage& value);
[[nodiscard]] engine::Lineage take(Lineage::Reader in);

void put(Address::Builder out, const conclave::Address& value);
[[nodiscard]] conclave::Address take(Address::Reader in);

void put(Header::Builder out, const engine::Header& value);
[[nodiscard]] engine::Header take(Header::Reader in);

void put(Hello::Builder out, const engine::Hello& value);
[[nodiscard]] engine::Hello take(Hello::Reader in);

void put(Refusal::Builder out, const engine::Refusal& value);
[[nodiscard]] engine::Refusal take(Refusal::Reader in);

void put(Goodbye::Builder out, const engine::Goodbye& value);
[[nodiscard]] engine::Goodbye take(Goodbye::Reader in);

void put(Founder::Builder out, const engine::Founder& value);
[[nodiscard]] engine::Founder take(Founder::Reader in);

void put(LockIn::Builder out, const engine::LockIn& value);
[[nodiscard]] engine::LockIn take(LockIn::Reader in);

void put(LockedIn::Builder out, const engine::LockedIn& value);
[[nodiscard]] engine::LockedIn take(LockedIn::Reader in);

void put(Commit::Builder out, const engine::Commit& value);
[[nodiscard]] engine::Commit take(Commit::Reader in);

}  // namespace conclave::schema
