#include "storage/lmdb/journal.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/crc32c.hpp"

namespace conclave::storage {
namespace {

constexpr mode_t owner_only = 0600;
constexpr unsigned turns = 2;
constexpr std::size_t buffer_bytes_kept = std::size_t{1} << 20;

using Kind = std::array<char, 8>;
constexpr Kind kind_sound{'C', 'O', 'N', 'C', 'L', 'A', 'V', 'J'};
constexpr Kind kind_in_doubt{'C', 'O', 'N', 'C', 'L', 'A', 'V', 'D'};

/// The first sector.
struct FileHead {
  Kind kind = kind_sound;
  std::uint32_t version = 1;
  std::uint32_t sum = 0;  ///< of the whole, with 0 in this place
  std::uint64_t id = 0;
  std::uint64_t turn_bytes = 0;
};
static_assert(sizeof(FileHead) == 32);

std::uint32_t checksum(FileHead head) {
  head.sum = 0;
  return crc32c(std::as_bytes(std::span(&head, 1)));
}

JournalSector head_sector(std::uint64_t id, std::size_t turn_bytes, bool in_doubt) {
  FileHead head{.kind = in_doubt ? kind_in_doubt : kind_sound, .id = id, .turn_bytes = turn_bytes};
  head.sum = checksum(head);
  JournalSector sector;
  std::memcpy(sector.bytes.data(), &head, sizeof head);
  return sector;
}

std::filesystem::path name_in(const std::filesystem::path& folder) { return folder / "journal"; }

int write_all(int fd, BytesView bytes, std::uint64_t at) {
  while (!bytes.empty()) {
    const auto wrote = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return errno;
    bytes = bytes.subspan(static_cast<std::size_t>(wrote));
    at += static_cast<std::uint64_t>(wrote);
  }
  return 0;
}

/// As many bytes as the file has from `at`, at most `size`.
int read_all(int fd, Bytes& into, std::size_t size, std::uint64_t at) {
  into.resize(size);
  std::size_t done = 0;
  while (done < size) {
    const auto got = ::pread(fd, into.data() + done, size - done, static_cast<off_t>(at + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  into.resize(done);
  return 0;
}

/// Whether writes go past the page cache; false: it cannot be changed here, or is so already.
bool set_direct(int fd, bool direct) {
  const int flags = ::fcntl(fd, F_GETFL);
  const int wanted = direct ? flags | O_DIRECT : flags & ~O_DIRECT;
  return flags >= 0 && flags != wanted && ::fcntl(fd, F_SETFL, wanted) == 0;
}

Error other_version(const std::filesystem::path& folder, std::uint32_t version) {
  return {errc::data_dir_unusable, "the journal in \"" + folder.string() + "\" is of version " + std::to_string(version) +
                                       ", and this build reads version " + std::to_string(FileHead().version) +
                                       " only; start the build that wrote it, or give the node an empty folder, and it "
                                       "comes back as a new member"};
}

int sync(int fd) { return ::fdatasync(fd) == 0 ? 0 : errno; }

}  // namespace

Result<Journal> Journal::open(const std::filesystem::path& folder) {
  FileDescriptor file(::open(name_in(folder).c_str(), O_RDWR | O_CLOEXEC));
  if (!file.is_open()) {
    if (errno == ENOENT) return Error(errc::not_found, "the journal is missing: it was deleted, or left out of a copy");
    return unusable("open the journal in", folder, errno);
  }
  Bytes sector;
  if (const int failed = read_all(file.get(), sector, sector_bytes, 0); failed != 0)
    return unusable("read the journal in", folder, failed);
  FileHead head;
  if (sector.size() < sector_bytes) return Error(errc::data_damaged, "the journal has been cut short");
  std::memcpy(&head, sector.data(), sizeof head);
  const bool in_doubt = head.kind == kind_in_doubt;
  if (head.kind != kind_sound && !in_doubt) return Error(errc::data_damaged, "the head of the journal is damaged");
  // Before the checksum: another version may have another one.
  if (head.version != FileHead().version) return other_version(folder, head.version);
  if (head.sum != checksum(head)) return Error(errc::data_damaged, "the head of the journal is damaged");
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return unusable("examine the journal in", folder, errno);
  if (head.turn_bytes > (static_cast<std::uint64_t>(status.st_size) - sector_bytes) / turns)
    return Error(errc::data_damaged, "the journal has been cut short");
  return Journal(std::move(file), head.id, head.turn_bytes, in_doubt);
}

Result<bool> Journal::was_used(const std::filesystem::path& folder) {
  constexpr std::size_t piece_bytes = std::size_t{64} << 10;
  const FileDescriptor file(::open(name_in(folder).c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open() && errno == ENOENT) return false;
  if (!file.is_open()) return unusable("open the journal in", folder, errno);
  Bytes piece;
  for (std::uint64_t at = sector_bytes;; at += piece.size()) {
    if (const int failed = read_all(file.get(), piece, piece_bytes, at); failed != 0)
      return unusable("read the journal in", folder, failed);
    if (piece.empty()) return false;
    if (std::ranges::any_of(piece, [](std::byte byte) { return byte != std::byte{0}; })) return true;
  }
}

Result<void> Journal::set_aside(const std::filesystem::path& folder) {
  const auto kept = folder / "journal.damaged";
  if (::rename(name_in(folder).c_str(), kept.c_str()) != 0 && errno != ENOENT)
    return unusable("keep the damaged journal in", folder, errno);
  return {};
}

Result<Journal> Journal::create(const std::filesystem::path& folder, std::size_t turn_bytes) {
  FileDescriptor file(::open(name_in(folder).c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, owner_only));
  if (!file.is_open()) return unusable("create the journal in", folder, errno);
  std::uint64_t id = 0;
  // Never fails for so few bytes once the machine has booted.
  (void)!::getrandom(&id, sizeof id, 0);
  const Bytes zeros(turn_bytes);
  int failed = 0;
  for (unsigned turn = 0; turn < turns && failed == 0; ++turn)
    failed = write_all(file.get(), zeros, sector_bytes + turn * turn_bytes);
  if (failed == 0) failed = write_all(file.get(), head_sector(id, turn_bytes, false).bytes, 0);
  // All of it, with the file's size and blocks; later syncs need the data alone.
  if (failed == 0 && ::fsync(file.get()) != 0) failed = errno;
  if (failed == 0) failed = sync_folder(folder);
  if (failed != 0) return unusable("create the journal in", folder, failed);
  return Journal(std::move(file), id, turn_bytes, false);
}

JournalSeed Journal::seed() const { return crc32c(std::as_bytes(std::span(&id_, 1))); }

Result<JournalScan> Journal::scan(std::uint64_t after) const {
  Bytes whole;
  if (const int failed = read_all(file_.get(), whole, begin_of(turns), 0); failed != 0)
    return Error(errc::disk_failed, std::string("cannot read the journal: ") + std::strerror(failed));
  if (whole.size() < begin_of(turns)) return JournalScan{.batches = {}, .last = after, .damage = "it has been cut short"};
  std::array<BytesView, turns> parts;
  for (unsigned turn = 0; turn < turns; ++turn) parts[turn] = BytesView(whole).subspan(begin_of(turn), turn_bytes_);
  return scan_journal(parts, seed(), after);
}

std::size_t Journal::group_bytes_max() const { return sectors_capacity(turn_bytes_); }

bool Journal::has_room(std::size_t bytes) const { return bytes <= sectors_capacity(turn_bytes_ - used_); }

void Journal::begin() { (void)set_direct(file_.get(), true); }

int Journal::set_doubt(bool in_doubt) {
  const auto head = head_sector(id_, turn_bytes_, in_doubt);
  if (const int failed = write(head.bytes, 0); failed != 0) return failed;
  if (const int failed = sync(file_.get()); failed != 0) return failed;
  in_doubt_ = in_doubt;
  return 0;
}

Outcome Journal::append(std::uint64_t number, std::span<const Batch> batches) {
  write_group(sectors_, seed(), number, batches);
  const auto bytes = std::as_bytes(std::span(sectors_));
  if (const int failed = write(bytes, begin_of(turn_) + used_); failed != 0) return {failed, false};
  if (const int failed = sync(file_.get()); failed != 0) return {failed, true};
  used_ += bytes.size();
  if (bytes.size() > buffer_bytes_kept) sectors_ = {};
  return {};
}

int Journal::write(BytesView sectors, std::uint64_t at) {
  const int failed = write_all(file_.get(), sectors, at);
  // EINVAL: this disk wants more alignment than ours.
  if (failed != EINVAL || !set_direct(file_.get(), false)) return failed;
  return write_all(file_.get(), sectors, at);
}

void Journal::turn() {
  turn_ = (turn_ + 1) % turns;
  used_ = 0;
}

}  // namespace conclave::storage
