// What a step of gossip asks for: datagrams to send, and events for whoever wants to know. The order within each is the
// order in which they came to be; a lost datagram is nobody's error.
#pragma once

#include <variant>
#include <vector>

#include "gossip/message.hpp"

namespace conclave::gossip {

/// A message and where it goes.
struct Datagram {
  Address to;
  Message message;

  friend bool operator==(const Datagram&, const Datagram&) = default;
};

/// A member is met, is back, has started anew, or says something new of itself.
struct MemberAlive {
  Rumour member;

  friend bool operator==(const MemberAlive&, const MemberAlive&) = default;
};

/// Somebody has no answer from the member; it has time to refute.
struct MemberSuspected {
  MemberId member;
  Age age;
  MemberId accuser;
  Evidence evidence{Evidence::silence};

  friend bool operator==(const MemberSuspected&, const MemberSuspected&) = default;
};

/// The suspicion was not refuted in time.
struct MemberDead {
  MemberId member;
  Age age;

  friend bool operator==(const MemberDead&, const MemberDead&) = default;
};

/// The member said goodbye.
struct MemberLeft {
  MemberId member;
  Age age;

  friend bool operator==(const MemberLeft&, const MemberLeft&) = default;
};

/// The member has started anew at another address. Comes before its `MemberAlive`.
struct AddressChanged {
  MemberId member;
  Address from;
  Address to;

  friend bool operator==(const AddressChanged&, const AddressChanged&) = default;
};

/// Where, and in which boot, somebody claims to be a member.
struct Claim {
  Address address;
  BootEpoch boot_epoch;

  friend auto operator<=>(const Claim&, const Claim&) = default;

  template <class H>
  friend void hash_append(H& h, const Claim& claim) {
    h(claim.address, claim.boot_epoch);
  }
};

/// Two processes are the same member: a data folder was cloned or restored (G4). When `member` is this node, `known` is
/// this process. Said once for each pair of claims in a row.
struct CloneSeen {
  MemberId member;
  Claim known;
  Claim other;

  friend bool operator==(const CloneSeen&, const CloneSeen&) = default;
};

using Event = std::variant<MemberAlive, MemberSuspected, MemberDead, MemberLeft, AddressChanged, CloneSeen>;

/// Filled by a step; the caller takes everything out before the next one.
struct Effects {
  std::vector<Datagram> send;
  std::vector<Event> events;

  friend bool operator==(const Effects&, const Effects&) = default;
};

}  // namespace conclave::gossip
