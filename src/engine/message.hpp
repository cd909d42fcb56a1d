// What nodes say to each other, beside Paxos and gossip: who they are, how a cluster is founded, and how sessions,
// commands, reads and images travel. Plain values; `src/wire` turns them into bytes. PROTOCOL.md has the message table:
// who sends each one, when, and what the receiver owes.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <conclave/status.hpp>
#include <conclave/types.hpp>

#include "base/address.hpp"
#include "base/payload.hpp"
#include "base/sha256.hpp"
#include "gossip/message.hpp"
#include "paxos/message.hpp"

namespace conclave::engine {

/// A cluster's life: a recovery raises the number and draws a new id (rule I2).
struct Lineage {
  std::uint64_t number{0};
  Uuid recovery;

  friend auto operator<=>(const Lineage&, const Lineage&) = default;
  template <class H>
  friend void hash_append(H& h, const Lineage& lineage) {
    h(lineage.number, lineage.recovery);
  }
};

/// Heads every frame and every datagram (rule I3). A receiver of another cluster or lineage refuses the frame, unless it
/// is a Hello, which is answered with a Refusal.
struct Header {
  std::uint16_t version{0};
  /// Nil before genesis.
  ClusterId cluster;
  Lineage lineage;
  MemberId sender;
  /// The nonce of the sender's present opening of its store: frames of a superseded one are refused.
  std::uint64_t store_nonce{0};

  friend bool operator==(const Header&, const Header&) = default;
};

/// What a link is for.
enum class Purpose : std::uint8_t {
  member = 0,   ///< the dialler is, or wants to be, a member
  inquiry = 1,  ///< the dialler asks for the status and joins nothing
};

/// One founder, as the founders agreed on it (rule F1).
struct Founder {
  MemberId member;
  /// Drawn when the founder's store was made.
  Uuid nonce;
  std::string name;
  Address address;

  friend auto operator<=>(const Founder&, const Founder&) = default;
  template <class H>
  friend void hash_append(H& h, const Founder& founder) {
    h(founder.member, founder.nonce, founder.name, founder.address);
  }
};

/// The first message on every link, in both directions (rules I4, I5).
struct Hello {
  std::uint16_t version_min{0};
  std::uint16_t version_max{0};
  Purpose purpose{Purpose::member};
  std::string cluster_name;
  /// Nil while the sender belongs to no cluster.
  ClusterId cluster;
  Lineage lineage;
  MemberId member;
  std::string name;
  std::optional<Address> address;
  /// No data folder: never votes, never founds (rule I8).
  bool ephemeral{false};
  bool has_vote{false};
  paxos::Incarnation incarnation;
  std::uint64_t boot_epoch{0};
  /// Nonces of the store's last openings, newest first, at most 1,024 (rule I5).
  std::vector<std::uint64_t> store_nonces;
  /// Synced values only.
  paxos::Ballot promised;
  Slot last_slot;
  std::uint8_t priority{0};
  /// The user's state machine; empty: none.
  std::string state_machine;
  /// Before genesis: what this node would found.
  std::vector<Address> founders;
  Uuid founding_nonce;

  friend bool operator==(const Hello&, const Hello&) = default;
};

/// Why a link is refused; sent before it is closed. `code` is an `errc`; an unknown one reads as `incompatible`.
struct Refusal {
  std::uint16_t code{0};
  std::string detail;

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

/// The sender closes on purpose.
struct Goodbye {
  bool restarting{false};

  friend bool operator==(const Goodbye&, const Goodbye&) = default;
};

// ---- Genesis (rules F1 to F6) ----

/// From the smallest founder to the others, once all are known to agree.
struct LockIn {
  ClusterId cluster;
  std::vector<Founder> founders;  ///< sorted by member

  friend bool operator==(const LockIn&, const LockIn&) = default;
};

/// The answer, once the lock-in is synced.
struct LockedIn {
  ClusterId cluster;

  friend bool operator==(const LockedIn&, const LockedIn&) = default;
};

/// The cluster exists. Any member that knows it sends it to a founder that is still locked in.
struct Commit {
  ClusterId cluster;
  std::vector<Founder> founders;

  friend bool operator==(const Commit&, const Commit&) = default;
};

// ---- Sessions (rules S1 to S9) ----

/// Commands on their way to the leader, in the order of their sequence; from the sender or passed on by a member.
struct Forward {
  std::vector<Payload> commands;  ///< encoded `coordination::Command`, each an OpenSession or a Submission

  friend bool operator==(const Forward&, const Forward&) = default;
  template <class H>
  friend void hash_append(H& h, const Forward& forward) {
    h(forward.commands);
  }
};

/// The leader's answer to commands that it did not admit.
struct ForwardReply {
  enum class Kind : std::uint8_t {
    resend = 0,           ///< send everything from `sequence` again
    overloaded = 1,       ///< the leader's queue is full: wait, then resend from `sequence`
    not_leader = 2,       ///< this node does not lead and knows no leader to pass them to
    unknown_session = 3,  ///< the session has ended: outcomes of commands without an answer are unknown
  };
  Kind kind{Kind::resend};
  SessionId session;
  Sequence sequence;

