// A disk that lives in memory, for simulated nodes. It outlives the processes that use it and knows what each kind of
// death leaves: a process that dies leaves all that it wrote, a power cut only what was synced. A plain value; no
// clock, no randomness: its owner decides when and how it fails.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/payload.hpp"
#include "storage/storage.hpp"

namespace conclave::storage {

/// What goes wrong from now on. Counts are used up one by one; `for_ever` never is.
struct DiskFaults {
  static constexpr std::uint32_t for_ever = std::numeric_limits<std::uint32_t>::max();

  bool full = false;                 ///< writes find no room (ENOSPC), and are undone
  std::uint32_t failing_writes = 0;  ///< EIO
  std::uint32_t failing_syncs = 0;   ///< EIO: what was written stays readable, and is lost with the power
  std::uint32_t lost_syncs = 0;      ///< the disk says "synced" and lies
  std::uint32_t failing_reads = 0;   ///< EIO

  friend bool operator==(const DiskFaults&, const DiskFaults&) = default;
};

class MemoryDisk {
 public:
  /// One batch in the form in which it lies on the disk: records with their checksums.
  struct Write {
    BatchId id;
    std::vector<SlotRange> erase_log;
    std::vector<std::string> erase_meta;
    std::vector<std::pair<Slot, Payload>> log;
    std::vector<std::pair<std::string, Payload>> meta;
    bool forget_doubt = false;

    friend bool operator==(const Write&, const Write&) = default;
  };

  /// What one write stores, whole or not at all.
  using Transaction = std::vector<Write>;

  /// Everything stored at one time.
  struct Image {
    std::map<std::string, Payload> meta;
    std::map<Slot, Payload> log;
    /// A process saw a sync fail (P8).
    bool failed = false;

    void apply(const Transaction& transaction);
    friend bool operator==(const Image&, const Image&) = default;
  };

  /// `lock_inode` stands for the lock file: a copied disk has another one.
  explicit MemoryDisk(std::uint64_t lock_inode = 1) : lock_inode_(lock_inode) {}
  /// A disk on which `image` lies, all of it synced.
  MemoryDisk(std::uint64_t lock_inode, const Image& image) : visible_(image), durable_(image), lock_inode_(lock_inode) {}

  // For the owner of the disk.
  DiskFaults faults;
  /// What a process that opens the disk now would read.
  [[nodiscard]] const Image& visible() const { return visible_; }
  /// What a power cut would leave now, at the least.
  [[nodiscard]] const Image& durable() const { return durable_; }
  /// How many written transactions a power cut might take.
  [[nodiscard]] std::size_t unsynced() const { return unsynced_.size(); }
  /// What was written since the disk last said that it had synced, truly or not.
  [[nodiscard]] std::span<const Transaction> unacknowledged() const { return std::span(unsynced_).subspan(acknowledged_); }
  /// The machine loses its power; the oldest `kept` of the unsynced transactions had reached the platter by chance. No
  /// process has the disk open.
  void power_cut(std::size_t kept = 0);
  /// Turns one bit of a stored record, counted from its checksum's first and modulo its size. False: no such record.
  bool flip_bit(const RecordKey& key, std::size_t bit);
  /// A write that went astray: the record of `from` lies under `to` as well, in place of what was there. False: no
  /// `from`.
  bool misdirect(Slot from, Slot to);

  // For `MemoryStorage`.
  [[nodiscard]] bool is_open() const { return open_; }
  void set_open(bool open) { open_ = open; }
  [[nodiscard]] std::uint64_t lock_inode() const { return lock_inode_; }
  /// `errc::disk_failed` if reading fails now.
  [[nodiscard]] Result<void> read();
  /// `errc::disk_full` or `errc::disk_failed` if writing fails now; then nothing is stored, and `transaction` is not
  /// taken.
  [[nodiscard]] Result<void> write(Transaction&& transaction);
  /// Makes all that was written durable; `errc::disk_failed` if it cannot.
  [[nodiscard]] Result<void> sync();
  /// Leaves the mark that a sync failed, as durable as the disk allows.
  void mark_failed();

  friend bool operator==(const MemoryDisk&, const MemoryDisk&) = default;

 private:
  Image visible_;
  Image durable_;
  /// Written since the last sync that did its work, in order.
  std::vector<Transaction> unsynced_;
  /// So many of them, the first ones, are synced by a lie.
  std::size_t acknowledged_ = 0;
  std::uint64_t lock_inode_;
  bool open_ = false;
};

}  // namespace conclave::storage
