// The storage port: what a node keeps, as bytes under keys. It stores, syncs and gives back; it never decodes.
//
// A store holds two kinds of records: log records by slot, meta records by a short name. Every record carries a CRC32C
// over its key and value, so a damaged one is told apart from one that was never there (P9).
//
// Life of a store: open (each implementation's own function), `load` once, `start`, then `submit` until `stop`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <conclave/result.hpp>
#include <conclave/types.hpp>

#include "base/ids.hpp"

namespace conclave::storage {

/// Slots `first` to `last`, both included; empty when `last < first`.
struct SlotRange {
  Slot first;
  Slot last;

  friend bool operator==(const SlotRange&, const SlotRange&) = default;
};

struct LogRecord {
  Slot slot;
  Bytes value;

  friend bool operator==(const LogRecord&, const LogRecord&) = default;
};

struct MetaRecord {
  /// 1 to `meta_key_bytes_max` bytes.
  std::string key;
  Bytes value;

  friend bool operator==(const MetaRecord&, const MetaRecord&) = default;
};

inline constexpr std::size_t meta_key_bytes_max = 128;
/// The bytes of all keys and values that one batch may carry.
inline constexpr std::size_t batch_bytes_max = std::size_t{32} << 20;

/// What is stored whole or not at all. The erasures are done first, then the records are put, each in place of the one
/// under the same key.
struct Batch {
  BatchId id = {};
  std::vector<SlotRange> erase_log = {};
  std::vector<std::string> erase_meta = {};
  std::vector<LogRecord> log = {};
  std::vector<MetaRecord> meta = {};
  /// Once this batch is durable, the store forgets what it was in doubt of (`Opening::doubt`). Set it in the batch that
  /// records the loss of the vote.
  bool forget_doubt = false;

  friend bool operator==(const Batch&, const Batch&) = default;
};

/// Names a record: a log record by its slot, a meta record by its key.
using RecordKey = std::variant<Slot, std::string>;
[[nodiscard]] std::string to_string(const RecordKey& key);

/// Receives the stored records in order: meta by key, then log by slot. The views are valid during the call only.
class Loader {
 public:
  virtual ~Loader() = default;
  virtual void on_meta(std::string_view key, BytesView value) = 0;
  virtual void on_log(Slot slot, BytesView value) = 0;
  /// A record that fails its checksum: it is *missing*, not absent (P9). The key is what the store read and may itself
  /// be the damaged part, so the record that is missing may be another one.
  virtual void on_damaged(const RecordKey& key) = 0;
};

/// What a store knows about itself beside its records.
struct Opening {
  /// Why the store has no vote even if all its records look sound, for a person: in an earlier run a sync failed, or may
  /// have, and the kernel may show pages that never reached the disk (P8); or something is missing or damaged beside the
  /// records, a journal for one (P9). It stays until a batch with `forget_doubt` is stored.
  std::optional<std::string> doubt = {};
  /// What names the lock file on this machine (coordination rule S4); both 0 where there is none.
  std::uint64_t lock_device = 0;
  std::uint64_t lock_inode = 0;

  friend bool operator==(const Opening&, const Opening&) = default;
};

enum class FailureKind : std::uint8_t {
  /// The write found no room before anything was synced, and was undone: the store is as it was. Batch `first` and all
  /// later ones wait, in order, for `retry`.
  undone,
  /// EIO, or a sync that failed or may have: batch `first` and all later ones may be stored or not, what was reported
  /// durable may be gone after a power cut, and the store has lost its vote (P8). It writes nothing more.
  uncertain,
};

struct Failure {
  FailureKind kind = FailureKind::uncertain;
  /// The first batch that is not durable.
  BatchId first;
  /// `errc::disk_full` or `errc::disk_failed`, with a sentence for a person.
  Error error;

  friend bool operator==(const Failure&, const Failure&) = default;
};

/// Receives the outcomes, in order, on the store's own thread: pass them on and return.
class Listener {
 public:
  virtual ~Listener() = default;
  /// Every batch up to `upto` survives a power cut. One call may answer for many batches (group commit).
  virtual void on_durable(BatchId upto) = 0;
  /// After `uncertain` no further call is made.
  virtual void on_failed(const Failure& failure) = 0;
};

/// Records of the log in the order of their slots, without the absent ones; damaged ones are named.
struct LogRead {
  std::vector<LogRecord> records;
  std::vector<Slot> damaged;
  /// The first slot of the range that was not looked at because `bytes_max` was reached; past its end when all were.
  Slot next;

  friend bool operator==(const LogRead&, const LogRead&) = default;
};
/// Called on the store's own thread.
using ReadDone = std::function<void(Result<LogRead>)>;

/// A store that is open. One thread (the owner's) calls it; only `Listener` and `ReadDone` run elsewhere.
class Storage {
 public:
  Storage() = default;
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;
  /// Calls `stop`.
  virtual ~Storage() = default;

  /// Gives back every record; blocks; before `start` only. A damaged record is not an error, a store that cannot be
  /// read is (`errc::disk_failed`).
  [[nodiscard]] virtual Result<Opening> load(Loader& loader) = 0;

  /// From now on batches are taken, and `listener` is called; it outlives `stop`.
  virtual void start(Listener& listener) = 0;

  /// Stores `batch` after all earlier ones. Returns at once; the outcome comes through the listener, never from within
  /// this call. Batches that wait together share one transaction and one sync.
  /// Ids that are out of order, or a batch over its limits, break an invariant.
  virtual void submit(Batch batch) = 0;

  /// After `FailureKind::undone`: tries again what waits. Without effect otherwise.
  virtual void retry() = 0;

  /// Reads the slots of `range` until `bytes_max` bytes of values are read (at least one record). It sees all that was
  /// reported durable before this call, and perhaps more that is durable.
  virtual void read_log(SlotRange range, std::size_t bytes_max, ReadDone done) = 0;

  /// No callback runs once this has returned. A batch that was not reported durable may be stored or not; a read that
  /// was not answered is dropped. May be called twice; never from a callback.
  virtual void stop() = 0;
};

}  // namespace conclave::storage