  friend bool operator==(const ForwardReply&, const ForwardReply&) = default;
};

/// Asks the leader to extend sessions; rides in the frame of a heartbeat (S1). Numbers rise within a session.
struct Renew {
  struct Item {
    SessionId session;
    std::uint64_t number{0};
    friend bool operator==(const Item&, const Item&) = default;
  };
  std::vector<Item> items;

  friend bool operator==(const Renew&, const Renew&) = default;
};

/// The leader's word, and nobody else's, that a renewal counts (S1). Tokens listed in `ending` are not extended (S5).
struct RenewAck {
  struct Item {
    SessionId session;
    std::uint64_t number{0};
    std::vector<Token> ending;
    friend bool operator==(const Item&, const Item&) = default;
  };
  std::vector<Item> items;

  friend bool operator==(const RenewAck&, const RenewAck&) = default;
};

/// A node that restarted on the same store asks the leader to end its former session at once (S4).
struct EndFormer {
  SessionId session;
  std::uint64_t former_nonce{0};

  friend bool operator==(const EndFormer&, const EndFormer&) = default;
};

// ---- Reads (rules R1, R2) ----

struct ReadIndex {
  std::uint64_t id{0};

  friend bool operator==(const ReadIndex&, const ReadIndex&) = default;
};

struct ReadIndexReply {
  std::uint64_t id{0};
  bool ok{false};  ///< false: the asked node does not lead, ask again
  Slot slot;

  friend bool operator==(const ReadIndexReply&, const ReadIndexReply&) = default;
};

// ---- Observers and images (rules O1 to O4) ----

/// An observer asks a member for the log above `applied`, or for an image first.
struct Attach {
  Slot applied;
  bool wants_image{false};

  friend bool operator==(const Attach&, const Attach&) = default;
};

/// O2: asks for one part of an image; parts can be asked for again.
struct ImageRequest {
  std::uint64_t image{0};
  std::uint32_t part{0};

  friend bool operator==(const ImageRequest&, const ImageRequest&) = default;
};

/// One part of an encoded `coordination::Image`; the receiver installs the whole, once its SHA-256 fits, or nothing.
struct ImagePart {
  std::uint64_t image{0};
  Slot slot;  ///< the image holds everything up to here
  std::uint32_t part{0};
  std::uint32_t parts{0};
  Sha256 sha256{};  ///< of the whole
  Payload bytes;

  friend bool operator==(const ImagePart&, const ImagePart&) = default;
};

/// Between who follows and who is followed (a voter and its leader, an observer and its member), with each heartbeat: how
/// fresh the state is (R2), who leads.
struct Freshness {
  Slot watermark;
  /// Age of the newest confirmed round when this was sent; nothing: unknown.
  std::optional<std::uint64_t> age_ms;
  std::optional<MemberId> leader;
  /// The sender's clock, which means something to the sender alone; 0: none.
  std::uint64_t stamp{0};
  /// The receiver's last stamp that came over this link; 0: none.
  std::uint64_t echo{0};

  friend bool operator==(const Freshness&, const Freshness&) = default;
  template <class H>
  friend void hash_append(H& h, const Freshness& freshness) {
    h(freshness.watermark, freshness.age_ms, freshness.leader, freshness.stamp, freshness.echo);
  }
};

// ---- Inquiry ----

struct StatusRequest {
  friend bool operator==(const StatusRequest&, const StatusRequest&) = default;
};

struct StatusReply {
  Status status;

  friend bool operator==(const StatusReply&, const StatusReply&) = default;
};

/// An arm that this build does not know: counted and dropped, never the link.
struct UnknownMessage {
  std::uint16_t arm{0};

  friend bool operator==(const UnknownMessage&, const UnknownMessage&) = default;
};

using Message =
    std::variant<Hello, Refusal, Goodbye, LockIn, LockedIn, Commit, paxos::Message, Forward, ForwardReply, Renew, RenewAck,
                 EndFormer, ReadIndex, ReadIndexReply, Attach, ImageRequest, ImagePart, Freshness, StatusRequest,
                 StatusReply, UnknownMessage>;

/// What one frame carries: messages of one step to one peer, in order, so that renewals ride with a heartbeat.
struct Frame {
  Header header;
  std::vector<Message> messages;

  friend bool operator==(const Frame&, const Frame&) = default;
};

/// What one datagram carries.
struct Datagram {
  Header header;
  /// Also names the cluster before it exists.
  std::string cluster_name;
  gossip::Message message;

  friend bool operator==(const Datagram&, const Datagram&) = default;
};

}  // namespace conclave::engine
