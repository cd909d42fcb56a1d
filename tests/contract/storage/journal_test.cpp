// The journal: what a crash may leave of it, and what it may not.
#include <doctest/doctest.h>

#include <array>
#include <fstream>
#include <iterator>

#include "contract/storage/life.hpp"
#include "contract/storage/lmdb_fixture.hpp"
#include "storage/lmdb/journal_format.hpp"

using namespace conclave;
using namespace conclave::storage;

namespace {

constexpr JournalSeed seed = 7;
constexpr std::size_t turn_bytes = 16 * sector_bytes;

/// Two turns in memory.
struct Turns {
  std::array<Bytes, 2> bytes{Bytes(turn_bytes), Bytes(turn_bytes)};

  /// Writes a group at sector `at` of a turn; the sectors it takes.
  std::size_t put(std::size_t turn, std::size_t at, std::uint64_t number, const Batch& batch, JournalSeed with = seed) {
    std::vector<JournalSector> sectors;
    write_group(sectors, with, number, std::span(&batch, 1));
    std::ranges::copy(std::as_bytes(std::span(sectors)),
                      bytes[turn].begin() + static_cast<std::ptrdiff_t>(at * sector_bytes));
    return sectors.size();
  }
  [[nodiscard]] JournalScan scan(std::uint64_t after) const {
    const std::array<BytesView, 2> views{bytes[0], bytes[1]};
    return scan_journal(views, seed, after);
  }
};

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Batch log_of(std::uint64_t slot, std::size_t size = 3) { return {.log = {entry(slot, std::string(size, 'v'))}}; }

}  // namespace

TEST_CASE("a journal gives back whole batches, over both turns, above what is known") {
  Turns turns;
  const Batch everything{.erase_log = {{Slot(1), Slot(9)}},
                         .erase_meta = {"gone", ""},
                         .log = {entry(7, "seven"), entry(8, std::string(2000, 'x'))},
                         .meta = {fact("promise", "9.1")},
                         .forget_doubt = true};
  turns.put(1, 0, 4, log_of(4));
  const auto parts = turns.put(1, 1, 5, everything);
  turns.put(1, 1 + parts, 6, log_of(6));
  turns.put(0, 0, 7, log_of(7));
  const auto scan = turns.scan(4 - 1);
  CHECK_FALSE(scan.damage);
  CHECK(scan.last == 7);
  CHECK(scan.batches == std::vector{log_of(4), everything, log_of(6), log_of(7)});
  CHECK(turns.scan(6).batches == std::vector{log_of(7)});
  CHECK(turns.scan(7).batches.empty());
  CHECK(turns.scan(100).last == 100);
}

TEST_CASE("P9: a torn group ends the journal, whichever of its sectors are still older ones") {
  Turns older;
  for (std::uint64_t number = 1; number <= 8; ++number) older.put(0, number - 1, number, log_of(number));
  Turns newer = older;
  newer.put(0, 0, 9, log_of(9));
  const auto parts = newer.put(0, 1, 10, log_of(10, 1200));
  REQUIRE(parts == 3);
  for (unsigned kept = 0; kept < 7; ++kept) {
    Turns torn = newer;
    for (std::size_t part = 0; part < parts; ++part)
      if ((kept >> part & 1U) == 0) {
        const auto at = static_cast<std::ptrdiff_t>((1 + part) * sector_bytes);
        std::copy_n(older.bytes[0].begin() + at, sector_bytes, torn.bytes[0].begin() + at);
      }
    const auto scan = torn.scan(8);
    CHECK_FALSE(scan.damage);
    CHECK(scan.batches == std::vector{log_of(9)});
  }
  CHECK(newer.scan(8).last == 10);
}

