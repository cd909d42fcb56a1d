// What a node keeps on disk beside the log (schema/record.capnp): who it is, what it promised, what it saw of others.
// Every record that outlives a process carries enough identity to be judged by the next one (rule I6).
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/message.hpp"
#include "paxos/types.hpp"

namespace conclave::engine {

/// Made with the data folder and never changed. Key "identity".
struct IdentityRecord {
  MemberId member;
  Uuid founding_nonce;
  std::string cluster_name;
  std::string name;

  friend bool operator==(const IdentityRecord&, const IdentityRecord&) = default;
};

/// Written and synced at each opening, before anything is sent (I5). Key "generation".
struct GenerationRecord {
  MemberId member;
  std::uint64_t boot_epoch{0};
  /// Newest first, at most 1,024.
  std::vector<std::uint64_t> nonces;
  /// For S4: the machine boot that opened the store, and its lock file.
  Uuid machine_boot;
  std::uint64_t lock_device{0};
  std::uint64_t lock_inode{0};

  friend bool operator==(const GenerationRecord&, const GenerationRecord&) = default;
};

/// How far genesis has come (F2, F3). Key "genesis". Never overwritten but by the commit of the same cluster.
struct GenesisRecord {
  bool committed{false};
  ClusterId cluster;
  Lineage lineage;
  std::vector<Founder> founders;
  paxos::Incarnation incarnation;

  friend bool operator==(const GenesisRecord&, const GenesisRecord&) = default;
  template <class H>
  friend void hash_append(H& h, const GenesisRecord& record) {
    h(record.committed, record.cluster, record.lineage, record.founders, record.incarnation);
  }
};

/// P1, P2. Key "promise".
struct PromiseRecord {
  ClusterId cluster;
  MemberId member;
  paxos::Incarnation incarnation;
  paxos::Ballot promised;

  friend bool operator==(const PromiseRecord&, const PromiseRecord&) = default;
};

/// P2. In the log, by slot.
struct AcceptedRecord {
  Slot slot;
  paxos::Ballot ballot;
  paxos::Entry entry;

  friend bool operator==(const AcceptedRecord&, const AcceptedRecord&) = default;
};

/// Key "watermark".
struct WatermarkRecord {
  Slot watermark;

  friend bool operator==(const WatermarkRecord&, const WatermarkRecord&) = default;
};

/// The last this voter saw of another's store (I5). Key "peer/" and the member's uuid.
struct PeerRecord {
  MemberId member;
  std::uint64_t nonce{0};
  paxos::Ballot promised;
  Slot last_slot;

  friend bool operator==(const PeerRecord&, const PeerRecord&) = default;
  template <class H>
  friend void hash_append(H& h, const PeerRecord& record) {
    h(record.member, record.nonce, record.promised, record.last_slot);
  }
};

/// This store has no vote until it is admitted again (P8, P9). Key "vote-lost".
struct VoteLostRecord {
  std::string reason;

  friend bool operator==(const VoteLostRecord&, const VoteLostRecord&) = default;
};

/// The session that this process opened, so that the next one can end it (S4). Key "session".
struct SessionRecord {
  SessionId session;
  std::uint64_t nonce{0};

  friend bool operator==(const SessionRecord&, const SessionRecord&) = default;
  template <class H>
  friend void hash_append(H& h, const SessionRecord& record) {
    h(record.session, record.nonce);
  }
};

using Record = std::variant<IdentityRecord, GenerationRecord, GenesisRecord, PromiseRecord, AcceptedRecord, WatermarkRecord,
                            PeerRecord, VoteLostRecord, SessionRecord>;

}  // namespace conclave::engine
