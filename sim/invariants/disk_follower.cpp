#include "sim/invariants/disk_follower.hpp"

#include <algorithm>
#include <utility>

#include "storage/record.hpp"
#include "wire/record.hpp"

namespace conclave::sim {
namespace {

using Disk = storage::MemoryDisk;

void decode(Slot slot, BytesView value, std::vector<engine::Record>& into) {
  if (auto record = wire::decode_accepted(slot, value)) into.emplace_back(std::move(*record));
}

void decode(const std::string& key, BytesView value, std::vector<engine::Record>& into) {
  // The others say nothing about votes.
  if (key.starts_with("peer/") || key == "session") return;
  if (auto record = wire::decode_record(key, value)) into.push_back(std::move(*record));
}

std::vector<engine::Record> decoded(const Disk::Write& write) {
  std::vector<engine::Record> records;
  // As written just now: no need to sum up again.
  for (const auto& [key, record] : write.meta)
    decode(key, record.view().subspan(storage::record_header_bytes), records);
  for (const auto& [slot, record] : write.log)
    decode(slot, record.view().subspan(storage::record_header_bytes), records);
  return records;
}

/// What can be read of `found`, where it differs from what was `expected`.
template <class Records>
void compare(const Records& expected, const Records& found, Reopening& reopening) {
  if (found.size() > expected.size()) reopening.stale = true;  // a backup over an empty disk
  for (const auto& [key, record] : expected) {
    const auto at = found.find(key);
    if (at == found.end())
      reopening.stale = true;
    else if (at->second != record)
      (storage::read_record(at->second.view(), key) ? reopening.stale : reopening.damaged) = true;
  }
}

template <class Records>
void read(const Records& found, std::vector<engine::Record>& into) {
  for (const auto& [key, record] : found)
    if (const auto value = storage::read_record(record.view(), key)) decode(key, *value, into);
}

}  // namespace

void DiskFollower::worked(const Disk& disk, const Take& take) {
  const auto waiting = disk.unacknowledged();
  if (waiting.size() > written_.size())
    written_.insert(written_.end(), waiting.begin() + static_cast<std::ptrdiff_t>(written_.size()), waiting.end());
  if (!waiting.empty()) return;
  for (const auto& transaction : std::exchange(written_, {})) {
    acknowledged_.apply(transaction);
    for (const auto& write : transaction) take(decoded(write));
  }
}

Reopening DiskFollower::reopened(const Disk& disk) {
  // What was written and not synced is there after the death of a process, and gone after the loss of power.
  if (disk.unacknowledged().size() < written_.size()) written_.clear();
  auto expected = acknowledged_;
  for (const auto& transaction : written_) expected.apply(transaction);

  const auto& found = disk.visible();
  Reopening reopening{.failed = found.failed};
  compare(expected.meta, found.meta, reopening);
  compare(expected.log, found.log, reopening);
  if (!reopening.damaged && !reopening.stale) return reopening;
  read(found.meta, reopening.records);
  read(found.log, reopening.records);
  acknowledged_ = found;
  // What waits for its sync is part of what was found: when that comes, there is nothing in it to judge again.
  for (auto& transaction : written_) transaction.clear();
  return reopening;
}

}  // namespace conclave::sim
