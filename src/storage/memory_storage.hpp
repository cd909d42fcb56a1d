// The storage port over a `MemoryDisk`: no thread and no time. Work waits until the owner calls `step`, which plays the
// part of the storage thread; a stalled disk is one that nobody steps.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "storage/memory_disk.hpp"
#include "storage/storage.hpp"

namespace conclave::storage {

class MemoryStorage final : public Storage {
 public:
  /// What the next `step` does, so that the owner can choose how long it takes.
  enum class Work : std::uint8_t { none, read, write, sync };

  /// Opens `disk`, which outlives the store. `on_work` (may be empty) is called from `submit`, `retry` and `read_log`
  /// when there was no work and now there is. `errc::data_dir_in_use`: another store has the disk open.
  [[nodiscard]] static Result<std::unique_ptr<MemoryStorage>> open(MemoryDisk& disk,
                                                                   std::function<void()> on_work = {});
  /// The process ends: what waits is gone, what was written is on the disk, synced or not.
  ~MemoryStorage() override;

  [[nodiscard]] Result<Opening> load(Loader& loader) override;
  void start(Listener& listener) override;
  void submit(Batch batch) override;
  void retry() override;
  void read_log(SlotRange range, std::size_t bytes_max, ReadDone done) override;
  void stop() override;

  [[nodiscard]] Work next_work() const;
  /// Does the next work: answers the waiting reads, writes all waiting batches, or syncs what was written. Callbacks
  /// run inside.
  void step();

 private:
  struct Read {
    SlotRange range;
    std::size_t bytes_max;
    ReadDone done;
  };

  MemoryStorage(MemoryDisk& disk, std::function<void()> on_work);
  void announce(Work before);
  void answer_reads();
  void write_group();
  void sync_group();
  void fail(const Error& error);
  [[nodiscard]] Result<LogRead> collect(const Read& read);

  MemoryDisk& disk_;
  std::function<void()> on_work_;
  Listener* listener_ = nullptr;
  MemoryDisk::Transaction waiting_;
  std::vector<Read> reads_;
  BatchId submitted_;
  /// The last batch of the group that is written and not yet synced; at most `durable_` when there is none.
  BatchId written_;
  BatchId durable_;
  /// A write was undone; nothing is written until `retry`.
  bool held_ = false;
  /// The store lost its vote; nothing is written any more.
  bool failed_ = false;
};

}  // namespace conclave::storage
