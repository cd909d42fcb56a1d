#include "storage/lmdb/lock_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>

namespace conclave::storage {
namespace {

constexpr mode_t owner_only = 0600;

// An open-file-description lock belongs to the open file: unlike a POSIX lock it also stands between two openings in
// one process, and closing another descriptor of the file does not drop it.
int lock(const FileDescriptor& file) {
  struct flock whole{};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return ::fcntl(file.get(), F_OFD_SETLK, &whole) == 0 ? 0 : errno;
}

Error in_use(const std::filesystem::path& folder, const FileDescriptor& file) {
  std::array<char, 32> text{};
  const bool known = ::pread(file.get(), text.data(), text.size() - 1, 0) > 0;
  const long holder = known ? std::strtol(text.data(), nullptr, 10) : 0;
  std::string who = "another process";
  if (holder == ::getpid())
    who = "this process";
  else if (holder > 0)
    who = "process " + std::to_string(holder);
  return {errc::data_dir_in_use, "\"" + folder.string() + "\" is open in " + who +
                                     "; close that node first, or give this one a data folder of its own"};
}

// For the message above only, so a failure changes nothing.
void write_holder(const FileDescriptor& file) {
  const std::string text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file.get(), 0) != 0) return;
  [[maybe_unused]] const auto written = ::pwrite(file.get(), text.data(), text.size(), 0);
}

}  // namespace

Result<LockFile> LockFile::acquire(const std::filesystem::path& folder) {
  FileDescriptor file(::open((folder / "LOCK").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, owner_only));
  if (!file.is_open()) return unusable("create the lock file of", folder, errno);
  if (const int failed = lock(file); failed == EAGAIN || failed == EACCES)
    return in_use(folder, file);
  else if (failed != 0)
    return unusable("lock", folder, failed);
  write_holder(file);

  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return unusable("examine the lock file of", folder, errno);
  return LockFile(std::move(file), status.st_dev, status.st_ino);
}

}  // namespace conclave::storage
