// The file `IN_DOUBT` in the data folder: what this store said to be durable may not be on the disk, and why. Such a store
// has no vote (P8, P9); the mark is there until a batch says that this is written down (`Batch::forget_doubt`).
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <conclave/error.hpp>

#include "storage/lmdb/journal.hpp"

namespace conclave::storage {

/// The reason that was left, for a person. Nothing: there is no mark.
[[nodiscard]] std::optional<std::string> read_doubt_mark(const std::filesystem::path& folder);
/// Leaves the mark with `reason` in it, and syncs; a mark that is there keeps its first reason. 0, or an error number: the
/// mark may not outlive the process, or not be there at all.
[[nodiscard]] int leave_doubt_mark(const std::filesystem::path& folder, const std::string& reason) noexcept;
/// Leaves the mark of a write or a sync that failed. Where no file can be made for it, the journal's head takes it; where
/// nothing can be written, `failure` says so and what to do: a person must know.
void write_down(Error& failure, const std::filesystem::path& folder, Journal& journal);
/// 0 or an error number.
[[nodiscard]] int remove_doubt_mark(const std::filesystem::path& folder);

}  // namespace conclave::storage
