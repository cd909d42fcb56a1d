// Preloaded into every process that is measured: counts its waits for the disk and the bytes it sends, at the border of
// the C library, so that no figure rests on the measured program's own word.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdlib>

#include "bench/counts.hpp"
#include "preload/real_call.hpp"

namespace {

using conclave::bench::Counts;

Counts* map_counts() {
  static Counts nowhere{};
  const char* path = std::getenv(conclave::bench::counts_variable);
  const int fd = path ? ::open(path, O_RDWR | O_CLOEXEC) : -1;
  if (fd < 0) return &nowhere;
  void* mapped = ::mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  return mapped == MAP_FAILED ? &nowhere : static_cast<Counts*>(mapped);
}

Counts& counts() {
  static Counts* const mapped = map_counts();
  return *mapped;
}

void count_flush() { counts().flushes.fetch_add(1, std::memory_order_relaxed); }

void count_if_synchronous(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags >= 0 && (flags & O_DSYNC) != 0) count_flush();
}

ssize_t count_sent(ssize_t sent) {
  if (sent > 0) counts().sent_bytes.fetch_add(static_cast<std::uint64_t>(sent), std::memory_order_relaxed);
  return sent;
}

}  // namespace

CONCLAVE_EXPORT int fsync(int fd) {
  CONCLAVE_REAL(fsync);
  count_flush();
  return next(fd);
}

CONCLAVE_EXPORT int fdatasync(int fd) {
  CONCLAVE_REAL(fdatasync);
  count_flush();
  return next(fd);
}

CONCLAVE_EXPORT int msync(void* at, size_t size, int flags) {
  CONCLAVE_REAL(msync);
  if ((flags & MS_SYNC) != 0) count_flush();
  return next(at, size, flags);
}

CONCLAVE_EXPORT int sync_file_range(int fd, off64_t at, off64_t size, unsigned flags) {
  CONCLAVE_REAL(sync_file_range);
  count_flush();
  return next(fd, at, size, flags);
}

CONCLAVE_EXPORT ssize_t write(int fd, const void* data, size_t size) {
  CONCLAVE_REAL(write);
  count_if_synchronous(fd);
  return next(fd, data, size);
}

CONCLAVE_EXPORT ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  CONCLAVE_REAL(pwrite);
  count_if_synchronous(fd);
  return next(fd, data, size, at);
}

CONCLAVE_EXPORT ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  CONCLAVE_REAL(pwrite64);
  count_if_synchronous(fd);
  return next(fd, data, size, at);
}

CONCLAVE_EXPORT ssize_t pwritev(int fd, const iovec* parts, int many, off_t at) {
  CONCLAVE_REAL(pwritev);
  count_if_synchronous(fd);
  return next(fd, parts, many, at);
}

CONCLAVE_EXPORT ssize_t send(int fd, const void* data, size_t size, int flags) {
  CONCLAVE_REAL(send);
  return count_sent(next(fd, data, size, flags));
}

CONCLAVE_EXPORT ssize_t sendto(int fd, const void* data, size_t size, int flags, const sockaddr* to, socklen_t length) {
  CONCLAVE_REAL(sendto);
  return count_sent(next(fd, data, size, flags, to, length));
}

CONCLAVE_EXPORT ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  CONCLAVE_REAL(sendmsg);
  return count_sent(next(fd, message, flags));
}
