#include "unit/driver/synced_store.hpp"

#include <utility>
#include <variant>

#include "base/text.hpp"
#include "wire/record.hpp"

namespace conclave::driver {
namespace {

using Objection = std::optional<std::string>;

template <class... Objections>
Objection first_of(Objections... objections) {
  Objection first;
  ((first = first ? first : objections), ...);
  return first;
}

}  // namespace

// ---- What the store is given ----

void SyncedStore::loaded(std::string_view key, BytesView value) {
  pending_.front().meta.push_back({std::string(key), Bytes(value.begin(), value.end())});
}

void SyncedStore::loaded(Slot slot, BytesView value) {
  pending_.front().log.push_back({slot, Bytes(value.begin(), value.end())});
}

void SyncedStore::submitted(storage::Batch batch) {
  for (const auto& record : batch.log)
    if (const auto accepted = wire::decode_accepted(record.slot, record.value))
      submitted_.emplace(accepted->slot, accepted->ballot);
  pending_.push_back(std::move(batch));
}

void SyncedStore::synced(BatchId upto) {
  while (!pending_.empty() && pending_.front().id <= upto) {
    apply(pending_.front());
    pending_.pop_front();
  }
}

void SyncedStore::apply(const storage::Batch& batch) {
  for (const auto& record : batch.log)
    if (const auto accepted = wire::decode_accepted(record.slot, record.value)) take(*accepted);
  for (const auto& record : batch.meta)
    if (const auto decoded = wire::decode_record(record.key, record.value)) take(*decoded);
}

void SyncedStore::take(const engine::AcceptedRecord& record) {
  log_[record.slot].insert_or_assign(record.ballot, record.entry);
  newest_[record.slot] = record.ballot;
  while (log_.contains(whole_upto_.next())) ++whole_upto_;
}

void SyncedStore::take(const engine::Record& record) {
  if (const auto* genesis = std::get_if<engine::GenesisRecord>(&record)) genesis_ = *genesis;
  if (const auto* generation = std::get_if<engine::GenerationRecord>(&record)) nonce_ = generation->nonces.front();
  if (const auto* promise = std::get_if<engine::PromiseRecord>(&record)) promised_ = promise->promised;
  if (const auto* watermark = std::get_if<engine::WatermarkRecord>(&record)) watermark_ = watermark->watermark;
  if (std::holds_alternative<engine::VoteLostRecord>(record)) vote_lost_ = true;
}

bool SyncedStore::holds(Slot slot, const paxos::Ballot& ballot) const {
  const auto found = log_.find(slot);
  return found != log_.end() && found->second.contains(ballot);
}

const paxos::Entry* SyncedStore::entry(Slot slot) const {
  const auto found = newest_.find(slot);
  return found == newest_.end() ? nullptr : &log_.at(slot).at(found->second);
}

// ---- What the node says ----

Objection SyncedStore::objection(const engine::Header& header, const engine::Message& message) const {
  if (nonce_ != header.store_nonce) return "I5: this opening of the store is not synced";
  return std::visit([this](const auto& held) { return judge(held); }, message);
}

Objection SyncedStore::judge(const paxos::Message& message) const {
  return std::visit([this](const auto& held) { return judge(held); }, message);
}

Objection SyncedStore::promised(const paxos::Ballot& ballot) const {
  if (promised_ >= ballot) return std::nullopt;
  return "the promise of " + to_string(ballot) + " is not synced, only " + to_string(promised_);
}

Objection SyncedStore::knows(Slot upto) const {
  if (whole_upto_ >= upto) return std::nullopt;
  return "slot " + to_string(whole_upto_.next()) + " is not synced";
}

Objection SyncedStore::votes() const {
  if (failed_) return "P8: a sync has failed";
  if (vote_lost_) return "P8, P9: this store has recorded that it has no vote";
  return std::nullopt;
}

Objection SyncedStore::locked_in(const ClusterId& cluster) const {
  if (genesis_ && genesis_->cluster == cluster) return std::nullopt;
  return "F2: the lock-in is not synced";
}

Objection SyncedStore::judge(const engine::Commit& message) const {
  if (genesis_ && genesis_->cluster == message.cluster && genesis_->committed) return std::nullopt;
  return "F4: the commit is not synced";
}

Objection SyncedStore::judge(const engine::Hello& hello) const {
  return first_of(promised(hello.promised), knows(hello.last_slot));
}

Objection SyncedStore::judge(const paxos::PreVote& message) const {
  return first_of(votes(), knows(message.last_accepted));
}

Objection SyncedStore::judge(const paxos::PreVoteReply& message) const {
  return first_of(message.granted ? votes() : std::nullopt, promised(message.promised), knows(message.watermark));
}

Objection SyncedStore::judge(const paxos::Prepare& message) const {
  return first_of(votes(), promised(message.ballot), knows(message.watermark));
}

Objection SyncedStore::judge(const paxos::Promise& message) const {
  if (auto found = first_of(votes(), promised(message.ballot), knows(message.watermark))) return found;
  for (const auto& reported : message.reported)
    if (!holds(reported.slot, reported.ballot) || log_.at(reported.slot).at(reported.ballot) != reported.entry)
      return "what it reports at slot " + to_string(reported.slot) + " is not synced";
  return std::nullopt;
}

Objection SyncedStore::judge(const paxos::Refused& message) const { return first_of(votes(), promised(message.promised)); }

Objection SyncedStore::judge(const paxos::Accepted& message) const {
  if (auto found = first_of(votes(), promised(message.ballot), knows(message.watermark))) return found;
  for (auto slot = message.watermark.next(); slot <= message.upto; ++slot)
    if (!holds(slot, message.ballot))
      return "its acceptance of slot " + to_string(slot) + " in " + to_string(message.ballot) + " is not synced";
  return std::nullopt;
}

Objection SyncedStore::judge(const paxos::Heartbeat& message) const {
  if (message.watermark > watermark_) return "the watermark " + to_string(message.watermark) + " is not synced";
  return first_of(promised(message.promised), knows(message.last_accepted),
                  message.leading ? first_of(votes(), promised(*message.leading)) : std::nullopt);
}

}  // namespace conclave::driver
