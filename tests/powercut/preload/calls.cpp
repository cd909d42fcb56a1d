// Preloaded into a program that uses a disk: every call of the C library by which a file or folder below the watched one can
// change, or be made durable. Each is counted, may be made to fail, and is written down.
//
// Writes through a shared mapping cannot be seen here. They are written down as such (`EventKind::mapped`), and `DiskModel`
// trusts nothing of such a file.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <span>

#include "powercut/preload/watch.hpp"
#include "preload/real_call.hpp"

namespace {

using namespace conclave::powercut;

constexpr std::size_t sector_bytes = 512;

Watch& watch() { return Watch::instance(); }

int fail(int error) {
  errno = error;
  return -1;
}

/// A call that changes names: `call` does it, `record` writes it down when it has worked.
template <class Work, class Record>
int change(std::string_view name, const std::optional<std::string>& path, Work work, Record record) {
  if (!path) return work();
  const auto lock = watch().lock();
  if (const auto call = watch().begin(name, *path); call.error != 0) return fail(call.error);
  const int result = work();
  const int error = errno;
  if (result >= 0) record();
  errno = error;
  return result;
}

template <class Work>
int open_file(const char* path, int flags, Work work) {
  const auto below = flags & (O_CREAT | O_TRUNC) ? watch().relative(path) : std::nullopt;
  struct stat before{};
  const bool there = below && ::stat(path, &before) == 0;
  int fd = -1;
  return change("open", below, [&] { return fd = work(); },
                [&] {
                  struct stat made{};
                  ::fstat(fd, &made);
                  if (!there)
                    watch().record({.kind = EventKind::create, .inode = made.st_ino}, *below);
                  else if (before.st_size != made.st_size)
                    watch().record({.kind = EventKind::truncate, .inode = made.st_ino, .at = 0});
                });
}

std::string joined(std::span<const iovec> parts) {
  std::string bytes;
  for (const auto& part : parts) bytes.append(static_cast<const char*>(part.iov_base), part.iov_len);
  return bytes;
}

/// `at` below 0: where the descriptor stands. `work` writes the first bytes of `parts`, as many as it is told.
template <class Work>
ssize_t write_file(int fd, std::span<const iovec> parts, off_t at, Work work) {
  const auto target = watch().target(fd);
  const std::string bytes = target ? joined(parts) : std::string();
  if (!target) return work(std::nullopt);
  const auto lock = watch().lock();
  if (at < 0) at = ::lseek(fd, 0, (::fcntl(fd, F_GETFL) & O_APPEND) ? SEEK_END : SEEK_CUR);
  const auto call = watch().begin("write", target->path);
  const bool synced = target->synced && !watch().swallows_synced_writes();
  // A synced write that fails may have reached the page cache, where it is no longer dirty.
  if (call.error != 0 && !synced) return fail(call.error);
  const std::size_t half = bytes.size() / 2 / sector_bytes * sector_bytes;
  const auto wrote = work(call.cut_short && half > 0 ? std::optional(half) : std::nullopt);
  const int error = errno;
  const bool durable = synced && call.error == 0;
  const EventHead head{.kind = durable ? EventKind::write_synced : EventKind::write,
                       .inode = target->inode,
                       .at = static_cast<std::uint64_t>(at),
                       .number = call.number};
  if (wrote > 0) watch().record(head, std::string_view(bytes).substr(0, static_cast<std::size_t>(wrote)));
  if (call.error != 0) {
    EventHead failed{.kind = EventKind::sync_begin, .inode = target->inode, .number = call.number};
    watch().record(failed, target->path);
    failed.kind = EventKind::sync_end;
    failed.error = call.error;
    watch().record(failed, target->path);
    return fail(call.error);
  }
  errno = error;
  return wrote;
}

template <class Work>
ssize_t write_plain(int fd, const void* data, std::size_t size, off_t at, Work work) {
  const iovec part{const_cast<void*>(data), size};
  return write_file(fd, std::span(&part, 1), at, [&](std::optional<std::size_t> half) { return work(half.value_or(size)); });
}

/// Half of a vector is written as if its call had been a plain one.
template <class Work>
ssize_t write_vector(int fd, const iovec* parts, int many, off_t at, Work work) {
  const std::span all(parts, static_cast<std::size_t>(many));
  return write_file(fd, all, at, [&](std::optional<std::size_t> half) -> ssize_t {
    CONCLAVE_REAL(pwrite);
    if (!half) return work();
    const auto place = at < 0 ? ::lseek(fd, 0, SEEK_CUR) : at;
    const auto wrote = next(fd, joined(all).data(), *half, place);
    if (at < 0 && wrote > 0) ::lseek(fd, wrote, SEEK_CUR);
    return wrote;
  });
}

template <class Work>
int resize(const char* name, EventKind kind, int fd, off_t size, Work work) {
  const auto target = watch().target(fd);
  return change(name, target ? std::optional(target->path) : std::nullopt, work, [&] {
    watch().record({.kind = kind, .inode = target->inode, .at = static_cast<std::uint64_t>(size)});
  });
}

/// Gives back its error, as `posix_fallocate` does.
template <class Work>
int allocate(int fd, off_t end, Work work) {
  int failed = 0;
  const int result = resize("fallocate", EventKind::allocate, fd, end, [&] { return (failed = work()) == 0 ? 0 : -1; });
  return result == 0 ? 0 : failed != 0 ? failed : errno;
}

template <class Work>
int sync(const char* name, int fd, Work work) {
  const auto target = watch().target(fd);
  if (!target) return work();
  if (watch().swallows_sync(*target)) return 0;
  Watch::Call call;
  EventHead event{.kind = EventKind::sync_begin, .inode = target->inode};
  {
    const auto lock = watch().lock();
    call = watch().begin(name, target->path);
    event.number = call.number;
    watch().record(event, target->path);
  }
  const int result = call.error != 0 ? fail(call.error) : work();
  event.kind = EventKind::sync_end;
  event.error = result == 0 ? 0 : errno;
  const auto lock = watch().lock();
  watch().record(event, target->path);
  errno = event.error;
  return result;
}

void note_mapping(int fd, int protection, int flags) {
  if (fd < 0 || (protection & PROT_WRITE) == 0 || (flags & MAP_TYPE) == MAP_PRIVATE) return;
  const auto target = watch().target(fd);
  if (!target) return;
  const auto lock = watch().lock();
  watch().record({.kind = EventKind::mapped, .inode = target->inode}, target->path);
}

int rename_path(const char* from, const char* to, auto work) {
  const auto old_path = watch().relative(from);
  const auto new_path = watch().relative(to);
  return change("rename", old_path, work, [&] {
    watch().record({.kind = EventKind::rename}, *old_path + '\0' + new_path.value_or("../outside"));
  });
}

int remove_path(const char* path, auto work) {
  const auto below = watch().relative(path);
  return change("unlink", below, work, [&] { watch().record({.kind = EventKind::unlink}, *below); });
}

int make_folder(const char* path, auto work) {
  const auto below = watch().relative(path);
  return change("mkdir", below, work, [&] {
    struct stat made{};
    ::stat(path, &made);
    watch().record({.kind = EventKind::make_folder, .inode = made.st_ino}, *below);
  });
}

/// Calls that no store of ours makes, and that the model does not know: they end the program rather than the proof.
[[noreturn]] void unknown(const char* name) {
  std::fprintf(stderr, "powercut: %s is not watched; teach it to tests/powercut/preload/calls.cpp\n", name);
  ::_exit(70);
}

}  // namespace

