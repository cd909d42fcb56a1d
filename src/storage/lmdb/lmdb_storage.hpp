// The storage port over LMDB, the store of record, with a journal in front of it.
//
// A group of batches is durable once it is in the journal: one write, one flush. What a turn of the journal holds is moved to
// LMDB in one transaction, beside the groups that come meanwhile; on opening, what is still only in the journal is moved
// first. So LMDB's two flushes per transaction are paid once for thousands of batches, and nothing is ever read from the
// journal but when opening.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "storage/storage.hpp"

namespace conclave::storage {

struct LmdbOptions {
  /// Created when it is not there; nobody else may have it open.
  std::filesystem::path folder;
  /// The most that the store may ever hold. Address space, not memory or disk, so be generous.
  std::uint64_t map_bytes = std::uint64_t{64} << 30;
  /// The step in which disk space is reserved ahead of need. Larger: fewer steps; smaller: less space taken early.
  std::uint64_t reserve_bytes = std::uint64_t{16} << 20;
  /// Each of the two turns of a journal that is made now; 4 KiB at least. Larger: fewer moves; smaller: less memory and disk.
  std::size_t turn_bytes = std::size_t{4} << 20;
};

/// Opens the store; blocks. Errors: `data_dir_in_use`, `data_dir_unusable`, `disk_full`, `data_damaged`; each says what
/// to do.
[[nodiscard]] Result<std::unique_ptr<Storage>> open_lmdb_storage(LmdbOptions options);

}  // namespace conclave::storage
