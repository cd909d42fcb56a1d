// Opening a store: its journal is found, or made, and what it still holds is moved to LMDB.
#pragma once

#include <filesystem>

#include <conclave/result.hpp>

#include "storage/lmdb/environment.hpp"
#include "storage/lmdb/journal.hpp"

namespace conclave::storage {

struct Replayed {
  Journal journal;  ///< both turns may be filled
  JournalMark mark;
};

/// If anything that the journal should hold is missing or damaged, the mark of doubt says what: what was promised may be
/// lost, and the store has no vote (P9). Where the mark cannot be left the store is refused, and is as it was: going on would
/// wipe out the traces. Whatever is taken from the journal is written anew and synced, for a sync may have failed of which no
/// mark could be left (P8).
[[nodiscard]] Result<Replayed> replay_journal(const std::filesystem::path& folder, Environment& environment,
                                              std::size_t turn_bytes);

}  // namespace conclave::storage
