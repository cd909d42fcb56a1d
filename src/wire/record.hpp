// Records <-> the bytes and keys under which a node keeps them.
//
// Pure functions, safe on any thread. Nothing of Cap'n Proto shows, neither types nor exceptions. What fails here has
// passed the storage's checksum: it was written wrongly, or by a newer build, and is treated as missing (P9).
#pragma once

#include <string>
#include <string_view>

#include <conclave/result.hpp>
#include <conclave/types.hpp>

#include "engine/record.hpp"

namespace conclave::wire {

/// Where the record of the accepted entries lies: in the log, by slot. All others have a key.
[[nodiscard]] std::string record_key(const engine::Record& record);
/// The key under which the peer record of `member` lies.
[[nodiscard]] std::string peer_key(const MemberId& member);

/// The value of `record`. Texts are UTF-8 without NUL.
[[nodiscard]] Bytes encode(const engine::Record& record);
[[nodiscard]] Bytes encode(const engine::AcceptedRecord& record);

/// What lies under `key`. `errc::data_damaged` for bytes that make no sense or belong under another key;
/// `errc::incompatible` for a record of a newer build.
[[nodiscard]] Result<engine::Record> decode_record(std::string_view key, BytesView value);

/// What lies in the log at `slot`; fails like `decode_record`.
[[nodiscard]] Result<engine::AcceptedRecord> decode_accepted(Slot slot, BytesView value);

}  // namespace conclave::wire
