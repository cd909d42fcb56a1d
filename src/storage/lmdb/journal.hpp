// The journal in front of LMDB: a file of fixed size, written and filled with zeros when it is made, so that storing a group
// costs one write and one flush of data alone, where a transaction of LMDB's costs two flushes. It has two turns: one is
// filled while the other is moved to LMDB. Where the file system can, the disk takes it from our memory, not by way of the page
// cache, which would only cost time. Keeps no thread and no lock: one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <utility>
#include <vector>

#include <conclave/result.hpp>

#include "storage/lmdb/file.hpp"
#include "storage/lmdb/journal_format.hpp"
#include "storage/lmdb/outcome.hpp"

namespace conclave::storage {

/// What LMDB knows of the journal, stored in the same transaction as what was moved.
struct JournalMark {
  /// Of the file that belongs to this store.
  std::uint64_t journal = 0;
  /// Every group up to this one is in LMDB, or was never stored.
  std::uint64_t moved = 0;
};

class Journal {
 public:
  /// The journal in `folder`. `errc::not_found`: there is none. `errc::data_damaged`: what is there is no sound journal.
  /// `errc::data_dir_unusable`: it cannot be read, or is of another version. Each says so for a person.
  [[nodiscard]] static Result<Journal> open(const std::filesystem::path& folder);
  /// Whether the journal in `folder`, sound or not, was ever written: not all is blank behind the head.
  [[nodiscard]] static Result<bool> was_used(const std::filesystem::path& folder);
  /// Renames what lies in the place of the journal to `journal.damaged`: nothing that was stored is thrown away (P9).
  [[nodiscard]] static Result<void> set_aside(const std::filesystem::path& folder);
  /// Makes an empty one with two turns of `turn_bytes`, in place of any that is there, and makes it durable.
  [[nodiscard]] static Result<Journal> create(const std::filesystem::path& folder, std::size_t turn_bytes);

  [[nodiscard]] std::uint64_t id() const { return id_; }
  /// Its head says that the store is in doubt: the mark in the folder could not be left.
  [[nodiscard]] bool in_doubt() const { return in_doubt_; }
  /// Writes that into the head, where it needs neither room nor a new file, or takes it back; syncs. 0 or an error number.
  [[nodiscard]] int set_doubt(bool in_doubt);
  /// What is in it above group `after`.
  [[nodiscard]] Result<JournalScan> scan(std::uint64_t after) const;

  /// It was read as far as it ever is; from now on it is written.
  void begin();
  /// The most bytes of batches (`journal_bytes`) that fit into an empty turn.
  [[nodiscard]] std::size_t group_bytes_max() const;
  /// So many bytes of batches fit behind what this turn holds.
  [[nodiscard]] bool has_room(std::size_t bytes) const;
  /// Writes the batches as group `number` and syncs. After a failure the number is used up.
  [[nodiscard]] Outcome append(std::uint64_t number, std::span<const Batch> batches);
  /// Begins the other turn, of which everything is in LMDB.
  void turn();

 private:
  Journal(FileDescriptor file, std::uint64_t id, std::size_t turn_bytes, bool in_doubt)
      : file_(std::move(file)), id_(id), turn_bytes_(turn_bytes), in_doubt_(in_doubt) {}

  [[nodiscard]] JournalSeed seed() const;
  [[nodiscard]] int write(BytesView sectors, std::uint64_t at);
  [[nodiscard]] std::uint64_t begin_of(unsigned turn) const { return sector_bytes + turn * turn_bytes_; }

  FileDescriptor file_;
  std::uint64_t id_;
  std::size_t turn_bytes_;
  bool in_doubt_;
  unsigned turn_ = 0;
  std::size_t used_ = 0;
  std::vector<JournalSector> sectors_;  ///< of the group being written; kept for its capacity
};

}  // namespace conclave::storage
