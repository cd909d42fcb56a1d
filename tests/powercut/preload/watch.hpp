// The watcher inside a process: which calls concern the watched folder, which of them fail, and what is written down.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "powercut/disk_log.hpp"

namespace conclave::powercut {

/// A file or folder below the watched one.
struct Target {
  std::uint64_t inode = 0;
  std::string path;     ///< relative; empty for the watched folder itself
  bool synced = false;  ///< opened with O_DSYNC or O_SYNC
};

class Watch {
 public:
  /// Never destroyed: threads may write until the process ends.
  static Watch& instance();

  /// Nothing: it is not watched.
  [[nodiscard]] std::optional<Target> target(int fd) const;
  [[nodiscard]] std::optional<std::string> relative(const char* path) const;

  /// Held over a call and its event, so that events lie in the order of their effects. Not over a sync, beside which
  /// other calls shall run.
  [[nodiscard]] std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }

  struct Call {
    std::uint64_t number = 0;
    int error = 0;           ///< it shall fail with this
    bool cut_short = false;  ///< it shall do half of its work
  };
  /// Counts a call that changes the watched folder. Under the lock.
  [[nodiscard]] Call begin(std::string_view name, std::string_view path);
  /// Under the lock.
  void record(EventHead head, std::string_view text = {}) const;

  /// This sync shall do nothing and say that it did.
  [[nodiscard]] bool swallows_sync(const Target& target) const;
  [[nodiscard]] bool swallows_synced_writes() const { return lies_ == "all" || lies_ == "meta"; }

 private:
  Watch();

  std::mutex mutex_;
  std::string root_;
  std::string lies_;
  int log_ = -1;
  std::uint64_t calls_ = 0;
  std::uint64_t fault_at_ = 0;
  int fault_error_ = 0;
  FaultMode fault_mode_ = FaultMode::once;
};

}  // namespace conclave::powercut