TEST_CASE("P9: one turned bit where the journal goes on is damage, not an end") {
  Turns sound;
  sound.put(0, 0, 1, log_of(1));
  sound.put(0, 1, 2, log_of(2, 1200));
  sound.put(0, 4, 3, log_of(3));
  for (std::size_t sector = 0; sector <= 5; ++sector)  // the fifth was never written
    for (const std::size_t bit : {0U, 40U, 70U, 140U, 4000U}) {
      Turns turned = sound;
      turned.bytes[0][sector * sector_bytes + bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
      CAPTURE(sector);
      CAPTURE(bit);
      const auto scan = turned.scan(0);
      CHECK(scan.damage);
      CHECK(scan.last <= 3);
    }
  CHECK_FALSE(sound.scan(0).damage);
}

TEST_CASE("P9: a group that is missing before others is damage") {
  Turns turns;
  SUBCASE("in the middle of a turn") {
    turns.put(0, 0, 1, log_of(1));
    turns.put(0, 2, 3, log_of(3));
  }
  SUBCASE("at its beginning") { turns.put(0, 1, 2, log_of(2)); }
  SUBCASE("because LMDB is older than the journal") { turns.put(1, 0, 5, log_of(5)); }
  CHECK(turns.scan(0).damage);
}

TEST_CASE("the sectors of another journal count for nothing, and are not taken for sound") {
  Turns turns;
  turns.put(0, 0, 1, log_of(1), seed + 1);
  CHECK(turns.scan(0).batches.empty());
  CHECK(turns.scan(0).damage);
}

TEST_CASE("one flush for a batch, and LMDB's once for many") {
  LmdbFixture fixture;
  fixture.options.turn_bytes = 1 << 20;
  Life life(fixture);
  const auto before = fixture.syncs();
  for (std::uint64_t slot = 1; slot <= 100; ++slot) life.store(log_of(slot));
  CHECK(fixture.syncs() == before + 100);
}

TEST_CASE("P8: what the journal took is moved when LMDB has room again") {
  LmdbStore store;
  const TemporaryFolder folder;
  store.options = {.folder = folder.path(), .map_bytes = 1 << 20, .turn_bytes = 256 << 10};
  std::uint64_t slot = 0;
  {
    Life life(store);
    while (life.recorder.failures().empty() && slot < 100) {
      life.submit({.log = {{Slot(++slot), Bytes(20'000)}}});
      REQUIRE(store.settle(life.recorder, [&] {
        return life.recorder.upto() == BatchId(slot) || !life.recorder.failures().empty();
      }));
    }
    const Failure failure = life.failure();
    CHECK(failure.kind == FailureKind::undone);
    CHECK(failure.first == life.recorder.upto().next());
    slot = life.recorder.upto().value;
  }
  const auto small = store.open();
  REQUIRE_FALSE(small);
  CHECK(small.error() == errc::disk_full);
  store.options.map_bytes = 16 << 20;
  Life life(store);
  CHECK_FALSE(life.opening.doubt);
  CHECK(life.contents.log.size() >= slot);
}

TEST_CASE("P9: a store whose journal is damaged, missing or another's has no vote") {
  LmdbFixture fixture;
  const TemporaryFolder killed;
  {
    Life life(fixture);
    life.store({.log = {entry(1, "one")}, .meta = {fact("promise", "a promise like no other")}});
    for (const auto* name : {"data.mdb", "journal"})
      std::filesystem::copy_file(fixture.folder() / name, killed.path() / name);
  }
  LmdbStore store{{.folder = killed.path()}};
  std::string said;
  SUBCASE("sound") {}
  SUBCASE("a turned bit") {
    said = "the journal is damaged: ";
    REQUIRE(LmdbFixture::turn_bit(killed.path() / "journal", "a promise like no other"));
  }
  SUBCASE("a turned bit in its head") {
    said = "the head of the journal is damaged";
    REQUIRE(LmdbFixture::turn_bit(killed.path() / "journal", "CONCLAVJ"));
  }
  SUBCASE("missing") {
    said = "the journal is missing";
    std::filesystem::remove(killed.path() / "journal");
  }
  SUBCASE("cut short") {
    said = "cut short";
    std::filesystem::resize_file(killed.path() / "journal", 100'000);
  }
  SUBCASE("cut to nothing") {
    said = "cut short";
    std::filesystem::resize_file(killed.path() / "journal", 0);
  }
  SUBCASE("of another store") {
    said = "another store's";
    const TemporaryFolder other;
    REQUIRE(open_lmdb_storage({.folder = other.path()}));
    std::filesystem::copy_file(other.path() / "journal", killed.path() / "journal",
                               std::filesystem::copy_options::overwrite_existing);
  }
  SUBCASE("newer than LMDB, which was put back") {
    said = "put back";
    std::filesystem::remove(killed.path() / "data.mdb");
    std::filesystem::remove(killed.path() / "journal");
    REQUIRE(open_lmdb_storage({.folder = killed.path()}));
    std::filesystem::copy_file(fixture.folder() / "journal", killed.path() / "journal",
                               std::filesystem::copy_options::overwrite_existing);
  }
  const bool sound = said.empty();
  std::optional<std::string> doubt;
  {
    Life life(store);
    doubt = life.opening.doubt;
    REQUIRE(doubt.has_value() == !sound);
    CAPTURE(doubt.value_or(""));
    CHECK(doubt.value_or("").find(said) != std::string::npos);
    CHECK(doubt.value_or("").find("sync") == std::string::npos);
    CHECK(life.contents.log.size() == (sound ? 1 : 0));
    life.store({.log = {entry(2, "goes on")}});
  }
  Life life(store);
  CHECK(life.opening.doubt == doubt);
  CHECK(life.contents.log.back() == entry(2, "goes on"));
}

TEST_CASE("P9: a turned bit in the journal's head is never taken for no journal") {
  constexpr std::size_t head_bytes = 32;
  LmdbFixture fixture;
  const TemporaryFolder killed;
  Life life(fixture);
  life.store({.log = {entry(1, "a value like no other")}});
  for (std::size_t at = 0; at < head_bytes; ++at) {
    CAPTURE(at);
    for (const auto* name : {"data.mdb", "journal"})
      std::filesystem::copy_file(fixture.folder() / name, killed.path() / name,
                                 std::filesystem::copy_options::overwrite_existing);
    std::filesystem::remove(killed.path() / "IN_DOUBT");
    auto journal = read_file(killed.path() / "journal");
    journal[at] = static_cast<char>(journal[at] ^ (1 << at % 8));
    std::ofstream(killed.path() / "journal", std::ios::binary) << journal;

    const auto opened = open_lmdb_storage({.folder = killed.path()});
    if (opened) {
      Contents contents;
      const auto opening = (*opened)->load(contents);
      REQUIRE(opening);
      CHECK(opening->doubt == "the head of the journal is damaged");
      CHECK(read_file(killed.path() / "journal.damaged") == journal);
    } else {
      CHECK(opened.error() == errc::data_dir_unusable);
      CHECK(opened.error().message().find("this build reads version 1 only; start the build that wrote it") != std::string::npos);
      CHECK(read_file(killed.path() / "journal") == journal);
      CHECK_FALSE(std::filesystem::exists(killed.path() / "IN_DOUBT"));
    }
    // Where the version stands.
    CHECK(opened.has_value() == (at < 8 || at >= 12));
  }
}

TEST_CASE("P9: a journal without its data.mdb is no empty store") {
  LmdbFixture fixture;
  const auto journal = [&] { return read_file(fixture.journal_file()); };
  Life(fixture).store({.log = {entry(1, "one")}});
  const auto whole = read_file(fixture.data_file());
  SUBCASE("it was deleted") { std::filesystem::remove(fixture.data_file()); }
  SUBCASE("it was emptied") { std::filesystem::resize_file(fixture.data_file(), 0); }
  SUBCASE("and the journal's head is damaged") {
    std::filesystem::remove(fixture.data_file());
    REQUIRE(LmdbFixture::turn_bit(fixture.journal_file(), "CONCLAVJ"));
  }
  const auto before = journal();
  for (int again = 0; again < 2; ++again) {
    const auto opened = fixture.open();
    REQUIRE_FALSE(opened);
    CAPTURE(opened.error().message());
    CHECK(opened.error() == errc::data_damaged);
    CHECK(opened.error().message().find("data.mdb is missing or empty; put that back") != std::string::npos);
    CHECK(journal() == before);
  }
  std::ofstream(fixture.data_file(), std::ios::binary) << whole;
  CHECK(Life(fixture).contents.log == std::vector{entry(1, "one")});
}

TEST_CASE("a first opening that was cut off leaves an empty store, whatever of the journal was made") {
  LmdbFixture fixture;
  REQUIRE(fixture.open());
  const auto journal = read_file(fixture.journal_file()).substr(0, sector_bytes) + std::string(turn_bytes, '\0');
  std::filesystem::remove(fixture.data_file());
  SUBCASE("nothing") { std::ofstream(fixture.journal_file(), std::ios::binary) << ""; }
  SUBCASE("blanks") { std::ofstream(fixture.journal_file(), std::ios::binary) << std::string(turn_bytes, '\0'); }
  SUBCASE("its head, and not all that is behind it") { std::ofstream(fixture.journal_file(), std::ios::binary) << journal; }
  Life life(fixture);
  CHECK_FALSE(life.opening.doubt);
  CHECK(life.contents.log.empty());
  life.store({.log = {entry(1, "one")}});
}

TEST_CASE("P8: a sync that fails while the journal is moved on opening costs the vote") {
  LmdbFixture fixture;
  const TemporaryFolder killed;
  {
    Life life(fixture);
    life.store({.log = {entry(1, "one")}});
    for (const auto* name : {"data.mdb", "journal"})
      std::filesystem::copy_file(fixture.folder() / name, killed.path() / name);
  }
  LmdbStore store{{.folder = killed.path()}};
  fixture.fail_next_sync();
  const auto opened = store.open();
  REQUIRE_FALSE(opened);
  CHECK(opened.error() == errc::disk_failed);
  const Life life(store);
  CHECK(life.opening.doubt.value_or("").find("a sync of the store") != std::string::npos);
  CHECK(life.contents.log == std::vector{entry(1, "one")});
}

TEST_CASE("P9: what is left of a torn group never becomes part of a later one") {
  constexpr std::size_t parts = 3;
  const auto whole_group = [](char filler) { return Batch{.log = {entry(1, std::string(1200, filler))}}; };
  const auto sectors_of = [](const std::filesystem::path& folder) {
    std::ifstream file(folder / "journal", std::ios::binary);
    std::string bytes(parts * sector_bytes, '\0');
    file.seekg(sector_bytes);  // behind the file's head
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return bytes;
  };
  const auto put_sector = [](const std::filesystem::path& folder, std::size_t part, std::string_view bytes) {
    std::fstream file(folder / "journal", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>((1 + part) * sector_bytes));
    file.write(bytes.data(), sector_bytes);
  };
  // Stores one group in `store`, and leaves in `killed` what is there without closing it.
  const auto store_and_kill = [&](LmdbStore store, const std::filesystem::path& killed, char filler) {
    Life life(store);
    CHECK(life.contents.log.empty());
    CHECK_FALSE(life.opening.doubt);
    life.store(whole_group(filler));
    for (const auto* name : {"data.mdb", "journal"})
      std::filesystem::copy_file(store.options.folder / name, killed / name);
  };

  const LmdbFixture fixture;
  const TemporaryFolder first;
  const TemporaryFolder second;
  store_and_kill({fixture.options}, first.path(), 'a');
  const std::string older = sectors_of(first.path());
  put_sector(first.path(), 1, std::string(sector_bytes, '\0'));
  store_and_kill({{.folder = first.path()}}, second.path(), 'b');
  REQUIRE(sectors_of(second.path()).find('b') != std::string::npos);
  put_sector(second.path(), 0, older.substr(0, sector_bytes));

  LmdbStore store{{.folder = second.path()}};
  const Life life(store);
  CHECK(life.contents.log.empty());
  CHECK_FALSE(life.opening.doubt);
}
