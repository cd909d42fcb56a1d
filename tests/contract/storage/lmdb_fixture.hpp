// LMDB as the contract suite sees it: a real folder, real files, and system calls that fail on demand.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "contract/storage/disk_calls.hpp"
#include "contract/storage/recorder.hpp"
#include "storage/lmdb/lmdb_storage.hpp"

namespace conclave::storage {

/// A new folder, gone with everything in it at the end of the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "conclave-storage-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A store with these options.
struct LmdbStore {
  LmdbOptions options;

  [[nodiscard]] Result<std::unique_ptr<Storage>> open() { return open_lmdb_storage(options); }

  template <class Done>
  [[nodiscard]] bool settle(Recorder& recorder, Done done) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!done() && std::chrono::steady_clock::now() < limit) recorder.await_change(std::chrono::milliseconds(100));
    return done();
  }
};

class LmdbFixture : public LmdbStore {
 public:
  // Small steps and turns, so that a limit just above what is reserved now, and the end of a turn, are reached soon.
  LmdbFixture() { options = {.folder = folder_.path(), .reserve_bytes = 512 << 10, .turn_bytes = 128 << 10}; }
  LmdbFixture(const LmdbFixture&) = delete;
  LmdbFixture& operator=(const LmdbFixture&) = delete;
  ~LmdbFixture() { make_room(); }

  void hold_sync() { disk_calls::hold_sync(); }
  void await_held_sync() { disk_calls::await_held_sync(); }
  void release_sync() { disk_calls::release_sync(); }
  [[nodiscard]] std::size_t syncs() const { return disk_calls::syncs(); }

  /// No file of this process may grow beyond the size that the store has now.
  void fill_disk() { limit_file_size(std::filesystem::file_size(data_file())); }
  void make_room() { limit_file_size(RLIM_INFINITY); }
  void fail_next_write() { disk_calls::fail_next_write(EIO); }
  void fail_next_sync() { disk_calls::fail_next_sync(EIO); }

  /// Turns a bit in every copy of `value` that lies in LMDB's file. (The store was closed, so it holds everything.)
  [[nodiscard]] bool damage(const RecordKey&, const Bytes& value) { return turn_bit(data_file(), to_text(value)); }
  /// The same in any file of the store.
  [[nodiscard]] static bool turn_bit(const std::filesystem::path& path, std::string_view wanted) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    const std::string all{std::istreambuf_iterator<char>(file), {}};
    bool found = false;
    for (auto at = all.find(wanted); at != std::string::npos; at = all.find(wanted, at + 1)) {
      file.seekp(static_cast<std::streamoff>(at));
      file.put(static_cast<char>(all[at] ^ 8));
      found = true;
    }
    return found;
  }

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
  [[nodiscard]] std::filesystem::path data_file() const { return folder_.path() / "data.mdb"; }
  [[nodiscard]] std::filesystem::path journal_file() const { return folder_.path() / "journal"; }

 private:
  static void limit_file_size(rlim_t bytes) {
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = std::min(bytes, limit.rlim_max);
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }

  TemporaryFolder folder_;
};

}  // namespace conclave::storage
