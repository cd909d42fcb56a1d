#include "storage/lmdb/failure_mark.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "storage/lmdb/file.hpp"

namespace conclave::storage {
namespace {

std::filesystem::path mark_of(const std::filesystem::path& folder) { return folder / "SYNC_FAILED"; }

}  // namespace

bool has_failure_mark(const std::filesystem::path& folder) {
  // Only "no such file" says that there is none: where we cannot tell, the store has no vote.
  return ::access(mark_of(folder).c_str(), F_OK) == 0 || errno != ENOENT;
}

void leave_failure_mark(const std::filesystem::path& folder, const std::string& reason) noexcept {
  const FileDescriptor file(::open(mark_of(folder).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (!file.is_open()) return;
  const std::string text = reason + "\n";
  [[maybe_unused]] const auto written = ::write(file.get(), text.data(), text.size());
  [[maybe_unused]] const auto synced = ::fsync(file.get());
  [[maybe_unused]] const auto named = sync_folder(folder);
}

int remove_failure_mark(const std::filesystem::path& folder) {
  if (::unlink(mark_of(folder).c_str()) != 0 && errno != ENOENT) return errno;
  return sync_folder(folder);
}

}  // namespace conclave::storage
