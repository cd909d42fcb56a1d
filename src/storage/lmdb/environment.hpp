// One LMDB environment with the two databases of a store. Keeps no thread and no lock: one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <conclave/result.hpp>

#include "storage/lmdb/room.hpp"
#include "storage/storage.hpp"

struct MDB_env;
struct MDB_txn;

namespace conclave::storage {

class Environment {
 public:
  /// How a transaction ended.
  struct Outcome {
    /// 0, an error number of the system, or one of LMDB's.
    int code = 0;
    /// The commit had begun, so pages may have been written and a sync may have failed.
    bool committing = false;

    [[nodiscard]] bool ok() const { return code == 0; }
    /// P8: nothing but a write without room, before any sync, counts as undone.
    [[nodiscard]] bool undone() const;
    [[nodiscard]] Error error(const std::filesystem::path& folder) const;
  };

  /// Opens or creates the files in `folder`, which is locked, and makes them durable. Space is mapped up to `map_bytes`
  /// and reserved in steps of `reserve_bytes`. `errc::data_damaged`: the files are there and are not a sound store.
  [[nodiscard]] static Result<Environment> open(const std::filesystem::path& folder, std::uint64_t map_bytes,
                                                std::uint64_t reserve_bytes);

  /// Stores `batches` in order, whole and synced, or not at all.
  [[nodiscard]] Outcome store(const std::vector<Batch>& batches);
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
  [[nodiscard]] int make_room(const std::vector<Batch>& batches);
  [[nodiscard]] int put(MDB_txn* txn, const Batch& batch);
  [[nodiscard]] int erase(MDB_txn* txn, const Batch& batch);
  [[nodiscard]] Error cannot_read(int code) const;

  std::filesystem::path folder_;
  std::unique_ptr<MDB_env, Close> env_;
  unsigned log_ = 0;
  unsigned meta_ = 0;
  Room room_;
};

}  // namespace conclave::storage