/// Called by the program, where it finds it.
CONCLAVE_EXPORT void conclave_powercut_acknowledge(std::uint64_t life, std::uint64_t steps) {
  const auto lock = watch().lock();
  watch().record({.kind = EventKind::acknowledge, .at = life, .number = steps});
}

/// A process that dies while a thread writes leaves half of a write and half of an event: it dies between them.
CONCLAVE_EXPORT void _exit(int code) {
  CONCLAVE_REAL(_exit);
  const auto lock = watch().lock();
  next(code);
  __builtin_unreachable();
}

// ---- Names ----

#define CONCLAVE_MODE(flags)                     \
  mode_t mode = 0;                               \
  if ((flags & (O_CREAT | O_TMPFILE)) != 0) {    \
    va_list rest;                                \
    va_start(rest, flags);                       \
    mode = va_arg(rest, mode_t);                 \
    va_end(rest);                                \
  }

CONCLAVE_EXPORT int open(const char* path, int flags, ...) {
  CONCLAVE_REAL(open);
  CONCLAVE_MODE(flags)
  return open_file(path, flags, [&] { return next(path, flags, mode); });
}

CONCLAVE_EXPORT int open64(const char* path, int flags, ...) {
  CONCLAVE_REAL(open64);
  CONCLAVE_MODE(flags)
  return open_file(path, flags, [&] { return next(path, flags, mode); });
}

