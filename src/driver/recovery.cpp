#include "driver/recovery.hpp"

#include <algorithm>
#include <utility>

#include "wire/record.hpp"

namespace conclave::driver {
namespace {

constexpr std::size_t nonces_max = 1024;
constexpr const char* advice =
    "; check the disk; the node follows the others as it is, and with an empty folder it begins anew as another member";

/// Takes the records as they come; what cannot be read is named.
class Reader final : public storage::Loader {
 public:
  void on_meta(std::string_view key, BytesView value) override {
    auto record = wire::decode_record(key, value);
    if (!record) return damaged_.push_back("the record '" + std::string(key) + "': " + record.error().message());
    std::visit([this](auto& held) { take(held); }, *record);
    any_ = true;
  }

  void on_log(Slot slot, BytesView value) override {
    any_ = true;
    auto record = wire::decode_accepted(slot, value);
    if (!record) return damaged_.push_back("the entry at slot " + to_string(slot) + ": " + record.error().message());
    recovered_.log.push_back(std::move(*record));
  }

  void on_damaged(const storage::RecordKey& key) override {
    any_ = true;
    damaged_.push_back("the " + storage::to_string(key) + " fails its checksum");
  }

  [[nodiscard]] bool any() const { return any_; }
  [[nodiscard]] bool has_identity() const { return has_identity_; }
  /// There are traces of a life in a cluster.
  [[nodiscard]] bool took_part() const {
    return !recovered_.promised.is_none() || !recovered_.log.empty() || recovered_.watermark > Slot{} || recovered_.vote_lost;
  }
  /// I6: the record that is another store's, by what the identity and the genesis say.
  [[nodiscard]] const char* foreign() const {
    const auto member = recovered_.identity.member;
    if (recovered_.generation.boot_epoch > 0 && recovered_.generation.member != member) return "generation";
    if (!promise_) return nullptr;
    const bool same_cluster = !recovered_.genesis || promise_->cluster == recovered_.genesis->cluster;
    return promise_->member == member && same_cluster ? nullptr : "promise";
  }
  [[nodiscard]] const std::vector<std::string>& damaged() const { return damaged_; }
  [[nodiscard]] engine::Recovered& recovered() { return recovered_; }
  [[nodiscard]] const std::optional<engine::SessionRecord>& session() const { return session_; }

 private:
  void take(engine::IdentityRecord& record) {
    recovered_.identity = std::move(record);
    has_identity_ = true;
  }
  void take(engine::GenerationRecord& record) { recovered_.generation = std::move(record); }
  void take(engine::GenesisRecord& record) { recovered_.genesis = std::move(record); }
  void take(engine::PromiseRecord& record) {
    recovered_.promised = record.promised;
    promise_ = record;
  }
  void take(engine::AcceptedRecord& record) { recovered_.log.push_back(std::move(record)); }
  void take(engine::WatermarkRecord& record) { recovered_.watermark = record.watermark; }
  void take(engine::PeerRecord& record) { recovered_.peers.push_back(std::move(record)); }
  void take(engine::VoteLostRecord& record) { recovered_.vote_lost = std::move(record.reason); }
  void take(engine::SessionRecord& record) { session_ = record; }

  engine::Recovered recovered_;
  std::optional<engine::SessionRecord> session_;
  std::optional<engine::PromiseRecord> promise_;
  std::vector<std::string> damaged_;
  bool any_ = false;
  bool has_identity_ = false;
};

void put(storage::Batch& batch, const engine::Record& record) {
  batch.meta.push_back({.key = wire::record_key(record), .value = wire::encode(record)});
}

/// P8, P9: why this store may have forgotten what it promised; such a store has no vote.
std::optional<std::string> judge_damage(const Reader& reader, const storage::Opening& opening) {
  auto faults = reader.damaged();
  if (opening.doubt) faults.insert(faults.begin(), *opening.doubt);
  if (faults.empty()) return std::nullopt;
  return faults.front() + (faults.size() == 1 ? std::string() : " (and " + std::to_string(faults.size() - 1) + " more)");
}

Error unidentified(const char* what, const std::optional<std::string>& damage) {
  return {errc::data_damaged, std::string("the record that says which ") + what + " this store belongs to is missing or damaged" +
                                  (damage ? ": " + *damage : std::string()) +
                                  "; give the node an empty folder, and it comes back as a new member"};
}

/// P9: a store that is not whole is not an empty one. It must say who and where it is: as a pristine founder it could found
/// again, beside or over what it has forgotten (F1, F6).
Result<void> check_identified(Reader& reader, const std::optional<std::string>& damage) {
  if (!reader.has_identity() && (reader.any() || damage)) return unidentified("member", damage);
  if (!reader.recovered().genesis && (reader.took_part() || damage)) return unidentified("cluster", damage);
  return {};
}

}  // namespace

Result<Recovery> recover(storage::Storage& store, const Life& life) {
  Reader reader;
  const auto opening = store.load(reader);
  if (!opening) return opening.error();
  const auto damage = judge_damage(reader, *opening);
  if (const auto done = check_identified(reader, damage); !done) return done.error();
  if (const char* foreign = reader.any() ? reader.foreign() : nullptr)
    return Error(errc::data_damaged, "the record '" + std::string(foreign) +
                                         "' is another member's or another cluster's: files of several stores were mixed; give "
                                         "the node an empty folder, and it comes back as a new member");

  Recovery result{.recovered = std::move(reader.recovered()), .opening = {}};
  auto& recovered = result.recovered;
  auto& batch = result.opening;
  batch.id = BatchId{1};
  if (!reader.has_identity()) {
    recovered.identity = {.member = life.fresh_member,
                          .founding_nonce = life.fresh_founding_nonce,
                          .cluster_name = life.cluster_name,
                          .name = life.name};
    put(batch, recovered.identity);
  }
  if (recovered.identity.cluster_name != life.cluster_name)
    return Error(errc::invalid_argument, "the data folder belongs to the cluster called '" + recovered.identity.cluster_name +
                                             "', the configuration says '" + life.cluster_name +
                                             "'; give this node its own folder, or correct the name");
  if (recovered.identity.name != life.name)
    return Error(errc::invalid_argument, "the data folder belongs to the member called '" + recovered.identity.name +
                                             "', the configuration says '" + life.name +
                                             "'; give this node its own folder, or correct the name");

  // S4: the former life has provably ended if this machine has not been started anew since and this is the very lock
  // file that it held.
  auto& generation = recovered.generation;
  const bool same_place = generation.machine_boot == life.machine_boot && !life.machine_boot.is_nil() &&
                          generation.lock_device == opening->lock_device && generation.lock_inode == opening->lock_inode &&
                          opening->lock_inode != 0;
  if (same_place && reader.session() && !generation.nonces.empty() && reader.session()->nonce == generation.nonces.front())
    recovered.former_session = reader.session();

  generation.member = recovered.identity.member;
  ++generation.boot_epoch;
  generation.nonces.insert(generation.nonces.begin(), life.store_nonce);
  if (generation.nonces.size() > nonces_max) generation.nonces.resize(nonces_max);
  generation.machine_boot = life.machine_boot;
  generation.lock_device = opening->lock_device;
  generation.lock_inode = opening->lock_inode;
  put(batch, generation);

  if (!recovered.vote_lost && damage) {
    recovered.vote_lost = *damage + advice;
    put(batch, engine::VoteLostRecord{.reason = *recovered.vote_lost});
  }
  batch.forget_doubt = opening->doubt.has_value();
  recovered.opening_batch = batch.id;
  return result;
}

}  // namespace conclave::driver
