// What gossip says, one message to a datagram: plain values, turned into bytes by `src/wire`. Who sent it and in which
// cluster stands in the datagram's header. `gossip.hpp` has the rules (G1, G2, ...) that the comments cite.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <conclave/status.hpp>
#include <conclave/types.hpp>

#include "base/address.hpp"

namespace conclave::gossip {

/// How often a member's store was opened: persisted, and raised before the first datagram of a run leaves.
using BootEpoch = Number<struct BootEpochTag>;
/// Raised by the member itself to refute what is said of it; starts at 0 in each boot.
using Incarnation = Number<struct IncarnationTag>;

/// What is said of a member. Of two rumours with the same age the later in this order wins (G2).
enum class State : std::uint8_t { alive = 0, suspect = 1, dead = 2, left = 3 };

/// What a suspicion rests on (G8).
enum class Evidence : std::uint8_t {
  silence = 0,  ///< probes had no answer
  refused = 1,  ///< the machine answered that nobody listens there
};

/// The age of what is said of a member: a rumour with the greater one replaces the other (G2).
struct Age {
  BootEpoch boot_epoch;
  Incarnation incarnation;

  friend constexpr auto operator<=>(const Age&, const Age&) = default;
};

/// Everything gossip ever says of one member: who and where it is, and how it does.
struct Rumour {
  MemberId member;
  /// 1 to 64 bytes.
  std::string name;
  /// Where others reach it; its host has at most 64 bytes. An attribute: the member is its id.
  Address address;
  /// As the member itself says; who votes is for the log alone (G1).
  Role role{Role::observer};
  Age age;
  State state{State::alive};
  /// Of a suspect or dead member: who says so, and why; otherwise nil and `silence`.
  MemberId accuser{};
  Evidence evidence{Evidence::silence};

  friend bool operator==(const Rumour&, const Rumour&) = default;
};

/// To one member per period. The target owes an Ack at once, to where the Ping came from; anybody else owes nothing.
struct Ping {
  std::uint64_t number{0};
  MemberId target;

  friend bool operator==(const Ping&, const Ping&) = default;
};

/// To a few members when a Ping had no answer: the receiver pings `target` itself and owes an Ack if that is answered in
/// time, otherwise a Nack.
struct PingRequest {
  std::uint64_t number{0};
  MemberId target;
  Address address;

  friend bool operator==(const PingRequest&, const PingRequest&) = default;
};

/// The answer to the Ping or PingRequest of this number: the target lives.
struct Ack {
  std::uint64_t number{0};

  friend bool operator==(const Ack&, const Ack&) = default;
};

/// The answer to a PingRequest of this number: I live, but I had no answer from the target either.
struct Nack {
  std::uint64_t number{0};

  friend bool operator==(const Nack&, const Nack&) = default;
};

/// To a seed, to a member believed dead, now and then to a live one (G10, G11): asks for all that the receiver knows of
/// members above `after`, in the order of ids. Nil asks from the start, and then the first rumour is the sender's own.
/// The receiver owes JoinReplies.
struct Join {
  std::uint64_t number{0};
  MemberId after;
  /// The sender knows more than itself: the receiver shall ask it, too.
  bool ask_back{false};

  friend bool operator==(const Join&, const Join&) = default;
};

/// A Join is answered with at most this many pages; the asker asks again for more, from where it stands.
inline constexpr unsigned join_pages_max = 4;

/// A page of the answer to a Join; the rumours are those of the members next above `after`.
struct JoinReply {
  std::uint64_t number{0};
  MemberId after;
  /// No member above these is known.
  bool last{false};

  friend bool operator==(const JoinReply&, const JoinReply&) = default;
};

/// Rumours and nothing else. No answer is owed.
struct Tell {
  friend bool operator==(const Tell&, const Tell&) = default;
};

using Body = std::variant<Ping, PingRequest, Ack, Nack, Join, JoinReply, Tell>;

/// One datagram's worth: at most `datagram_bytes_max` encoded (G9).
struct Message {
  Body body{Tell{}};
  std::vector<Rumour> rumours;

  friend bool operator==(const Message&, const Message&) = default;
};

template <class H>
void hash_append(H& h, const Age& age) {
  h(age.boot_epoch, age.incarnation);
}

template <class H>
void hash_append(H& h, const Rumour& rumour) {
  h(rumour.member, rumour.name, rumour.address, rumour.role, rumour.age, rumour.state, rumour.accuser, rumour.evidence);
}

}  // namespace conclave::gossip
