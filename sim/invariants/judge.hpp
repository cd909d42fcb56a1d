// The checks on every event. They are told what is true (records that a disk says are synced, frames at the moment they leave,
// what a node does) and know nothing of the world that it comes from.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <conclave/error.hpp>

#include "base/sha256.hpp"
#include "coordination/event.hpp"
#include "engine/message.hpp"
#include "engine/record.hpp"
#include "sim/invariants/findings.hpp"
#include "sim/model.hpp"

namespace conclave::sim {

/// How a store looks to the life that opens it, beside what it was told is synced.
struct Reopening {
  /// A record fails its checksum (P9).
  bool damaged{false};
  /// An earlier life saw a write or a sync fail (P8).
  bool failed{false};
  /// It is another state than the one that was synced, and nothing shows it: a lie of the disk, an empty disk, a backup.
  bool stale{false};
  /// With `damaged` or `stale`: what it holds.
  std::vector<engine::Record> records{};
};

class Judge {
 public:
  // ---- Disks ----
  void opened(const std::string& node, const Reopening& reopening);
  /// One batch, as the node has been told.
  void synced(const std::string& node, std::span<const engine::Record> batch, Instant now);

  // ---- Frames ----
  void sent(const std::string& node, const engine::Frame& frame, Instant now);

  // ---- Nodes ----
  /// The node acts on `entry` being chosen at `slot`.
  void chose(const std::string& node, Slot slot, const paxos::Entry& entry, Instant now);
  void watermark_went_back(const std::string& node, Slot from, Slot to, Instant now);
  void leads(const std::string& node, paxos::Ballot ballot, Instant now);
  /// The node takes a round that it sent at `sent_at` for confirmed.
  void confirmed(const std::string& node, paxos::Ballot ballot, Instant sent_at, Instant now);
  /// The node leads, and no round of its own was confirmed for so long.
  void unheard(const std::string& node, paxos::Ballot ballot, BootClock::duration unproven, Instant now);
  void digest(const std::string& node, Slot slot, const Sha256& digest, Instant now);
  void granted(const std::string& node, const coordination::Grant& grant, Instant now);
  /// The session of the request had ended before, as the node applied it.
  void granted_too_late(const std::string& node, const coordination::Grant& grant, Instant now);
  /// The node runs the user's command.
  void ran(const std::string& node, const coordination::UserCommand& command, Instant now);
  /// The session's end is applied for the first time, and its holder trusts it until `deadline`.
  void expired(const std::string& holder, SessionId session, Instant deadline, Instant now);

  /// The node cannot go on.
  void stopped(const std::string& node, const Error& reason, Instant now);

  [[nodiscard]] const Violations& violations() const { return findings_.all(); }

 private:
  struct Store {
    std::optional<MemberId> member;
    std::uint64_t nonce{0};
    /// It says so itself. What this life had to say before may still leave; the next one is silent.
    bool vote_lost{false};
    /// Why it has no vote: the check that says so.
    std::optional<std::string_view> barred;
    /// Parts of Promises that wait for the rest.
    std::map<paxos::Ballot, PaxosModel::Votes> reports;
  };
  struct Speaker {
    const std::string& node;
    Store& store;
    MemberId member;
    std::uint64_t nonce;
    Instant now;
  };

  // judge_disks.cpp
  void rebuild(Store& store, const std::vector<engine::Record>& records);
  void stored(const std::string& node, Store& store, const engine::Record& record, Instant now);

  // judge_frames.cpp
  void said(const Speaker& by, const paxos::Prepare& message);
  void said(const Speaker& by, const paxos::Promise& message);
  void said(const Speaker& by, const paxos::Accept& message);
  void said(const Speaker& by, const paxos::Accepted& message);
  void said(const Speaker& by, const paxos::Chosen& message);
  void said(const Speaker& by, const paxos::Heartbeat& message);
  void said(const Speaker& by, const paxos::Learn& message);
  void said(const Speaker& by, const paxos::Go& message);
  template <class Message>
  void said(const Speaker&, const Message&) {}
  void votes(const Speaker& by, const char* how);

  void hear(const std::string& node, Instant now, const PaxosModel::Judgement& judgement) {
    if (judgement) findings_.add(judgement->check, node, now, judgement->sentence);
  }

  Findings findings_;
  PaxosModel model_;
  std::map<std::string, Store> stores_;
  /// Identities whose disk is gone.
  std::set<MemberId> lost_;
  std::map<Slot, Sha256> digests_;
  std::map<Token, std::pair<Slot, coordination::RequestId>> grants_;
  /// Where each user command of a session ran.
  std::map<coordination::RequestId, Slot> runs_;
};

/// What stands for an entry in the model.
[[nodiscard]] PaxosModel::Value value_of(const paxos::Entry& entry);

}  // namespace conclave::sim
