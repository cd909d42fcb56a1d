// The file `SYNC_FAILED` in the data folder: an earlier run saw a write or a sync fail, so what the kernel shows may
// not be on the disk, and the store has no vote until it is admitted again (P8).
#pragma once

#include <filesystem>
#include <string>

#include <conclave/result.hpp>

namespace conclave::storage {

[[nodiscard]] bool has_failure_mark(const std::filesystem::path& folder);
/// Leaves the mark with `reason` in it, for a person; as well as the failing disk allows.
void leave_failure_mark(const std::filesystem::path& folder, const std::string& reason) noexcept;
/// 0 or an error number.
[[nodiscard]] int remove_failure_mark(const std::filesystem::path& folder);

}  // namespace conclave::storage
