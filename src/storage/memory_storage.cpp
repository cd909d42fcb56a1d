#include "storage/memory_storage.hpp"

#include <utility>

#include "base/invariant.hpp"
#include "storage/batch.hpp"
#include "storage/log_collector.hpp"
#include "storage/record.hpp"

namespace conclave::storage {
namespace {

template <class Key>
Payload stored(const Key& key, BytesView value) {
  Bytes record(record_header_bytes + value.size());
  write_record(record, key, value);
  return Payload(std::move(record));
}

MemoryDisk::Write to_write(Batch batch) {
  MemoryDisk::Write write;
  write.id = batch.id;
  write.erase_log = std::move(batch.erase_log);
  write.erase_meta = std::move(batch.erase_meta);
  for (const LogRecord& record : batch.log) write.log.emplace_back(record.slot, stored(record.slot, record.value));
  for (MetaRecord& record : batch.meta) {
    Payload payload = stored(std::string_view(record.key), record.value);
    write.meta.emplace_back(std::move(record.key), std::move(payload));
  }
  write.forget_doubt = batch.forget_doubt;
  return write;
}

}  // namespace

Result<std::unique_ptr<MemoryStorage>> MemoryStorage::open(MemoryDisk& disk, std::function<void()> on_work) {
  if (disk.is_open()) return Error(errc::data_dir_in_use, "another store has the simulated disk open");
  return std::unique_ptr<MemoryStorage>(new MemoryStorage(disk, std::move(on_work)));
}

MemoryStorage::MemoryStorage(MemoryDisk& disk, std::function<void()> on_work)
    : disk_(disk), on_work_(std::move(on_work)) {
  disk_.set_open(true);
}

MemoryStorage::~MemoryStorage() { disk_.set_open(false); }

Result<Opening> MemoryStorage::load(Loader& loader) {
  CONCLAVE_INVARIANT(listener_ == nullptr);
  if (const auto done = disk_.read(); !done) return done.error();
  for (const auto& [key, record] : disk_.visible().meta) {
    if (const auto value = read_record(record.view(), std::string_view(key)))
      loader.on_meta(key, *value);
    else
      loader.on_damaged(key);
  }
  for (const auto& [slot, record] : disk_.visible().log) {
    if (const auto value = read_record(record.view(), slot))
      loader.on_log(slot, *value);
    else
      loader.on_damaged(slot);
  }
  Opening opening{.lock_device = 1, .lock_inode = disk_.lock_inode()};
  if (disk_.visible().failed) opening.doubt = "in an earlier run a write or a sync failed";
  return opening;
}

void MemoryStorage::start(Listener& listener) {
  CONCLAVE_INVARIANT(listener_ == nullptr);
  listener_ = &listener;
}

void MemoryStorage::submit(Batch batch) {
  check_batch(batch, submitted_);
  submitted_ = batch.id;
  if (failed_) return;
  const Work before = next_work();
  waiting_.push_back(to_write(std::move(batch)));
  announce(before);
}

void MemoryStorage::retry() {
  const Work before = next_work();
  held_ = false;
  announce(before);
}

void MemoryStorage::read_log(SlotRange range, std::size_t bytes_max, ReadDone done) {
  const Work before = next_work();
  reads_.push_back({range, bytes_max, std::move(done)});
  announce(before);
}

void MemoryStorage::stop() {
  listener_ = nullptr;
  waiting_.clear();
  reads_.clear();
}

void MemoryStorage::announce(Work before) {
  if (before == Work::none && next_work() != Work::none && on_work_) on_work_();
}

MemoryStorage::Work MemoryStorage::next_work() const {
  if (listener_ == nullptr) return Work::none;
  if (!failed_ && written_ > durable_) return Work::sync;
  if (!reads_.empty()) return Work::read;
  if (!failed_ && !held_ && !waiting_.empty()) return Work::write;
  return Work::none;
}

void MemoryStorage::step() {
  switch (next_work()) {
    case Work::none: return;
    case Work::read: return answer_reads();
    case Work::write: return write_group();
    case Work::sync: return sync_group();
  }
}

void MemoryStorage::answer_reads() {
  for (const Read& read : std::exchange(reads_, {})) read.done(collect(read));
}

Result<LogRead> MemoryStorage::collect(const Read& read) {
  if (const auto done = disk_.read(); !done) return done.error();
  LogCollector collector(read.range, read.bytes_max);
  const auto& log = disk_.visible().log;
  for (auto at = log.lower_bound(read.range.first); at != log.end() && at->first <= read.range.last; ++at)
    if (!collector.take(at->first, at->second.view())) break;
  return collector.finish();
}

// Group commit: all that waits is one transaction.
void MemoryStorage::write_group() {
  const BatchId last = waiting_.back().id;
  const auto done = disk_.write(std::move(waiting_));  // moved from only on success
  if (done) {
    waiting_.clear();
    written_ = last;
  } else if (done.error() == errc::disk_full) {
    held_ = true;
    listener_->on_failed({FailureKind::undone, durable_.next(), done.error()});
  } else {
    fail(done.error());
  }
}

void MemoryStorage::sync_group() {
  const auto done = disk_.sync();
  if (!done) return fail(done.error());
  durable_ = written_;
  listener_->on_durable(durable_);
}

// P8: whatever the disk does later, this store has no vote, and a later run must know.
void MemoryStorage::fail(const Error& error) {
  failed_ = true;
  waiting_.clear();
  disk_.mark_failed();
  listener_->on_failed({FailureKind::uncertain, durable_.next(), error});
}

}  // namespace conclave::storage
