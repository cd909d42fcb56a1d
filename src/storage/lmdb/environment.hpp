// One LMDB environment with the databases of a store: its log, its meta records, and how far the journal was moved. Keeps no thread and no lock: one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <conclave/result.hpp>

#include "storage/lmdb/journal.hpp"
#include "storage/lmdb/outcome.hpp"
#include "storage/lmdb/room.hpp"
#include "storage/storage.hpp"

struct MDB_env;
struct MDB_txn;

namespace conclave::storage {

class Environment {
 public:
  /// Opens or creates the files in `folder`, which is locked, and makes them durable. Space is mapped up to `map_bytes`
  /// and reserved in steps of `reserve_bytes`. `errc::data_damaged`: the files are there and are not a sound store.
  [[nodiscard]] static Result<Environment> open(const std::filesystem::path& folder, std::uint64_t map_bytes,
                                                std::uint64_t reserve_bytes);

  /// Stores `batches` in order, with what is known of the journal then, whole and synced, or not at all.
  [[nodiscard]] Outcome store(std::span<const Batch> batches, const JournalMark& mark);
  /// What was stored last. Nothing: never, or it is damaged.
  [[nodiscard]] Result<std::optional<JournalMark>> journal_mark();
  /// Nothing at all was ever stored.
  [[nodiscard]] Result<bool> is_empty();
  /// `errc::data_damaged`: LMDB cannot follow its own pages.
  [[nodiscard]] Result<void> load(Loader& loader);
  [[nodiscard]] Result<LogRead> read_log(SlotRange range, std::size_t bytes_max);

 private:
  struct Close {
    void operator()(MDB_env* env) const;
  };

  Environment(std::filesystem::path folder, std::unique_ptr<MDB_env, Close> env)
      : folder_(std::move(folder)), env_(std::move(env)) {}

  [[nodiscard]] int open_databases();
  [[nodiscard]] Result<void> check_size();
  [[nodiscard]] int make_room(std::span<const Batch> batches);
  [[nodiscard]] int put(MDB_txn* txn, const Batch& batch);
  [[nodiscard]] int erase(MDB_txn* txn, const Batch& batch);
  [[nodiscard]] int put_mark(MDB_txn* txn, const JournalMark& mark);
  [[nodiscard]] Error cannot_read(int code) const;

  std::filesystem::path folder_;
  std::unique_ptr<MDB_env, Close> env_;
  unsigned log_ = 0;
  unsigned meta_ = 0;
  unsigned journal_ = 0;
  Room room_;
};

}  // namespace conclave::storage
