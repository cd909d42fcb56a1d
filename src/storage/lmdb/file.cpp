#include "storage/lmdb/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>
#include <vector>

namespace conclave::storage {
namespace {

constexpr mode_t owner_only = 0700;

bool is_folder(const std::filesystem::path& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (is_open()) ::close(fd_);
}

Error unusable(const std::string& attempt, const std::filesystem::path& folder, int error_number) {
  const std::string what = "cannot " + attempt + " the data folder \"" + folder.string() +
                           "\": " + std::generic_category().message(error_number);
  if (error_number == ENOSPC || error_number == EDQUOT)
    return {errc::disk_full, what + "; make room on this file system, then open again"};
  return {errc::data_dir_unusable, what + "; name a folder that this user may create, read and write"};
}

Result<void> make_folder(const std::filesystem::path& folder) {
  std::error_code no_name;
  const std::filesystem::path whole = std::filesystem::absolute(folder, no_name);
  if (folder.empty() || no_name) return unusable("find", folder, no_name ? no_name.value() : ENOENT);

  std::vector<std::filesystem::path> missing;
  for (auto path = whole; !is_folder(path) && path != path.root_path(); path = path.parent_path())
    if (path.has_filename()) missing.push_back(path);
  for (; !missing.empty(); missing.pop_back()) {
    const auto& path = missing.back();
    if (::mkdir(path.c_str(), owner_only) != 0 && (errno != EEXIST || !is_folder(path)))
      return unusable("create", folder, errno == EEXIST ? ENOTDIR : errno);
    // A folder's name is stored in its parent.
    if (const int failed = sync_folder(path.parent_path()); failed != 0) return unusable("sync", folder, failed);
  }
  if (::access(whole.c_str(), R_OK | W_OK | X_OK) != 0) return unusable("use", folder, errno);
  return {};
}

void take_no_file_size_signal() {
  sigset_t file_size_limit;
  sigemptyset(&file_size_limit);
  sigaddset(&file_size_limit, SIGXFSZ);
  pthread_sigmask(SIG_BLOCK, &file_size_limit, nullptr);
}

int sync_folder(const std::filesystem::path& folder) {
  const FileDescriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open()) return errno;
  return ::fsync(opened.get()) == 0 ? 0 : errno;
}

}  // namespace conclave::storage
