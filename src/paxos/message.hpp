// What voters say to each other, and what observers of the log hear. Plain values; `src/wire` turns them into bytes.
// PROTOCOL.md has the message table: who sends each one, when, and what the receiver owes.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "paxos/types.hpp"

namespace conclave::paxos {

// ---- Elections: before a ballot is used ----

/// "Would you promise `ballot`?" Binds nobody.
struct PreVote {
  Ballot ballot;
  ConfigurationRef configuration;
  /// Synced. Only orders the waiting; never a reason for No.
  Slot last_accepted;

  friend bool operator==(const PreVote&, const PreVote&) = default;
};

/// Why a pre-vote was granted or not. An unknown number reads as `other`.
enum class PreVoteReason : std::uint8_t {
  leader_lost = 0,          ///< granted
  hears_leader = 1,         ///< the voter still hears a leader, which may lead on
  older_configuration = 2,  ///< the candidate's configuration was replaced: `newer` has it
  newer_configuration = 3,  ///< the voter must learn first
  higher_promise = 4,       ///< the voter has promised at or above `ballot`
  no_vote = 5,              ///< this store has no vote (P8, P9)
  other = 6,
};

struct PreVoteReply {
  /// The ballot that was asked for.
  Ballot ballot;
  bool granted{false};
  PreVoteReason reason{PreVoteReason::other};
  /// The voter's own, as synced.
  Ballot promised;
  Slot watermark;
  /// The later configuration; what leads up to it follows as `Learn` (P6).
  std::optional<PlacedConfiguration> newer;

  friend bool operator==(const PreVoteReply&, const PreVoteReply&) = default;
};

// ---- Phase 1 ----

/// Phase 1a. Leaves once the candidate's own promise is synced (P2).
struct Prepare {
  Ballot ballot;
  /// The candidate's: what lies above it is to be reported (P4).
  Slot watermark;
  ConfigurationRef configuration;
  /// Of the candidate's boot: an answer to an earlier life does not count (P2).
  std::uint64_t boot_nonce{0};

  friend bool operator==(const Prepare&, const Prepare&) = default;
};

/// What an acceptor holds at one slot.
struct Reported {
  Slot slot;
  /// In which it was accepted; none for one that was learnt as chosen.
  Ballot ballot;
  bool chosen{false};
  Entry entry;

  friend bool operator==(const Reported&, const Reported&) = default;
};

/// Phase 1b, in parts 0 to `last_part`; counts once all of them are there (P4). Leaves once synced (P2).
struct Promise {
  Ballot ballot;
  Incarnation incarnation;
  /// The acceptor's own.
  Slot watermark;
  /// The first slot that the acceptor still holds.
  Slot first_held;
  /// In the order of their slots, over all parts.
  std::vector<Reported> reported;
  std::uint32_t part{0};
  std::uint32_t last_part{0};
  /// From the Prepare.
  std::uint64_t boot_nonce{0};

  friend bool operator==(const Promise&, const Promise&) = default;
};

/// The answer to a Prepare, Accept, Chosen, Heartbeat or Go of a ballot below the promised one (P1, P7), or to a Prepare
/// of an older configuration.
struct Refused {
  Ballot ballot;
  Ballot promised;
  /// The later configuration; what leads up to it follows as `Learn` (P6).
  std::optional<PlacedConfiguration> newer;

  friend bool operator==(const Refused&, const Refused&) = default;
};

// ---- Phase 2 ----

/// Phase 2a: `entries` for `first`, `first + 1`, ... Without entries it asks where the acceptor stands.
struct Accept {
  Ballot ballot;
  Slot first;
  std::vector<Entry> entries;
  /// As `Chosen::upto`.
  Slot chosen_upto;

  friend bool operator==(const Accept&, const Accept&) = default;
};

/// Phase 2b, cumulative (P3): slots up to `watermark` are chosen, those above it up to `upto` are accepted in `ballot`.
/// Both are synced.
struct Accepted {
  Ballot ballot;
  Incarnation incarnation;
  Slot watermark;
  /// At least `watermark`.
  Slot upto;
  /// The Accept that this answers began above `upto + 1`: send again from there.
  bool gap{false};

  friend bool operator==(const Accepted&, const Accepted&) = default;
};

/// What was accepted in `ballot` up to `upto` is chosen (P10). Sent as soon as it is, when no Accept carries it.
struct Chosen {
  Ballot ballot;
  Slot upto;

