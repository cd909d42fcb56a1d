// What only a store in real files can get wrong: folders, locks, damage, full disks, kill -9.
#include <doctest/doctest.h>
#include <lmdb.h>
#include <sys/mount.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "contract/storage/helper_process.hpp"
#include "contract/storage/life.hpp"
#include "contract/storage/lmdb_fixture.hpp"

using namespace conclave;
using namespace conclave::storage;

namespace {

Error opening_error(LmdbOptions options) {
  const auto opened = open_lmdb_storage(std::move(options));
  REQUIRE_FALSE(opened);
  return opened.error();
}

bool says(const Error& error, const std::string& text) { return error.message().find(text) != std::string::npos; }

/// The store's log through plain LMDB, as somebody else would write it.
class PlainLog {
 public:
  explicit PlainLog(const std::filesystem::path& folder) {
    REQUIRE(mdb_env_create(&env_) == 0);
    REQUIRE(mdb_env_set_maxdbs(env_, 4) == 0);
    REQUIRE(mdb_env_open(env_, folder.c_str(), 0, 0600) == 0);
    REQUIRE(mdb_txn_begin(env_, nullptr, 0, &txn_) == 0);
    REQUIRE(mdb_dbi_open(txn_, "log", MDB_INTEGERKEY, &log_) == 0);
  }
  PlainLog(const PlainLog&) = delete;
  PlainLog& operator=(const PlainLog&) = delete;
  ~PlainLog() {
    mdb_txn_commit(txn_);
    mdb_env_close(env_);
  }

  [[nodiscard]] std::string get(std::size_t slot) {
    MDB_val key{sizeof slot, &slot};
    MDB_val value{};
    REQUIRE(mdb_get(txn_, log_, &key, &value) == 0);
    return {static_cast<const char*>(value.mv_data), value.mv_size};
  }
  void put(std::size_t slot, std::string record) {
    MDB_val key{sizeof slot, &slot};
    MDB_val value{record.size(), record.data()};
    REQUIRE(mdb_put(txn_, log_, &key, &value, 0) == 0);
  }

 private:
  MDB_env* env_ = nullptr;
  MDB_txn* txn_ = nullptr;
  MDB_dbi log_ = 0;
};

/// While it lives this process can open no file.
class NoMoreFiles {
 public:
  NoMoreFiles() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit none{.rlim_cur = 0, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  NoMoreFiles(const NoMoreFiles&) = delete;
  NoMoreFiles& operator=(const NoMoreFiles&) = delete;
  ~NoMoreFiles() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

/// A file system of its own that is soon full; not everybody may mount one.
class SmallFileSystem {
 public:
  SmallFileSystem() : mounted_(::mount("none", folder_.path().c_str(), "tmpfs", 0, "size=1m") == 0) {}
  SmallFileSystem(const SmallFileSystem&) = delete;
  SmallFileSystem& operator=(const SmallFileSystem&) = delete;
  ~SmallFileSystem() {
    if (mounted_) ::umount2(path().c_str(), MNT_DETACH);
  }

  [[nodiscard]] bool is_mounted() const { return mounted_; }
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }
  [[nodiscard]] bool grow() { return ::mount("none", path().c_str(), "tmpfs", MS_REMOUNT, "size=16m") == 0; }

 private:
  TemporaryFolder folder_;
  bool mounted_;
};

}  // namespace

TEST_CASE("a folder that cannot be created or used is refused with a sentence") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "file";
  std::ofstream(file) << "x";
  for (const std::filesystem::path& bad : {file, file / "below", std::filesystem::path("/proc/nothing/here"),
                                           std::filesystem::path("/proc/self"), std::filesystem::path()}) {
    const Error error = opening_error({.folder = bad});
    CAPTURE(error.message());
    CHECK(error == errc::data_dir_unusable);
    CHECK(says(error, bad.string()));
  }
}

TEST_CASE("a folder is created with its parents") {
  const TemporaryFolder folder;
  const auto deep = folder.path() / "a" / "b" / "";
  REQUIRE(open_lmdb_storage({.folder = deep}));
  CHECK(std::filesystem::is_directory(deep));
  CHECK(std::filesystem::status(deep).permissions() == std::filesystem::perms::owner_all);
  CHECK(open_lmdb_storage({.folder = deep}));
}