CONCLAVE_EXPORT int openat(int folder, const char* path, int flags, ...) {
  CONCLAVE_REAL(openat);
  CONCLAVE_MODE(flags)
  if (folder != AT_FDCWD && (flags & (O_CREAT | O_TRUNC)) != 0 && watch().target(folder)) unknown("openat below a folder");
  return open_file(path, flags, [&] { return next(folder, path, flags, mode); });
}

CONCLAVE_EXPORT int creat(const char* path, mode_t mode) {
  CONCLAVE_REAL(creat);
  return open_file(path, O_CREAT | O_TRUNC, [&] { return next(path, mode); });
}

CONCLAVE_EXPORT int mkdir(const char* path, mode_t mode) noexcept {
  CONCLAVE_REAL(mkdir);
  return make_folder(path, [&] { return next(path, mode); });
}

CONCLAVE_EXPORT int rename(const char* from, const char* to) noexcept {
  CONCLAVE_REAL(rename);
  return rename_path(from, to, [&] { return next(from, to); });
}

CONCLAVE_EXPORT int renameat(int from_folder, const char* from, int to_folder, const char* to) noexcept {
  CONCLAVE_REAL(renameat);
  if (from_folder != AT_FDCWD && watch().target(from_folder)) unknown("renameat");
  return rename_path(from, to, [&] { return next(from_folder, from, to_folder, to); });
}

CONCLAVE_EXPORT int unlink(const char* path) noexcept {
  CONCLAVE_REAL(unlink);
  return remove_path(path, [&] { return next(path); });
}

CONCLAVE_EXPORT int unlinkat(int folder, const char* path, int flags) noexcept {
  CONCLAVE_REAL(unlinkat);
  if (folder != AT_FDCWD && watch().target(folder)) unknown("unlinkat");
  return remove_path(path, [&] { return next(folder, path, flags); });
}

CONCLAVE_EXPORT int remove(const char* path) noexcept {
  CONCLAVE_REAL(remove);
  return remove_path(path, [&] { return next(path); });
}

CONCLAVE_EXPORT int rmdir(const char* path) noexcept {
  CONCLAVE_REAL(rmdir);
  return remove_path(path, [&] { return next(path); });
}

CONCLAVE_EXPORT int link(const char* from, const char* to) noexcept {
  CONCLAVE_REAL(link);
  if (watch().relative(to)) unknown("link");
  return next(from, to);
}

// ---- Bytes ----

CONCLAVE_EXPORT ssize_t write(int fd, const void* data, size_t size) {
  CONCLAVE_REAL(write);
  return write_plain(fd, data, size, -1, [&](std::size_t part) { return next(fd, data, part); });
}

CONCLAVE_EXPORT ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  CONCLAVE_REAL(pwrite);
  return write_plain(fd, data, size, at, [&](std::size_t part) { return next(fd, data, part, at); });
}

