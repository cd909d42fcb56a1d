// How an attempt to store ended.
#pragma once

#include <filesystem>

#include <conclave/result.hpp>

namespace conclave::storage {

struct Outcome {
  /// 0, an error number of the system, or one of LMDB's.
  int code = 0;
  /// The last step had begun: pages may have been written, and a sync may have failed.
  bool committing = false;

  [[nodiscard]] bool ok() const { return code == 0; }
  /// P8: nothing but a write without room, before any sync, counts as undone.
  [[nodiscard]] bool undone() const;
  [[nodiscard]] Error error(const std::filesystem::path& folder) const;
};

}  // namespace conclave::storage
