// Records <-> their fields. Private to src/wire.
#pragma once

#include "engine/record.hpp"
#include "record.capnp.h"
#include "wire/fields.hpp"

namespace conclave::schema {

void put(IdentityRecord::Builder out, const engine::IdentityRecord& value);
[[nodiscard]] engine::IdentityRecord take(IdentityRecord::Reader in);

void put(GenerationRecord::Builder out, const engine::GenerationRecord& value);
[[nodiscard]] engine::GenerationRecord take(GenerationRecord::Reader in);

void put(GenesisRecord::Builder out, const engine::GenesisRecord& value);
[[nodiscard]] engine::GenesisRecord take(GenesisRecord::Reader in);

void put(PromiseRecord::Builder out, const engine::PromiseRecord& value);
[[nodiscard]] engine::PromiseRecord take(PromiseRecord::Reader in);

void put(AcceptedRecord::Builder out, const engine::AcceptedRecord& value);
[[nodiscard]] engine::AcceptedRecord take(AcceptedRecord::Reader in);

void put(WatermarkRecord::Builder out, const engine::WatermarkRecord& value);
[[nodiscard]] engine::WatermarkRecord take(WatermarkRecord::Reader in);

void put(PeerRecord::Builder out, const engine::PeerRecord& value);
[[nodiscard]] engine::PeerRecord take(PeerRecord::Reader in);

void put(VoteLostRecord::Builder out, const engine::VoteLostRecord& value);
[[nodiscard]] engine::VoteLostRecord take(VoteLostRecord::Reader in);

void put(SessionRecord::Builder out, const engine::SessionRecord& value);
[[nodiscard]] engine::SessionRecord take(SessionRecord::Reader in);

}  // namespace conclave::schema
