// How groups of batches lie in the journal, and what of them a crash left.
//
// A group is cut into sectors of 512 bytes, the piece that a disk writes whole or not at all. Each has a CRC32C of its own
// and names its group and its place in it, so that two things which look alike from afar are told apart (P9):
//   - *torn*: some sectors of the last group are still older ones, sound in themselves. Its sync never returned, nobody was
//     promised anything: the journal ends before it.
//   - *damaged*: a sector where the journal goes on is not sound, or what was written later is there and what was before is
//     not. Something that was promised may be missing.
// Groups are numbered, and no number is used twice in the life of a store: a sector of an earlier turn is never taken for a
// new one. Integers are the machine's own, as they are in LMDB's file beside it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <conclave/result.hpp>
#include <conclave/types.hpp>

#include "storage/storage.hpp"

namespace conclave::storage {

inline constexpr std::size_t sector_bytes = 512;
/// Aligned so that the disk can take it from where it lies.
struct alignas(sector_bytes) JournalSector {
  std::array<std::byte, sector_bytes> bytes{};
};

/// Names one journal: its sectors count in no other one.
using JournalSeed = std::uint32_t;

/// Makes `out` the sectors of group `number`, to be written in one piece. The ids of the batches are not kept.
void write_group(std::vector<JournalSector>& out, JournalSeed seed, std::uint64_t number, std::span<const Batch> batches);
/// The bytes of a batch in a group.
[[nodiscard]] std::size_t journal_bytes(const Batch& batch);
/// The bytes of batches that fit into so many bytes of whole sectors as one group.
[[nodiscard]] std::size_t sectors_capacity(std::size_t bytes);

/// What is in a journal above what is known from elsewhere.
struct JournalScan {
  /// The batches of groups `after + 1` to `last`, in their order.
  std::vector<Batch> batches;
  std::uint64_t last = 0;
  /// P9: something promised may be missing behind `last`; why, for a person.
  std::optional<std::string> damage;
};

/// Reads a journal whose turns (stretches that are filled from their beginning) are `turns`. Everything up to group
/// `after` is known.
[[nodiscard]] JournalScan scan_journal(std::span<const BytesView> turns, JournalSeed seed, std::uint64_t after);

}  // namespace conclave::storage
