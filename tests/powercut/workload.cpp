#include "powercut/workload.hpp"

#include <map>
#include <string>

#include "base/hash.hpp"
#include "wire/record.hpp"

namespace conclave::powercut {
namespace {

constexpr std::uint64_t slots_per_step = 2;
constexpr std::uint64_t trim_every = 16;
constexpr std::uint64_t steps_kept = 24;
constexpr std::size_t turn_bytes = 16 << 10;
constexpr std::uint64_t map_bytes = 64 << 20;

template <class Id>
Id id_of(std::uint8_t last) {
  Id id;
  id.bytes.back() = last;
  return id;
}

const auto member = id_of<MemberId>(1);
const auto cluster = id_of<ClusterId>(2);
const auto founding_nonce = id_of<Uuid>(3);

bool trims(std::uint64_t step) { return step % trim_every == 0 && step > steps_kept; }
Slot trimmed_upto(std::uint64_t step) { return Slot((step - steps_kept) * slots_per_step); }

std::size_t payload_bytes(Prng& draw) {
  if (draw.chance(1, 60)) return turn_bytes + draw.below(4096);
  if (draw.chance(1, 12)) return 1000 + draw.below(4000);
  return draw.below(200);
}

engine::AcceptedRecord accepted(std::uint64_t slot, std::uint64_t step, Prng& draw) {
  Bytes payload(payload_bytes(draw));
  for (auto& byte : payload) byte = static_cast<std::byte>(draw.next());
  return {.slot = Slot(slot),
          .ballot = {paxos::Round(step), member},
          .entry = {.kind = paxos::EntryKind::command, .stamp = ClusterTime(step), .payload = Payload(std::move(payload))}};
}

/// The part of what is recovered that the steps make, so that two can be compared.
class Contents {
 public:
  void take(const engine::Record& record) {
    std::visit([this](const auto& held) { put(held); }, record);
  }
  void trim(Slot upto) { log_.erase(log_.begin(), log_.upper_bound(upto)); }

  [[nodiscard]] std::uint64_t digest() const {
    StateHasher hasher;
    hasher(genesis_, promised_, watermark_, peers_.size(), log_.size());
    for (const auto& [id, peer] : peers_) hasher(peer);
    for (const auto& [slot, record] : log_) hasher(slot, record.ballot, record.entry);
    return hasher.finish();
  }

 private:
  void put(const engine::GenesisRecord& record) { genesis_ = record; }
  void put(const engine::PromiseRecord& record) { promised_ = record.promised; }
  void put(const engine::WatermarkRecord& record) { watermark_ = record.watermark; }
  void put(const engine::PeerRecord& record) { peers_[record.member] = record; }
  void put(const engine::AcceptedRecord& record) { log_[record.slot] = record; }
  void put(const auto&) {}

  std::optional<engine::GenesisRecord> genesis_;
  paxos::Ballot promised_;
  Slot watermark_;
  std::map<MemberId, engine::PeerRecord> peers_;
  std::map<Slot, engine::AcceptedRecord> log_;
};

}  // namespace

Workload::Workload(std::uint64_t seed, std::uint64_t steps) : draw_(seed) {
  Contents contents;
  digests_.push_back(contents.digest());
  for (std::uint64_t number = 1; number <= steps; ++number) {
    if (trims(number)) contents.trim(trimmed_upto(number));
    for (const auto& record : records(number)) contents.take(record);
    digests_.push_back(contents.digest());
  }
}

std::vector<engine::Record> Workload::records(std::uint64_t number) const {
  Prng draw = draw_.fork(number);
  std::vector<engine::Record> records;
  if (number == 1)
    records.emplace_back(engine::GenesisRecord{
        .committed = true,
        .cluster = cluster,
        .lineage = {},
        .founders = {{.member = member, .nonce = founding_nonce, .name = "a", .address = {"a", 1}}},
        .incarnation = paxos::Incarnation(1)});
  records.emplace_back(engine::PromiseRecord{
      .cluster = cluster, .member = member, .incarnation = paxos::Incarnation(1), .promised = {paxos::Round(number), member}});
  if (trims(number)) records.emplace_back(engine::WatermarkRecord{.watermark = trimmed_upto(number)});
  if (draw.chance(1, 8))
    records.emplace_back(engine::PeerRecord{.member = id_of<MemberId>(static_cast<std::uint8_t>(10 + draw.below(3))),
                                            .nonce = number,
                                            .promised = {paxos::Round(number), member},
                                            .last_slot = Slot(number)});
  // A new leader's ballot also goes over entries that were accepted before.
  const std::uint64_t again = draw.chance(1, 4) ? std::min(number - 1, draw.below(4)) : 0;
  for (auto slot = (number - 1 - again) * slots_per_step + 1; slot <= number * slots_per_step; ++slot)
    records.emplace_back(accepted(slot, number, draw));
  return records;
}

storage::Batch Workload::batch(std::uint64_t number) const {
  storage::Batch batch;
  if (trims(number)) batch.erase_log.push_back({Slot(1), trimmed_upto(number)});
  for (const auto& record : records(number)) {
    if (const auto* entry = std::get_if<engine::AcceptedRecord>(&record))
      batch.log.push_back({entry->slot, wire::encode(*entry)});
    else
      batch.meta.push_back({wire::record_key(record), wire::encode(record)});
  }
  return batch;
}

bool Workload::explains(const engine::Recovered& recovered) const {
  Contents contents;
  if (recovered.genesis) contents.take(*recovered.genesis);
  contents.take(engine::PromiseRecord{.cluster = cluster, .member = member, .incarnation = {}, .promised = recovered.promised});
  contents.take(engine::WatermarkRecord{recovered.watermark});
  for (const auto& peer : recovered.peers) contents.take(peer);
  for (const auto& entry : recovered.log) contents.take(entry);
  const auto step = step_of(recovered);
  return step < digests_.size() && contents.digest() == digests_[step] && recovered.identity.member == member;
}

Result<std::unique_ptr<storage::Storage>> open_store(const std::filesystem::path& folder) {
  return storage::open_lmdb_storage(
      {.folder = folder, .map_bytes = map_bytes, .reserve_bytes = 512 << 10, .turn_bytes = turn_bytes});
}

Result<std::unique_ptr<storage::Storage>> open_store_briefly(const std::filesystem::path& folder) {
  return storage::open_lmdb_storage(
      {.folder = folder, .map_bytes = map_bytes, .reserve_bytes = 0, .turn_bytes = turn_bytes});
}

driver::Life life() {
  return {.fresh_member = member,
          .fresh_founding_nonce = founding_nonce,
          .store_nonce = 1,
          .machine_boot = {},
          .name = "a",
          .cluster_name = "c"};
}

}  // namespace conclave::powercut
