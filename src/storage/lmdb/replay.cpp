#include "storage/lmdb/replay.hpp"

#include <optional>
#include <string>
#include <utility>

#include "storage/lmdb/doubt_mark.hpp"

namespace conclave::storage {
namespace {

/// What LMDB knows is stored before the journal is used, and what it holds before it is filled again.
Result<Replayed> store(const std::filesystem::path& folder, Environment& environment, Journal journal,
                       std::span<const Batch> batches, std::uint64_t moved) {
  const JournalMark mark{.journal = journal.id(), .moved = moved};
  if (const auto outcome = environment.store(batches, mark); !outcome.ok()) return outcome.error(folder);
  journal.begin();
  return Replayed{.journal = std::move(journal), .mark = mark};
}

/// Why what is in the place of the journal does not count, for a person.
std::string why_not(const Result<Journal>& found, const std::optional<JournalMark>& mark) {
  if (!found) return found.error().detail;
  if (!mark) return "the record of how far the journal was moved is damaged";
  return "the journal is another store's, or one of the two was put back without the other";
}

}  // namespace

Result<Replayed> replay_journal(const std::filesystem::path& folder, Environment& environment, std::size_t turn_bytes) {
  const auto mark = environment.journal_mark();
  if (!mark) return mark.error();
  auto found = Journal::open(folder);
  if (!found && found.error() != errc::not_found && found.error() != errc::data_damaged) return found.error();

  if (*mark && found && found->id() == (*mark)->journal) {
    auto scan = found->scan((*mark)->moved);
    if (!scan) return scan.error();
    if (scan->damage) leave_doubt_mark(folder, "the journal is damaged: " + *scan->damage);
    // The number after the last may have been used for a group that is torn.
    return store(folder, environment, std::move(*found), scan->batches, scan->last + 1);
  }

  const auto empty = environment.is_empty();
  if (!empty) return empty.error();
  if (!*empty) {
    leave_doubt_mark(folder, why_not(found, *mark));
    if (const auto kept = Journal::set_aside(folder); !kept) return kept.error();
  }
  auto created = Journal::create(folder, turn_bytes);
  if (!created) return created.error();
  return store(folder, environment, std::move(*created), {}, *mark ? (*mark)->moved : 0);
}

}  // namespace conclave::storage
