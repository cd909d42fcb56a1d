#include "contract/storage/disk_calls.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <utility>

namespace conclave::disk_calls {
namespace {

enum class Hold : int { off, armed, held };

std::atomic<int> write_error = 0;
std::atomic<int> sync_error = 0;
std::atomic<Hold> hold = Hold::off;
std::atomic<std::size_t> sync_count = 0;

}  // namespace

void fail_next_write(int error_number) { write_error = error_number; }
void fail_next_sync(int error_number) { sync_error = error_number; }
void hold_sync() { hold = Hold::armed; }
void await_held_sync() {
  for (Hold now = hold; now != Hold::held; now = hold) hold.wait(now);
}
void release_sync() {
  hold = Hold::off;
  hold.notify_all();
}
std::size_t syncs() { return sync_count; }

namespace {

int sync(int fd) {
  ++sync_count;
  if (Hold armed = Hold::armed; hold.compare_exchange_strong(armed, Hold::held)) {
    hold.notify_all();
    hold.wait(Hold::held);
  }
  if (const int error_number = sync_error.exchange(0); error_number != 0) {
    errno = error_number;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

ssize_t write(int fd, const void* bytes, std::size_t size, off_t at) {
  if (const int error_number = write_error.exchange(0); error_number != 0) {
    errno = error_number;
    return -1;
  }
  return ::syscall(SYS_pwrite64, fd, bytes, size, at);
}

}  // namespace
}  // namespace conclave::disk_calls

// The program's own definitions come before those of the C library, for liblmdb.so as well.
extern "C" int fdatasync(int fd) { return conclave::disk_calls::sync(fd); }
extern "C" ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  return conclave::disk_calls::write(fd, bytes, size, at);
}
