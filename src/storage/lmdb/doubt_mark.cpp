#include "storage/lmdb/doubt_mark.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "storage/lmdb/file.hpp"

namespace conclave::storage {
namespace {

constexpr mode_t owner_only = 0600;
constexpr std::size_t reason_bytes_max = 1000;
constexpr const char* reason_unknown = "an earlier run left this store in doubt, and its reason cannot be read";

std::filesystem::path mark_in(const std::filesystem::path& folder) { return folder / "IN_DOUBT"; }

}  // namespace

std::optional<std::string> read_doubt_mark(const std::filesystem::path& folder) {
  const FileDescriptor file(::open(mark_in(folder).c_str(), O_RDONLY | O_CLOEXEC));
  // Only "no such file" says that there is none.
  if (!file.is_open() && errno == ENOENT) return std::nullopt;
  std::string reason(reason_bytes_max, '\0');
  const auto size = file.is_open() ? ::read(file.get(), reason.data(), reason.size()) : 0;
  reason.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  if (reason.ends_with('\n')) reason.pop_back();
  return reason.empty() ? reason_unknown : reason;
}

int leave_doubt_mark(const std::filesystem::path& folder, const std::string& reason) noexcept {
  const FileDescriptor file(::open(mark_in(folder).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, owner_only));
  struct stat status{};
  if (!file.is_open() || ::fstat(file.get(), &status) != 0) return errno;
  // That the file is there is the mark; the reason in it may be cut short.
  const std::string text = reason + "\n";
  if (status.st_size == 0 && ::write(file.get(), text.data(), text.size()) < 0) return errno;
  if (::fsync(file.get()) != 0) return errno;
  return sync_folder(folder);
}

void write_down(Error& failure, const std::filesystem::path& folder, Journal& journal) {
  const int failed = leave_doubt_mark(folder, "in an earlier run " + failure.detail);
  if (failed == 0 || journal.set_doubt(true) == 0) return;
  failure.detail += "; nor can that be written down (" + std::generic_category().message(failed) +
                    "), so do not start the node on this folder again: give it an empty one, and it comes back as a new member";
}

int remove_doubt_mark(const std::filesystem::path& folder) {
  if (::unlink(mark_in(folder).c_str()) != 0 && errno != ENOENT) return errno;
  return sync_folder(folder);
}

}  // namespace conclave::storage
