// The in-memory twin as the contract suite sees it.
#pragma once

#include "contract/storage/recorder.hpp"
#include "storage/memory_storage.hpp"

namespace conclave::storage {

class MemoryFixture {
 public:
  [[nodiscard]] Result<std::unique_ptr<Storage>> open() {
    auto opened = MemoryStorage::open(disk_);
    if (!opened) return opened.error();
    storage_ = opened->get();
    return std::unique_ptr<Storage>(std::move(*opened));
  }

  /// Lets the store work until `done`; false if it never is.
  template <class Done>
  [[nodiscard]] bool settle(Recorder&, Done done) {
    while (!held_ && !done() && storage_->next_work() != MemoryStorage::Work::none) step();
    return done();
  }

  /// The next sync does not return until `release_sync`.
  void hold_sync() { held_ = true; }
  /// Returns when the store hangs in that sync.
  void await_held_sync() {
    while (storage_->next_work() != MemoryStorage::Work::sync) step();
  }
  void release_sync() { held_ = false; }
  [[nodiscard]] std::size_t syncs() const { return syncs_; }

  void fill_disk() { disk_.faults.full = true; }
  void make_room() { disk_.faults.full = false; }
  void fail_next_write() { disk_.faults.failing_writes = 1; }
  void fail_next_sync() { disk_.faults.failing_syncs = 1; }
  /// Turns a bit in the value of a stored record; no store is open.
  [[nodiscard]] bool damage(const RecordKey& key, const Bytes&) { return disk_.flip_bit(key, 8 * 4 + 3); }

 private:
  void step() {
    if (storage_->next_work() == MemoryStorage::Work::sync) ++syncs_;
    storage_->step();
  }

  MemoryDisk disk_;
  MemoryStorage* storage_ = nullptr;
  bool held_ = false;
  std::size_t syncs_ = 0;
};

}  // namespace conclave::storage
