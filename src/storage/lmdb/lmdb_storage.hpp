// The storage port over LMDB: one environment in one folder, one thread that writes and reads it.
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
};

/// Opens the store; blocks. Errors: `data_dir_in_use`, `data_dir_unusable`, `disk_full`, `data_damaged`; each says what
/// to do.
[[nodiscard]] Result<std::unique_ptr<Storage>> open_lmdb_storage(LmdbOptions options);

}  // namespace conclave::storage
