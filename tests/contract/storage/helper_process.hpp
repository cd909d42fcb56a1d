// A second process that uses a store: this program again, running one test case that is skipped otherwise.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

namespace conclave::storage {

class HelperProcess {
 public:
  /// Opens the store in `folder` and stores one batch after the other, for ever. Batch n puts log record n and the meta
  /// record "last" = n.
  explicit HelperProcess(const std::filesystem::path& folder);
  HelperProcess(const HelperProcess&) = delete;
  HelperProcess& operator=(const HelperProcess&) = delete;
  ~HelperProcess();

  /// The next thing it says; nothing when it is gone. First "open", or why it could not open; then each slot that has
  /// become durable.
  [[nodiscard]] std::optional<std::string> next_line();
  /// SIGKILL; what it said before can still be read.
  void kill();
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  int said_ = -1;
  std::string unread_;
  bool killed_ = false;
};

}  // namespace conclave::storage
