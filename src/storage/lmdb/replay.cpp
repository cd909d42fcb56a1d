#include "storage/lmdb/replay.hpp"

#include <optional>
#include <string>
#include <utility>

#include "storage/lmdb/doubt_mark.hpp"
#include "storage/lmdb/file.hpp"

namespace conclave::storage {
namespace {

/// What LMDB knows is stored before the journal is used, and what it holds before it is filled again.
Result<Replayed> store(const std::filesystem::path& folder, Environment& environment, Journal journal,
                       std::span<const Batch> batches, std::uint64_t moved) {
  const JournalMark mark{.journal = journal.id(), .moved = moved};
  if (const auto outcome = environment.store(batches, mark); !outcome.ok()) {
    auto failure = outcome.error(folder);
    if (!outcome.undone()) write_down(failure, folder, journal);
    return failure;
  }
  journal.begin();
  return Replayed{.journal = std::move(journal), .mark = mark};
}

/// With a new journal.
Result<Replayed> make(const std::filesystem::path& folder, Environment& environment, std::size_t turn_bytes,
                      std::uint64_t moved) {
  auto created = Journal::create(folder, turn_bytes);
  if (!created) return created.error();
  return store(folder, environment, std::move(*created), {}, moved);
}

/// P9: the loss is on the disk before the store goes on.
Result<void> write_down_loss(const std::filesystem::path& folder, const std::string& loss) {
  const int failed = leave_doubt_mark(folder, loss);
  if (failed == 0) return {};
  auto error = unusable("write down a loss in", folder, failed);
  error.detail = loss + "; " + error.detail;
  return error;
}

/// The journal that belongs to what is in LMDB.
Result<Replayed> follow(const std::filesystem::path& folder, Environment& environment, Journal journal,
                        std::uint64_t moved) {
  auto scan = journal.scan(moved);
  if (!scan) return scan.error();
  if (scan->damage)
    if (const auto done = write_down_loss(folder, "the journal is damaged: " + *scan->damage); !done) return done.error();
  if (journal.in_doubt()) {
    const std::string loss = "in an earlier run a write or a sync failed, and why could not be written down";
    if (const auto done = write_down_loss(folder, loss); !done) return done.error();
    if (const int failed = journal.set_doubt(false); failed != 0) return unusable("write the journal in", folder, failed);
  }
  // The number after the last may have been used for a group that is torn.
  return store(folder, environment, std::move(journal), scan->batches, scan->last + 1);
}

/// Nothing was ever stored in LMDB. A journal is not written before LMDB knows it, so there can be none but a blank one, of a
/// first opening that was cut off.
Result<Replayed> begin(const std::filesystem::path& folder, Environment& environment, std::size_t turn_bytes) {
  const auto used = Journal::was_used(folder);
  if (!used) return used.error();
  if (*used)
    return Error(errc::data_damaged, "\"" + folder.string() +
                                         "\" holds the journal of a store whose data.mdb is missing or empty; put that back, or "
                                         "give the node an empty folder, and it comes back as a new member");
  return make(folder, environment, turn_bytes, 0);
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

  if (*mark && found && found->id() == (*mark)->journal)
    return follow(folder, environment, std::move(*found), (*mark)->moved);

  const auto empty = environment.is_empty();
  if (!empty) return empty.error();
  if (*empty) return begin(folder, environment, turn_bytes);
  if (const auto done = write_down_loss(folder, why_not(found, *mark)); !done) return done.error();
  if (const auto kept = Journal::set_aside(folder); !kept) return kept.error();
  return make(folder, environment, turn_bytes, *mark ? (*mark)->moved : 0);
}

}  // namespace conclave::storage
