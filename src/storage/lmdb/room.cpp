#include "storage/lmdb/room.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>

namespace conclave::storage {
namespace {

constexpr std::size_t fill_step = 256 << 10;
constexpr std::array<std::byte, fill_step> zeros{};

int write_zeros(int fd, std::uint64_t at) {
  for (std::size_t done = 0; done < zeros.size();) {
    const auto wrote = ::pwrite(fd, zeros.data() + done, zeros.size() - done, static_cast<off_t>(at + done));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return errno;
    done += static_cast<std::size_t>(wrote);
  }
  return 0;
}

int allocate(int fd, std::uint64_t at, std::uint64_t size) {
  int failed = 0;
  do failed = ::posix_fallocate(fd, static_cast<off_t>(at), static_cast<off_t>(size));
  while (failed == EINTR);
  return failed;
}

}  // namespace

int Room::make(std::uint64_t used, std::uint64_t bytes) {
  if (const int failed = reserve(used + bytes); failed != 0) return failed;
  return fill(used, used + bytes);
}

int Room::reserve(std::uint64_t end) {
  if (end <= reserved_) return 0;
  // A generous step, or where the disk has no room for it, just enough.
  const std::uint64_t needed = end - reserved_;
  std::uint64_t size = std::max(step_, needed);
  int failed = allocate(fd_, reserved_, size);
  if (failed != 0 && size > needed) failed = allocate(fd_, reserved_, size = needed);
  if (failed == 0) reserved_ += size;
  return failed;
}

// One piece at a time, so that no single sync has much more to write; and never beyond what is reserved.
int Room::fill(std::uint64_t used, std::uint64_t end) {
  filled_ = std::max(filled_, used);
  if (filled_ >= end || filled_ + fill_step > reserved_) return 0;
  if (const int failed = write_zeros(fd_, filled_); failed != 0) return failed;
  filled_ += fill_step;
  return 0;
}

}  // namespace conclave::storage
