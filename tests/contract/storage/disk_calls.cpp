#include "contract/storage/disk_calls.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <utility>

namespace conclave::disk_calls {
namespace {

enum class Hold : int { off, armed, held };

std::atomic<int> write_error = 0;
std::atomic<int> sync_error = 0;
std::atomic<int> lasting_sync_error = 0;
std::atomic<Hold> hold = Hold::off;
std::atomic<std::size_t> sync_count = 0;

std::mutex recording;  // guards what follows
std::vector<ino_t> recorded_inodes;
std::vector<Event> events;

/// Calls `record` with the number of the file if it is recorded.
template <class Record>
void if_recorded(int fd, Record record) {
  const std::lock_guard guard(recording);
  struct stat status{};
  if (recorded_inodes.empty() || ::fstat(fd, &status) != 0) return;
  const auto found = std::ranges::find(recorded_inodes, status.st_ino);
  if (found != recorded_inodes.end()) record(static_cast<std::size_t>(found - recorded_inodes.begin()));
}

void record_write(int fd, off_t at, std::string bytes) {
  if_recorded(fd, [&](std::size_t file) {
    const bool synced = (::fcntl(fd, F_GETFL) & O_DSYNC) != 0;
    const auto kind = synced ? Event::Kind::write_synced : Event::Kind::write;
    events.push_back({kind, static_cast<std::uint64_t>(at), std::move(bytes), file});
  });
}

}  // namespace

void fail_next_write(int error_number) { write_error = error_number; }
void fail_next_sync(int error_number) { sync_error = error_number; }
void fail_syncs(int error_number) { lasting_sync_error = error_number; }
void hold_sync() { hold = Hold::armed; }
void await_held_sync() {
  for (Hold now = hold; now != Hold::held; now = hold) hold.wait(now);
}
void release_sync() {
  hold = Hold::off;
  hold.notify_all();
}
std::size_t syncs() { return sync_count; }

void start_recording(const std::vector<std::filesystem::path>& files) {
  const std::lock_guard guard(recording);
  events.clear();
  for (const auto& file : files) {
    struct stat status{};
    ::stat(file.c_str(), &status);
    recorded_inodes.push_back(status.st_ino);
  }
}
void note_durable(std::uint64_t batch) {
  const std::lock_guard guard(recording);
  events.push_back({Event::Kind::durable, batch});
}
std::vector<Event> stop_recording() {
  const std::lock_guard guard(recording);
  recorded_inodes.clear();
  return std::exchange(events, {});
}

namespace {

bool fails_for_ever() {
  if (lasting_sync_error == 0) return false;
  errno = lasting_sync_error;
  return true;
}

int sync_whole(int fd) { return fails_for_ever() ? -1 : static_cast<int>(::syscall(SYS_fsync, fd)); }

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
  if (fails_for_ever()) return -1;
  if_recorded(fd, [](std::size_t file) { events.push_back({Event::Kind::sync, 0, {}, file}); });
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

ssize_t write(int fd, const void* bytes, std::size_t size, off_t at) {
  if (const int error_number = write_error.exchange(0); error_number != 0) {
    errno = error_number;
    return -1;
  }
  record_write(fd, at, std::string(static_cast<const char*>(bytes), size));
  return ::syscall(SYS_pwrite64, fd, bytes, size, at);
}

ssize_t write_vector(int fd, const iovec* pieces, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes.append(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
  record_write(fd, ::lseek(fd, 0, SEEK_CUR), std::move(bytes));
  return ::syscall(SYS_writev, fd, pieces, count);
}

int allocate(int fd, off_t at, off_t size) {
  static const auto real = reinterpret_cast<int (*)(int, off_t, off_t)>(::dlsym(RTLD_NEXT, "posix_fallocate"));
  const int failed = real(fd, at, size);
  if (failed == 0)
    if_recorded(fd, [&](std::size_t file) {
      events.push_back({Event::Kind::grow, static_cast<std::uint64_t>(at + size), {}, file});
    });
  return failed;
}

}  // namespace
}  // namespace conclave::disk_calls

// The program's own definitions come before those of the C library, for liblmdb.so as well.
extern "C" int fdatasync(int fd) { return conclave::disk_calls::sync(fd); }
extern "C" int fsync(int fd) { return conclave::disk_calls::sync_whole(fd); }
extern "C" ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  return conclave::disk_calls::write(fd, bytes, size, at);
}
extern "C" ssize_t writev(int fd, const iovec* pieces, int count) {
  return conclave::disk_calls::write_vector(fd, pieces, count);
}
extern "C" int posix_fallocate(int fd, off_t at, off_t size) { return conclave::disk_calls::allocate(fd, at, size); }
