#include "powercut/preload/watch.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstdio>
#include <cstdlib>

namespace conclave::powercut {
namespace {

std::string setting(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

Watch& Watch::instance() {
  static Watch* const watch = new Watch;
  return *watch;
}

Watch::Watch() : root_(setting(root_variable)), lies_(setting(lies_variable)) {
  const std::string log = setting(log_variable);
  // System calls, not the functions that this library replaces.
  log_ = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, log.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  unsigned mode = 0;
  if (std::sscanf(setting(fault_variable).c_str(), "%lu %d %u", &fault_at_, &fault_error_, &mode) == 3)
    fault_mode_ = static_cast<FaultMode>(mode);
}

std::optional<std::string> Watch::relative(const char* path) const {
  const std::string_view whole(path);
  if (root_.empty() || !whole.starts_with(root_)) return std::nullopt;
  const auto below = whole.substr(root_.size());
  if (below.empty()) return std::string();
  return below.front() == '/' ? std::optional(std::string(below.substr(1))) : std::nullopt;
}

std::optional<Target> Watch::target(int fd) const {
  std::array<char, PATH_MAX> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  if (::readlink(link.c_str(), path.data(), path.size() - 1) < 0) return std::nullopt;
  auto below = relative(path.data());
  struct stat status{};
  if (!below || ::fstat(fd, &status) != 0) return std::nullopt;
  const bool synced = (::fcntl(fd, F_GETFL) & O_DSYNC) != 0;  // O_SYNC contains it
  return Target{.inode = status.st_ino, .path = std::move(*below), .synced = synced};
}

Watch::Call Watch::begin(std::string_view name, std::string_view path) {
  Call call{.number = ++calls_};
  const bool hit = fault_mode_ == FaultMode::for_ever ? fault_at_ > 0 && calls_ >= fault_at_ : calls_ == fault_at_;
  if (!hit) return call;
  call.cut_short = fault_mode_ == FaultMode::cut_short;
  if (!call.cut_short) call.error = fault_error_;
  record({.kind = EventKind::fault, .error = call.error, .number = call.number}, std::string(name) + " " + std::string(path));
  return call;
}

void Watch::record(EventHead head, std::string_view text) const {
  head.size = text.size();
  std::array<iovec, 2> parts{iovec{&head, sizeof head}, iovec{const_cast<char*>(text.data()), text.size()}};
  const auto wrote = ::syscall(SYS_writev, log_, parts.data(), parts.size());
  // Without its log a run proves nothing.
  if (wrote != static_cast<long>(sizeof head + text.size())) std::abort();
}

bool Watch::swallows_sync(const Target& target) const {
  if (lies_.empty()) return false;
  if (lies_ == "all") return true;
  const bool folder = lies_ == "folder";
  struct stat status{};
  if (folder) return ::stat((root_ + "/" + target.path).c_str(), &status) == 0 && S_ISDIR(status.st_mode);
  const std::string_view path = target.path;
  return path.substr(path.rfind('/') + 1) == lies_;
}

}  // namespace conclave::powercut
