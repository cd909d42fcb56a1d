// What a node's store holds for certain, as seen at its port: the batches whose sync has returned, decoded. Judges what the
// node says by the rules alone; it knows nothing of how the engine or the driver sorts messages.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "engine/message.hpp"
#include "engine/record.hpp"
#include "storage/storage.hpp"

namespace conclave::driver {

class SyncedStore {
 public:
  /// One record that `load` gave back: it counts with the first batch of this life (I5).
  void loaded(std::string_view key, BytesView value);
  void loaded(Slot slot, BytesView value);
  void submitted(storage::Batch batch);
  void synced(BatchId upto);
  /// A sync failed: from now on nothing that the store holds may be spoken of (P8).
  void failed() { failed_ = true; }

  /// Why a power cut right now could make a liar of whoever says `message`; nothing if it could not.
  [[nodiscard]] std::optional<std::string> objection(const engine::Header& header, const engine::Message& message) const;

  /// Was submitted, synced or not.
  [[nodiscard]] bool was_submitted(Slot slot, const paxos::Ballot& ballot) const { return submitted_.contains({slot, ballot}); }
  [[nodiscard]] bool holds(Slot slot, const paxos::Ballot& ballot) const;
  /// What is held at `slot`; null when nothing is.
  [[nodiscard]] const paxos::Entry* entry(Slot slot) const;
  [[nodiscard]] std::size_t voters() const { return genesis_ ? genesis_->founders.size() : 0; }

 private:
  std::optional<std::string> judge(const engine::Hello& hello) const;
  std::optional<std::string> judge(const engine::LockIn& message) const { return locked_in(message.cluster); }
  std::optional<std::string> judge(const engine::LockedIn& message) const { return locked_in(message.cluster); }
  std::optional<std::string> judge(const engine::Commit& message) const;
  std::optional<std::string> judge(const paxos::Message& message) const;
  std::optional<std::string> judge(const paxos::PreVote& message) const;
  std::optional<std::string> judge(const paxos::PreVoteReply& message) const;
  std::optional<std::string> judge(const paxos::Prepare& message) const;
  std::optional<std::string> judge(const paxos::Promise& message) const;
  std::optional<std::string> judge(const paxos::Refused& message) const;
  std::optional<std::string> judge(const paxos::Accepted& message) const;
  std::optional<std::string> judge(const paxos::Heartbeat& message) const;
  template <class Other>
  std::optional<std::string> judge(const Other&) const {
    return std::nullopt;  // rests on nothing of this store
  }

  std::optional<std::string> locked_in(const ClusterId& cluster) const;
  std::optional<std::string> promised(const paxos::Ballot& ballot) const;
  std::optional<std::string> knows(Slot upto) const;
  std::optional<std::string> votes() const;

  void take(const engine::Record& record);
  void take(const engine::AcceptedRecord& record);
  void apply(const storage::Batch& batch);

  /// Not synced yet; the first holds what was loaded.
  std::deque<storage::Batch> pending_{storage::Batch{}};
  std::set<std::pair<Slot, paxos::Ballot>> submitted_;
  std::optional<engine::GenesisRecord> genesis_;
  std::optional<std::uint64_t> nonce_;
  paxos::Ballot promised_;
  Slot watermark_;
  /// Everything that was ever held, so that an answer may speak of what a later ballot has replaced meanwhile.
  std::map<Slot, std::map<paxos::Ballot, paxos::Entry>> log_;
  std::map<Slot, paxos::Ballot> newest_;
  /// No hole up to here.
  Slot whole_upto_;
  bool vote_lost_ = false;
  bool failed_ = false;
};

}  // namespace conclave::driver
