#include "storage/memory_disk.hpp"

#include "base/invariant.hpp"

namespace conclave::storage {
namespace {

/// True if a fault with `count` left strikes now.
bool strikes(std::uint32_t& count) {
  if (count == 0) return false;
  if (count != DiskFaults::for_ever) --count;
  return true;
}

Payload with_bit_turned(const Payload& record, std::size_t bit) {
  Bytes bytes(record.view().begin(), record.view().end());
  bit %= bytes.size() * 8;
  bytes[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
  return Payload(std::move(bytes));
}

template <class Records, class Key>
bool flip(Records& records, const Key& key, std::size_t bit) {
  const auto found = records.find(key);
  if (found == records.end()) return false;
  found->second = with_bit_turned(found->second, bit);
  return true;
}

}  // namespace

void MemoryDisk::Image::apply(const Transaction& transaction) {
  for (const Write& write : transaction) {
    for (const SlotRange& range : write.erase_log)
      if (range.first <= range.last) log.erase(log.lower_bound(range.first), log.upper_bound(range.last));
    for (const std::string& key : write.erase_meta) meta.erase(key);
    for (const auto& [slot, record] : write.log) log.insert_or_assign(slot, record);
    for (const auto& [key, record] : write.meta) meta.insert_or_assign(key, record);
    if (write.forget_doubt) failed = false;
  }
}

void MemoryDisk::power_cut(std::size_t kept) {
  CONCLAVE_INVARIANT(!open_ && kept <= unsynced_.size(), open_, kept, unsynced_.size());
  for (std::size_t i = 0; i < kept; ++i) durable_.apply(unsynced_[i]);
  unsynced_.clear();
  acknowledged_ = 0;
  visible_ = durable_;
}

bool MemoryDisk::flip_bit(const RecordKey& key, std::size_t bit) {
  const auto flip_in = [&](Image& image) {
    if (const auto* slot = std::get_if<Slot>(&key)) return flip(image.log, *slot, bit);
    return flip(image.meta, std::get<std::string>(key), bit);
  };
  const bool durable = flip_in(durable_);
  return flip_in(visible_) || durable;
}

bool MemoryDisk::misdirect(Slot from, Slot to) {
  const auto found = visible_.log.find(from);
  if (found == visible_.log.end()) return false;
  const Payload record = found->second;
  visible_.log.insert_or_assign(to, record);
  durable_.log.insert_or_assign(to, record);
  return true;
}

Result<void> MemoryDisk::read() {
  if (strikes(faults.failing_reads)) return Error(errc::disk_failed, "reading the store failed: input/output error");
  return {};
}

Result<void> MemoryDisk::write(Transaction&& transaction) {
  if (strikes(faults.failing_writes)) return Error(errc::disk_failed, "writing the store failed: input/output error");
  if (faults.full) return Error(errc::disk_full, "the simulated disk has no room");
  visible_.apply(transaction);
  unsynced_.push_back(std::move(transaction));
  return {};
}

Result<void> MemoryDisk::sync() {
  if (strikes(faults.failing_syncs)) return Error(errc::disk_failed, "syncing the store failed: input/output error");
  if (strikes(faults.lost_syncs)) {
    acknowledged_ = unsynced_.size();
    return {};
  }
  for (const Transaction& transaction : unsynced_) durable_.apply(transaction);
  unsynced_.clear();
  acknowledged_ = 0;
  return {};
}

void MemoryDisk::mark_failed() {
  visible_.failed = true;
  if (!strikes(faults.failing_syncs)) durable_.failed = true;
}

}  // namespace conclave::storage
