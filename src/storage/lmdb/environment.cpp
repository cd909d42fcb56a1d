#include "storage/lmdb/environment.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "storage/batch.hpp"
#include "storage/lmdb/file.hpp"
#include "storage/lmdb/transaction.hpp"
#include "storage/log_collector.hpp"
#include "storage/record.hpp"

namespace conclave::storage {
namespace {

constexpr mode_t owner_only = 0600;
constexpr unsigned databases_max = 4;
constexpr std::string_view mark_name = "journal";

/// The end of what LMDB uses of its file.
std::uint64_t used_bytes(MDB_env* env) {
  MDB_envinfo info{};
  MDB_stat stat{};
  mdb_env_info(env, &info);
  mdb_env_stat(env, &stat);
  return (info.me_last_pgno + 1) * stat.ms_psize;
}

Error cannot_open(const std::filesystem::path& folder, std::uint64_t map_bytes, int code) {
  if (code == ENOMEM)
    return {errc::data_dir_unusable, "cannot map " + std::to_string(map_bytes >> 20) + " MiB for the store in \"" +
                                         folder.string() + "\"; lower the size of the map, or raise the limit on " +
                                         "address space (ulimit -v)"};
  if (code > 0) return unusable("open the store in", folder, code);
  return {errc::data_damaged, "\"" + folder.string() + "\" holds no sound store: " + mdb_strerror(code) +
                                  "; if this node is to join anew, name an empty folder"};
}

/// LMDB writes the first pages of a new file and does not sync them: a power cut then leaves a file that is no store, and that
/// nobody dares to replace. So it is made under another name, and takes its own when it is durable. 0 or an error number.
int make_file(const std::filesystem::path& folder) {
  const auto file = folder / "data.mdb";
  const auto draft = folder / "data.new";
  if (::access(file.c_str(), F_OK) == 0 || errno != ENOENT) return 0;
  if (::unlink(draft.c_str()) != 0 && errno != ENOENT) return errno;
  MDB_env* env = nullptr;
  int code = mdb_env_create(&env);
  if (code != 0) return code;
  // The folder is locked: a lock file for the draft would only be left behind.
  code = mdb_env_open(env, draft.c_str(), MDB_NOSUBDIR | MDB_NOLOCK, owner_only);
  if (code == 0) code = mdb_env_sync(env, 1);
  mdb_env_close(env);
  if (code == 0 && std::rename(draft.c_str(), file.c_str()) != 0) code = errno;
  return code;
}

int put_record(MDB_txn* txn, MDB_dbi database, MDB_val key, const auto& name, BytesView value, unsigned flags) {
  MDB_val record{record_header_bytes + value.size(), nullptr};
  const int code = mdb_put(txn, database, &key, &record, MDB_RESERVE | flags);
  if (code == 0) write_record({static_cast<std::byte*>(record.mv_data), record.mv_size}, name, value);
  return code;
}

}  // namespace

void Environment::Close::operator()(MDB_env* env) const { mdb_env_close(env); }

// No MDB_WRITEMAP (a full disk would kill the process) and no MDB_NOSYNC (no barrier between data and meta pages).
// LMDB's default: a commit returns when data pages are synced and the meta page that names them is synced after them.
Result<Environment> Environment::open(const std::filesystem::path& folder, std::uint64_t map_bytes,
                                      std::uint64_t reserve_bytes) {
  if (const int code = make_file(folder); code != 0) return cannot_open(folder, map_bytes, code);
  MDB_env* created = nullptr;
  if (const int code = mdb_env_create(&created); code != 0) return cannot_open(folder, map_bytes, code);
  Environment environment(folder, std::unique_ptr<MDB_env, Close>(created));
  MDB_env* env = environment.env_.get();
  int code = mdb_env_set_mapsize(env, map_bytes);
  if (code == 0) code = mdb_env_set_maxdbs(env, databases_max);
  if (code == 0) code = mdb_env_open(env, folder.c_str(), MDB_NOTLS, owner_only);
  if (code != 0) return cannot_open(folder, map_bytes, code);
  if (const auto sound = environment.check_size(); !sound) return sound.error();
  code = environment.open_databases();
  // The files' names are stored in the folder, which LMDB does not sync.
  if (code == 0) code = sync_folder(folder);
  if (code != 0) return cannot_open(folder, map_bytes, code);

  int file = -1;
  mdb_env_get_fd(env, &file);
  environment.room_ = Room(file, used_bytes(env), reserve_bytes);
  return environment;
}

// Reading a page that is mapped but beyond the end of its file would kill the process.
Result<void> Environment::check_size() {
  int file = -1;
  mdb_env_get_fd(env_.get(), &file);
  struct stat status{};
  if (::fstat(file, &status) != 0) return unusable("examine", folder_, errno);
  const std::uint64_t used = used_bytes(env_.get());
  if (static_cast<std::uint64_t>(status.st_size) >= used) return {};
  return Error(errc::data_damaged, "the store in \"" + folder_.string() + "\" has been cut short to " +
                                       std::to_string(status.st_size) + " of " + std::to_string(used) + " bytes");
}

int Environment::open_databases() {
  Transaction txn(env_.get(), 0);
  int code = txn.code();
  if (code == 0) code = mdb_dbi_open(txn.get(), "log", MDB_CREATE | MDB_INTEGERKEY, &log_);
  if (code == 0) code = mdb_dbi_open(txn.get(), "meta", MDB_CREATE, &meta_);
  if (code == 0) code = mdb_dbi_open(txn.get(), "journal", MDB_CREATE, &journal_);
  return code == 0 ? txn.commit() : code;
}

Outcome Environment::store(std::span<const Batch> batches, const JournalMark& mark) {
  if (const int code = make_room(batches); code != 0) return {code, false};
  Transaction txn(env_.get(), 0);
  if (txn.code() != 0) return {txn.code(), false};
  for (const Batch& batch : batches) {
    if (const int code = erase(txn.get(), batch); code != 0) return {code, false};
    if (const int code = put(txn.get(), batch); code != 0) return {code, false};
  }
  if (const int code = put_mark(txn.get(), mark); code != 0) return {code, false};
  return {txn.commit(), true};
}

// An estimate from above of how far the file may grow: pages half full, a page of its own for what is large or lies
// apart, and some for the tree above them. Were it ever too low, a full disk would cost the vote, not the data.
int Environment::make_room(std::span<const Batch> batches) {
  constexpr std::uint64_t page = 4096;
  constexpr std::uint64_t record_overhead = 32;
  std::uint64_t bytes = 64 * page;
  for (const Batch& batch : batches) {
    bytes += 2 * batch_bytes(batch) + (batch.meta.size() + batch.erase_meta.size()) * page;
    for (const LogRecord& record : batch.log) bytes += record.value.size() < page / 4 ? 2 * record_overhead : 2 * page;
  }
  return room_.make(used_bytes(env_.get()), bytes);
}

int Environment::erase(MDB_txn* txn, const Batch& batch) {
  for (const SlotRange& range : batch.erase_log) {
    Cursor cursor(txn, log_);
    for (Slot from = range.first;; ++from) {
      MDB_val key = value_of(from);
      MDB_val value{};
      int code = cursor.move(key, value, MDB_SET_RANGE);
      if (code == MDB_NOTFOUND) break;
      if (code != 0) return code;
      from = slot_of(key);
      if (from > range.last) break;
      code = mdb_cursor_del(cursor.get(), 0);
      if (code != 0) return code;
    }
  }
  for (const std::string& name : batch.erase_meta) {
    MDB_val key = value_of(name);
    if (const int code = mdb_del(txn, meta_, &key, nullptr); code != 0 && code != MDB_NOTFOUND) return code;
  }
  return 0;
}

int Environment::put(MDB_txn* txn, const Batch& batch) {
  Slot last;
  if (!batch.log.empty()) {
    Cursor cursor(txn, log_);
    MDB_val key{};
    MDB_val value{};
    const int code = cursor.move(key, value, MDB_LAST);
    if (code != 0 && code != MDB_NOTFOUND) return code;
    if (code == 0) last = slot_of(key);
  }
  for (const LogRecord& record : batch.log) {
    // MDB_APPEND fills pages to the end; otherwise LMDB would leave them half empty.
    const unsigned flags = record.slot > last ? MDB_APPEND : 0;
    last = std::max(last, record.slot);
    const int code = put_record(txn, log_, value_of(record.slot), record.slot, record.value, flags);
    if (code != 0) return code;
  }
  for (const MetaRecord& record : batch.meta) {
    const std::string_view name = record.key;
    if (const int code = put_record(txn, meta_, value_of(name), name, record.value, 0); code != 0) return code;
  }
  return 0;
}

int Environment::put_mark(MDB_txn* txn, const JournalMark& mark) {
  return put_record(txn, journal_, value_of(mark_name), mark_name, std::as_bytes(std::span(&mark, 1)), 0);
}

Result<std::optional<JournalMark>> Environment::journal_mark() {
  Transaction txn(env_.get(), MDB_RDONLY);
  MDB_val key = value_of(mark_name);
  MDB_val stored{};
  const int code = txn.code() != 0 ? txn.code() : mdb_get(txn.get(), journal_, &key, &stored);
  if (code == MDB_NOTFOUND) return std::optional<JournalMark>();
  if (code != 0) return cannot_read(code);
  const auto value = read_record(bytes_of(stored), mark_name);
  JournalMark mark;
  if (!value || value->size() != sizeof mark) return std::optional<JournalMark>();
  std::memcpy(&mark, value->data(), sizeof mark);
  return std::optional(mark);
}

Result<bool> Environment::is_empty() {
  Transaction txn(env_.get(), MDB_RDONLY);
  if (txn.code() != 0) return cannot_read(txn.code());
  for (const auto database : {log_, meta_, journal_}) {
    MDB_stat stat{};
    if (const int code = mdb_stat(txn.get(), database, &stat); code != 0) return cannot_read(code);
    if (stat.ms_entries > 0) return false;
  }
  return true;
}

Error Environment::cannot_read(int code) const {
  const std::string what = "cannot read the store in \"" + folder_.string() + "\": " + mdb_strerror(code);
  return {code > 0 ? errc::disk_failed : errc::data_damaged, what};
}

Result<void> Environment::load(Loader& loader) {
  Transaction txn(env_.get(), MDB_RDONLY);
  if (txn.code() != 0) return cannot_read(txn.code());
  const auto walk = [&](MDB_dbi database, const auto& take) {
    Cursor cursor(txn.get(), database);
    MDB_val key{};
    MDB_val stored{};
    int code = cursor.move(key, stored, MDB_FIRST);
    for (; code == 0; code = cursor.move(key, stored, MDB_NEXT)) take(key, stored);
    return code == MDB_NOTFOUND ? 0 : code;
  };
  const auto take = [&](const auto& name, const MDB_val& stored, const auto& give) {
    if (const auto value = read_record(bytes_of(stored), name))
      give(*value);
    else
      loader.on_damaged(RecordKey(std::in_place_index<std::is_same_v<decltype(name), const Slot&> ? 0 : 1>, name));
  };
  int code = walk(meta_, [&](const MDB_val& key, const MDB_val& stored) {
    const std::string_view name = to_text(bytes_of(key));
    take(name, stored, [&](BytesView value) { loader.on_meta(name, value); });
  });
  if (code == 0)
    code = walk(log_, [&](const MDB_val& key, const MDB_val& stored) {
      const Slot slot = slot_of(key);
      take(slot, stored, [&](BytesView value) { loader.on_log(slot, value); });
    });
  if (code != 0) return cannot_read(code);
  return {};
}

Result<LogRead> Environment::read_log(SlotRange range, std::size_t bytes_max) {
  LogCollector collector(range, bytes_max);
  Transaction txn(env_.get(), MDB_RDONLY);
  if (txn.code() != 0) return cannot_read(txn.code());
  Cursor cursor(txn.get(), log_);
  MDB_val key = value_of(range.first);
  MDB_val stored{};
  int code = cursor.move(key, stored, MDB_SET_RANGE);
  for (; code == 0 && slot_of(key) <= range.last; code = cursor.move(key, stored, MDB_NEXT))
    if (!collector.take(slot_of(key), bytes_of(stored))) break;
  if (code != 0 && code != MDB_NOTFOUND) return cannot_read(code);
  return collector.finish();
}

}  // namespace conclave::storage
