// The payloads that consensus itself reads, field by field in little-endian order. Decoding what a peer or the disk gave
// answers nothing for bytes that are malformed, too many or too few; such an entry changes nothing when applied.
#pragma once

#include <optional>

#include "paxos/types.hpp"

namespace conclave::paxos {

/// The leader of `ballot` begins (P12). On disk and wire: round u64, member 16 bytes.
struct TermStart {
  Ballot ballot;

  friend bool operator==(const TermStart&, const TermStart&) = default;
};

/// The change to configuration `id` is finished (P6). On disk and wire: id u64.
struct ConfigurationDone {
  ConfigurationId id;

  friend bool operator==(const ConfigurationDone&, const ConfigurationDone&) = default;
};

[[nodiscard]] Payload encode(const TermStart& value);
[[nodiscard]] Payload encode(const ConfigurationDone& value);
/// id u64, replaces u64, count u16, then member 16 bytes and incarnation u32 for each voter.
[[nodiscard]] Payload encode(const Configuration& value);

[[nodiscard]] std::optional<TermStart> decode_term_start(BytesView bytes);
[[nodiscard]] std::optional<ConfigurationDone> decode_configuration_done(BytesView bytes);
/// Also refuses voters that are unsorted, repeated, none at all, or more than `voters_max`.
[[nodiscard]] std::optional<Configuration> decode_configuration(BytesView bytes);

}  // namespace conclave::paxos
