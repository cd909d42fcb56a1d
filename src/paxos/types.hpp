// The words of consensus: ballots, entries, and who votes. PROTOCOL.md defines them; rules P1 to P12 use them.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <conclave/types.hpp>

#include "base/cluster_time.hpp"
#include "base/payload.hpp"

namespace conclave::paxos {

/// The first half of a ballot.
using Round = Number<struct RoundTag>;
/// Which life of a store a vote belongs to: a store that lost its vote is admitted again under a new one (P9).
using Incarnation = Number<struct IncarnationTag, std::uint32_t>;
using ConfigurationId = Number<struct ConfigurationTag>;
using conclave::ClusterTime;
/// The number of a heartbeat round within one boot of its sender, from 1.
using RoundTrip = Number<struct RoundTripTag>;

/// Ordered by round, then by member, so that no two members ever own the same one. The default is "none" and below all.
struct Ballot {
  Round round;
  MemberId member;

  friend constexpr auto operator<=>(const Ballot&, const Ballot&) = default;

  [[nodiscard]] constexpr bool is_none() const { return round.value == 0; }
};

/// `round.xx`, the last byte of the member: for traces.
[[nodiscard]] std::string to_string(const Ballot& ballot);

/// One who votes: a member with one particular life of its store (P9).
struct Voter {
  MemberId member;
  Incarnation incarnation;

  friend auto operator<=>(const Voter&, const Voter&) = default;
};

/// Voters of a configuration, at most.
inline constexpr std::size_t voters_max = 64;

/// Who votes. A configuration in the log names the one it replaces; one that names another is a no-op (P6).
struct Configuration {
  ConfigurationId id;
  ConfigurationId replaces;
  /// Sorted by member, each member once, at least one, at most `voters_max`.
  std::vector<Voter> voters;

  friend bool operator==(const Configuration&, const Configuration&) = default;
};

/// Names a configuration by what it is and where it stands; the founders' stands at slot 0.
struct ConfigurationRef {
  ConfigurationId id;
  Slot slot;

  friend auto operator<=>(const ConfigurationRef&, const ConfigurationRef&) = default;
};

/// A chosen configuration at its slot: it governs every slot above, up to and with the next one (P6).
struct PlacedConfiguration {
  Slot slot;
  Configuration configuration;

  friend bool operator==(const PlacedConfiguration&, const PlacedConfiguration&) = default;

  [[nodiscard]] ConfigurationRef ref() const { return {configuration.id, slot}; }
};

/// What an entry is to consensus. A number that this build does not know is kept and passed on byte for byte, and applied
/// as whoever knows it says.
enum class EntryKind : std::uint16_t {
  noop = 0,                ///< fills a slot; carries no time and changes nothing
  command = 1,             ///< opaque here: for the state machine above (W3)
  configuration = 2,       ///< payload: `Configuration`
  configuration_done = 3,  ///< payload: `ConfigurationDone`
  term_start = 4,          ///< payload: `TermStart`; a leader's first new entry (P12)
};

/// What a slot holds.
struct Entry {
  EntryKind kind{EntryKind::noop};
  /// Given by its first proposer and kept by every later one (P4).
  ClusterTime stamp;
  Payload payload;

  friend bool operator==(const Entry&, const Entry&) = default;
};

template <class H>
void hash_append(H& h, const Ballot& ballot) {
  h(ballot.round, ballot.member);
}
template <class H>
void hash_append(H& h, const Voter& voter) {
  h(voter.member, voter.incarnation);
}
template <class H>
void hash_append(H& h, const Configuration& configuration) {
  h(configuration.id, configuration.replaces, configuration.voters);
}
template <class H>
void hash_append(H& h, const ConfigurationRef& ref) {
  h(ref.id, ref.slot);
}
template <class H>
void hash_append(H& h, const PlacedConfiguration& placed) {
  h(placed.slot, placed.configuration);
}
template <class H>
void hash_append(H& h, const Entry& entry) {
  h(entry.kind, entry.stamp, entry.payload);
}

}  // namespace conclave::paxos
