// The file `LOCK` in the data folder: whoever holds its OS lock has the folder. LMDB itself notices neither a second
// opening in one process nor a second process.
#pragma once

#include <cstdint>
#include <filesystem>

#include <conclave/result.hpp>

#include "storage/lmdb/file.hpp"

namespace conclave::storage {

/// Holds the lock until it is destroyed or the process ends, however it ends. The file stays: its inode names this
/// folder (coordination rule S4), and removing it would let two processes lock two files of one name.
class LockFile {
 public:
  /// `errc::data_dir_in_use` names the folder and the process that holds it.
  [[nodiscard]] static Result<LockFile> acquire(const std::filesystem::path& folder);

  [[nodiscard]] std::uint64_t device() const { return device_; }
  [[nodiscard]] std::uint64_t inode() const { return inode_; }

 private:
  LockFile(FileDescriptor file, std::uint64_t device, std::uint64_t inode)
      : file_(std::move(file)), device_(device), inode_(inode) {}

  FileDescriptor file_;
  std::uint64_t device_;
  std::uint64_t inode_;
};

}  // namespace conclave::storage