CONCLAVE_EXPORT ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  CONCLAVE_REAL(pwrite64);
  return write_plain(fd, data, size, at, [&](std::size_t part) { return next(fd, data, part, at); });
}

CONCLAVE_EXPORT ssize_t writev(int fd, const iovec* parts, int many) {
  CONCLAVE_REAL(writev);
  return write_vector(fd, parts, many, -1, [&] { return next(fd, parts, many); });
}

CONCLAVE_EXPORT ssize_t pwritev(int fd, const iovec* parts, int many, off_t at) {
  CONCLAVE_REAL(pwritev);
  return write_vector(fd, parts, many, at, [&] { return next(fd, parts, many, at); });
}

CONCLAVE_EXPORT ssize_t pwritev2(int fd, const iovec* parts, int many, off_t at, int flags) {
  CONCLAVE_REAL(pwritev2);
  if (watch().target(fd)) unknown("pwritev2");
  return next(fd, parts, many, at, flags);
}

CONCLAVE_EXPORT int ftruncate(int fd, off_t size) noexcept {
  CONCLAVE_REAL(ftruncate);
  return resize("ftruncate", EventKind::truncate, fd, size, [&] { return next(fd, size); });
}

CONCLAVE_EXPORT int truncate(const char* path, off_t size) noexcept {
  CONCLAVE_REAL(truncate);
  if (watch().relative(path)) unknown("truncate");
  return next(path, size);
}

CONCLAVE_EXPORT int fallocate(int fd, int mode, off_t at, off_t size) {
  CONCLAVE_REAL(fallocate);
  if (mode != 0 && watch().target(fd)) unknown("fallocate with a mode");
  const int failed = allocate(fd, at + size, [&] { return next(fd, mode, at, size) == 0 ? 0 : errno; });
  return failed == 0 ? 0 : fail(failed);
}

CONCLAVE_EXPORT int posix_fallocate(int fd, off_t at, off_t size) {
  CONCLAVE_REAL(posix_fallocate);
  return allocate(fd, at + size, [&] { return next(fd, at, size); });
}

CONCLAVE_EXPORT void* mmap(void* at, size_t size, int protection, int flags, int fd, off_t offset) noexcept {
  CONCLAVE_REAL(mmap);
  note_mapping(fd, protection, flags);
  return next(at, size, protection, flags, fd, offset);
}

CONCLAVE_EXPORT void* mmap64(void* at, size_t size, int protection, int flags, int fd, off64_t offset) noexcept {
  CONCLAVE_REAL(mmap64);
  note_mapping(fd, protection, flags);
  return next(at, size, protection, flags, fd, offset);
}

// ---- Syncs ----

CONCLAVE_EXPORT int fsync(int fd) {
  CONCLAVE_REAL(fsync);
  return sync("fsync", fd, [&] { return next(fd); });
}

CONCLAVE_EXPORT int fdatasync(int fd) {
  CONCLAVE_REAL(fdatasync);
  return sync("fdatasync", fd, [&] { return next(fd); });
}

/// Of a mapping that nobody sees the writes of: makes nothing durable for the model.
CONCLAVE_EXPORT int msync(void* at, size_t size, int flags) {
  CONCLAVE_REAL(msync);
  return change("msync", "a mapping", [&] { return next(at, size, flags); }, [] {});
}

/// Makes nothing durable for the model, as its manual warns: no metadata, no cache of the disk.
CONCLAVE_EXPORT int sync_file_range(int fd, off64_t at, off64_t size, unsigned flags) {
  CONCLAVE_REAL(sync_file_range);
  const auto target = watch().target(fd);
  return change("sync_file_range", target ? std::optional(target->path) : std::nullopt,
                [&] { return next(fd, at, size, flags); }, [] {});
}

CONCLAVE_EXPORT int syncfs(int fd) noexcept {
  CONCLAVE_REAL(syncfs);
  if (watch().target(fd)) unknown("syncfs");
  return next(fd);
}
