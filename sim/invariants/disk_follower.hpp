// Follows one disk: which records its owner has been told are synced, each decoded once, and what a new life finds of them.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "sim/invariants/judge.hpp"
#include "storage/memory_disk.hpp"

namespace conclave::sim {

class DiskFollower {
 public:
  /// Is given each batch that has become durable, as far as the owner was told.
  using Take = std::function<void(std::span<const engine::Record>)>;

  /// After each piece of the disk's work.
  void worked(const storage::MemoryDisk& disk, const Take& take);
  /// A new life has opened the disk.
  [[nodiscard]] Reopening reopened(const storage::MemoryDisk& disk);

 private:
  storage::MemoryDisk::Image acknowledged_;
  /// Written, and not yet said to be synced.
  std::vector<storage::MemoryDisk::Transaction> written_;
};

}  // namespace conclave::sim