  friend bool operator==(const Chosen&, const Chosen&) = default;
};

// ---- Evidence ----

/// "In `ballot` I heard your round `round`, and have promised nothing higher."
struct Echo {
  Ballot ballot;
  RoundTrip round;

  friend bool operator==(const Echo&, const Echo&) = default;
};

/// Between all voters, and from the leader whenever a round is asked for; a leader's is answered at once with the echo.
struct Heartbeat {
  /// The ballot in which the sender leads; only after its first Accept in it (P4).
  std::optional<Ballot> leading;
  /// The sender's round: echoes name it.
  RoundTrip round;
  /// The newest round heard from the leader that the sender follows; none without a vote.
  std::optional<Echo> echo;
  Incarnation incarnation;
  /// Synced values, these three.
  Ballot promised;
  Slot watermark;
  Slot last_accepted;
  /// The newest configuration known chosen.
  ConfigurationRef configuration;
  /// The sender hears its leader.
  bool content{false};
  bool disk_healthy{true};
  /// The longest pause of the sender's process since its last heartbeat to this peer.
  std::uint32_t pause_seen_ms{0};
  std::uint8_t priority{0};

  friend bool operator==(const Heartbeat&, const Heartbeat&) = default;
};

// ---- Learning ----

/// Asks for chosen entries, both ends included.
struct Fetch {
  Slot from;
  Slot upto;

  friend bool operator==(const Fetch&, const Fetch&) = default;
};

/// `entries` for `first`, `first + 1`, ..., all chosen and none above the sender's `watermark` (P10).
struct Learn {
  Slot first;
  std::vector<Entry> entries;
  Slot watermark;

  friend bool operator==(const Learn&, const Learn&) = default;
};

// ---- Handover ----

/// The leader of `ballot` asks `target` to stand at once, without a pre-vote. Everything up to `watermark` was chosen in
/// or below `ballot` and is with the target.
struct Go {
  Ballot ballot;
  MemberId target;
  Slot watermark;

  friend bool operator==(const Go&, const Go&) = default;
};

using Message = std::variant<PreVote, PreVoteReply, Prepare, Promise, Refused, Accept, Accepted, Chosen, Heartbeat,
                             Fetch, Learn, Go>;

template <class H>
void hash_append(H& h, const PreVote& m) {
  h(m.ballot, m.configuration, m.last_accepted);
}
template <class H>
void hash_append(H& h, const PreVoteReply& m) {
  h(m.ballot, m.granted, m.reason, m.promised, m.watermark, m.newer);
}
template <class H>
void hash_append(H& h, const Prepare& m) {
  h(m.ballot, m.watermark, m.configuration, m.boot_nonce);
}
template <class H>
void hash_append(H& h, const Reported& reported) {
  h(reported.slot, reported.ballot, reported.chosen, reported.entry);
}
template <class H>
void hash_append(H& h, const Promise& m) {
  h(m.ballot, m.incarnation, m.watermark, m.first_held, m.reported, m.part, m.last_part, m.boot_nonce);
}
template <class H>
void hash_append(H& h, const Refused& m) {
  h(m.ballot, m.promised, m.newer);
}
template <class H>
void hash_append(H& h, const Accept& m) {
  h(m.ballot, m.first, m.entries, m.chosen_upto);
}
template <class H>
void hash_append(H& h, const Accepted& m) {
  h(m.ballot, m.incarnation, m.watermark, m.upto, m.gap);
}
template <class H>
void hash_append(H& h, const Chosen& m) {
  h(m.ballot, m.upto);
}
template <class H>
void hash_append(H& h, const Echo& echo) {
  h(echo.ballot, echo.round);
}
template <class H>
void hash_append(H& h, const Heartbeat& m) {
  h(m.leading, m.round, m.echo, m.incarnation, m.promised, m.watermark, m.last_accepted, m.configuration, m.content,
    m.disk_healthy, m.pause_seen_ms, m.priority);
}
template <class H>
void hash_append(H& h, const Fetch& m) {
  h(m.from, m.upto);
}
template <class H>
void hash_append(H& h, const Learn& m) {
  h(m.first, m.entries, m.watermark);
}
template <class H>
void hash_append(H& h, const Go& m) {
  h(m.ballot, m.target, m.watermark);
}

}  // namespace conclave::paxos