TEST_CASE("a folder in use is refused, naming the folder and who has it") {
  const TemporaryFolder folder;
  SUBCASE("by this process, under another name too") {
    const auto held = open_lmdb_storage({.folder = folder.path()});
    REQUIRE(held);
    const Error error = opening_error({.folder = folder.path() / ".." / folder.path().filename()});
    CHECK(error == errc::data_dir_in_use);
    CHECK(says(error, "this process"));
    CHECK(says(error, folder.path().string()));
  }
  SUBCASE("by this process, as another one sees it") {
    const auto held = open_lmdb_storage({.folder = folder.path()});
    REQUIRE(held);
    HelperProcess other(folder.path());
    const auto said = other.next_line();
    REQUIRE(said);
    CHECK(said->find("is open in process " + std::to_string(::getpid())) != std::string::npos);
  }
  SUBCASE("by another process, until it dies") {
    HelperProcess other(folder.path());
    REQUIRE(other.next_line() == "open");
    const Error error = opening_error({.folder = folder.path()});
    CHECK(error == errc::data_dir_in_use);
    CHECK(says(error, "process " + std::to_string(other.pid())));
    other.kill();
    CHECK(open_lmdb_storage({.folder = folder.path()}));
  }
}

TEST_CASE("files that are not a sound store are refused, without a crash") {
  LmdbFixture fixture;
  Life(fixture).store({.log = {entry(1, std::string(100'000, 'x'))}});
  const auto size = std::filesystem::file_size(fixture.data_file());
  SUBCASE("another file") { std::ofstream(fixture.data_file()) << std::string(10'000, '?'); }
  SUBCASE("cut short") { std::filesystem::resize_file(fixture.data_file(), 5 * 4096); }
  SUBCASE("cut to a piece of the first page") { std::filesystem::resize_file(fixture.data_file(), 100); }
  REQUIRE(std::filesystem::file_size(fixture.data_file()) != size);
  const Error error = opening_error({.folder = fixture.folder()});
  CAPTURE(error.message());
  CHECK(error == errc::data_damaged);
  CHECK(says(error, fixture.folder().string()));
}

TEST_CASE("P9: records that somebody else wrote are damaged") {
  LmdbFixture fixture;
  Life(fixture).store({.log = {entry(1, "one"), entry(2, "two"), entry(3, "three"), entry(4, "four")}});
  {
    PlainLog log(fixture.folder());
    log.put(2, "two");       // no checksum
    log.put(3, "");          // too short for one
    log.put(4, log.get(1));  // the sound record of another slot
  }
  Life life(fixture);
  CHECK(life.contents.log == std::vector{entry(1, "one")});
  CHECK(life.contents.damaged == std::vector<RecordKey>{Slot(2), Slot(3), Slot(4)});
}

TEST_CASE("P8: a full map is undone, and a larger one goes on") {
  const TemporaryFolder folder;
  LmdbStore store{{.folder = folder.path(), .map_bytes = 1 << 20, .turn_bytes = 128 << 10}};
  {
    Life life(store);
    life.store({.log = {entry(1, "fits")}});
    life.submit({.log = {{Slot(2), Bytes(2 << 20)}}});
    const Failure failure = life.failure();
    CHECK(failure.kind == FailureKind::undone);
    CHECK(failure.error == errc::disk_full);
    CHECK(says(failure.error, "map"));
  }
  store.options.map_bytes = 16 << 20;
  Life life(store);
  CHECK_FALSE(life.opening.doubt);
  CHECK(life.contents.log == std::vector{entry(1, "fits")});
  life.store({.log = {{Slot(2), Bytes(2 << 20)}}});
}

TEST_CASE("P8: a full file system is undone, and goes on when there is room") {
  SmallFileSystem small;
  if (!small.is_mounted()) {
    MESSAGE("not shown: this user may not mount a file system");
    return;
  }
  LmdbStore store{{.folder = small.path(), .turn_bytes = 128 << 10}};
  {
    Life life(store);
    life.store({.log = {entry(1, "fits")}});
    for (std::uint64_t slot = 2; slot <= 5; ++slot) life.submit({.log = {{Slot(slot), Bytes(300'000)}}});
    const Failure failure = life.failure();
    CHECK(failure.kind == FailureKind::undone);
    CHECK(failure.error == errc::disk_full);
    REQUIRE(small.grow());
    life->retry();
    CHECK(store.settle(life.recorder, [&] { return life.recorder.upto() == BatchId(5); }));
  }
  CHECK(Life(store).contents.log.size() == 5);
}

TEST_CASE("P8: a sync that finds no room is uncertain, unlike a write") {
  LmdbFixture fixture;
  Life life(fixture);
  life.store({.log = {entry(1, "durable")}});
  disk_calls::fail_next_sync(ENOSPC);
  life.submit({.log = {entry(2, "uncertain")}});
  CHECK(life.failure().kind == FailureKind::uncertain);
  CHECK(life.failure().error == errc::disk_failed);
}

TEST_CASE("P8: a failed sync is written down where no file can be opened, and taken back with the vote's loss") {
  LmdbFixture fixture;
  {
    Life life(fixture);
    life.store({.log = {entry(1, "durable")}});
    const NoMoreFiles no_more_files;
    fixture.fail_next_sync();
    life.submit({.log = {entry(2, "uncertain")}});
    CHECK_FALSE(says(life.failure().error, "written down"));
  }
  REQUIRE_FALSE(std::filesystem::exists(fixture.folder() / "IN_DOUBT"));
  {
    Life life(fixture);
    CHECK(life.opening.doubt == "in an earlier run a write or a sync failed, and why could not be written down");
    REQUIRE_FALSE(life.contents.log.empty());
    CHECK(life.contents.log.front() == entry(1, "durable"));
  }
  {
    Life life(fixture);
    CHECK(life.opening.doubt);
    life.store({.meta = {fact("vote", "lost")}, .forget_doubt = true});
  }
  CHECK_FALSE(Life(fixture).opening.doubt);
}

TEST_CASE("P8: a sync that fails while the store is closed costs the vote too") {
  LmdbFixture fixture;
  {
    Life life(fixture);
    life.store({.log = {entry(1, "durable")}});
    fixture.fail_next_sync();
  }
  const Life life(fixture);
  CHECK(life.opening.doubt.value_or("").find("a sync of the store") != std::string::npos);
  CHECK(life.contents.log == std::vector{entry(1, "durable")});
}

TEST_CASE("P8: a failed sync that cannot be written down is told") {
  LmdbFixture fixture;
  Life life(fixture);
  life.store({.log = {entry(1, "durable")}});
  disk_calls::fail_syncs(EIO);
  life.submit({.log = {entry(2, "uncertain")}});
  const Failure failure = life.failure();
  disk_calls::fail_syncs(0);
  CHECK(failure.kind == FailureKind::uncertain);
  CAPTURE(failure.error.message());
  CHECK(says(failure.error, "nor can that be written down"));
  CHECK(says(failure.error, "do not start the node on this folder again"));
}

TEST_CASE("P9: a store whose loss cannot be written down is refused, and loses no trace of it") {
  LmdbFixture fixture;
  const auto mark = fixture.folder() / "IN_DOUBT";
  Life(fixture).store({.log = {entry(1, "one")}});
  std::filesystem::create_symlink(fixture.folder() / "no" / "such", mark);  // so that it cannot be made
  std::string loss;
  SUBCASE("the journal's head is damaged") {
    loss = "the head of the journal is damaged";
    REQUIRE(LmdbFixture::turn_bit(fixture.journal_file(), "CONCLAVJ"));
  }
  SUBCASE("the journal is damaged") {
    loss = "the journal is damaged";
    std::fstream(fixture.journal_file(), std::ios::in | std::ios::out | std::ios::binary).seekp(512).put('?');
  }
  for (int again = 0; again < 2; ++again) {
    const Error error = opening_error(fixture.options);
    CAPTURE(error.message());
    CHECK(error == errc::data_dir_unusable);
    CHECK(says(error, loss));
    CHECK(says(error, "write down"));
  }
  std::filesystem::remove(mark);
  CHECK(Life(fixture).opening.doubt.value_or("").starts_with(loss));
}

TEST_CASE("stop waits for the sync that is under way") {
  LmdbFixture fixture;
  Life life(fixture);
  fixture.hold_sync();
  life.submit({.log = {entry(1, "x")}});
  fixture.await_held_sync();
  std::atomic<bool> released = false;
  std::thread disk([&] {
    released = true;
    fixture.release_sync();
  });
  life->stop();
  CHECK(released);
  CHECK(life.recorder.upto() == BatchId(1));
  disk.join();
}

TEST_CASE("P2: what was reported durable survives kill -9, whole batches only") {
  const TemporaryFolder folder;
  std::uint64_t durable = 0;
  for (int life = 0; life < 8; ++life) {
    {
      HelperProcess writer(folder.path());
      REQUIRE(writer.next_line() == "open");
      for (int i = 0; i < 20 + 7 * life; ++i) REQUIRE(writer.next_line());
      writer.kill();
      // Everything that it still said before it died.
      while (const auto said = writer.next_line()) durable = std::stoull(*said);
    }
    auto store = open_lmdb_storage({.folder = folder.path()});
    REQUIRE(store);
    Contents contents;
    REQUIRE((*store)->load(contents));
    CHECK(contents.damaged.empty());
    CHECK(contents.log.size() >= durable);
    for (std::uint64_t slot = 1; slot <= contents.log.size(); ++slot)
      REQUIRE(contents.log[slot - 1] == entry(slot, std::to_string(slot)));
    CHECK(contents.meta == std::vector{fact("last", std::to_string(contents.log.size()))});
  }
}
