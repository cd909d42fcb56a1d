// A file that only grows, synced at each append.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace conclave::bench {

class AppendFile {
 public:
  explicit AppendFile(const std::filesystem::path& path)
      : fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), path.string());
  }
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;
  ~AppendFile() { ::close(fd_); }

  void append(const void* data, std::size_t size) const {
    if (::write(fd_, data, size) != static_cast<ssize_t>(size) || ::fdatasync(fd_) != 0)
      throw std::system_error(errno, std::generic_category(), "append and sync");
  }

 private:
  int fd_;
};

}  // namespace conclave::bench
