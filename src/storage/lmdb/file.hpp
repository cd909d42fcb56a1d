// Files and folders with answers a person can act on.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include <conclave/result.hpp>

namespace conclave::storage {

/// Owns a file descriptor.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor();

  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_ = -1;
};

/// `errc::data_dir_unusable` or, where there is no room, `errc::disk_full`: "cannot ATTEMPT FOLDER: reason; what to
/// do".
[[nodiscard]] Error unusable(const std::string& attempt, const std::filesystem::path& folder, int error_number);

/// Makes sure that `folder` is there, with its parents, for this user only, and that it outlives a power cut.
[[nodiscard]] Result<void> make_folder(const std::filesystem::path& folder);

/// On this thread a limit on the size of files comes back as an error number from now on; its signal would end the host.
void take_no_file_size_signal();

/// Makes the names in `folder` durable; 0 or an error number.
[[nodiscard]] int sync_folder(const std::filesystem::path& folder);

}  // namespace conclave::storage
