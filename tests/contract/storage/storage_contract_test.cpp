// The contract of the storage port, over LMDB and over its in-memory twin.
#include <doctest/doctest.h>

#include <algorithm>

#include "base/invariant.hpp"
#include "contract/storage/life.hpp"
#include "contract/storage/lmdb_fixture.hpp"
#include "contract/storage/memory_fixture.hpp"

using namespace conclave;
using namespace conclave::storage;

#define STORAGE_CONTRACT(name) TEST_CASE_TEMPLATE(name, Fixture, MemoryFixture, LmdbFixture)

STORAGE_CONTRACT("load gives back what was stored, meta by key and log by slot") {
  Fixture fixture;
  const std::string longest(meta_key_bytes_max, 'k');
  const Bytes large(1 << 20, std::byte{7});
  {
    Life life(fixture);
    CHECK(life.contents.meta.empty());
    CHECK(life.contents.log.empty());
    CHECK_FALSE(life.opening.doubt);
    life.store({.log = {entry(300, "c"), entry(2, ""), {Slot(256), large}},
                .meta = {fact("promise", "9.1"), fact(longest, "")}});
    life.store({.log = {entry(1, "a")}, .meta = {fact("a", "x")}});
  }
  Life life(fixture);
  CHECK(life.contents.log == std::vector{entry(1, "a"), entry(2, ""), LogRecord{Slot(256), large}, entry(300, "c")});
  CHECK(life.contents.meta == std::vector{fact("a", "x"), fact(longest, ""), fact("promise", "9.1")});
  CHECK(life.contents.damaged.empty());
}

STORAGE_CONTRACT("a batch erases first and then puts, and takes the place of what was there") {
  Fixture fixture;
  {
    Life life(fixture);
    Batch five;
    for (std::uint64_t slot = 1; slot <= 5; ++slot) five.log.push_back(entry(slot, "old"));
    five.meta = {fact("gone", "1"), fact("kept", "1"), fact("changed", "1")};
    life.store(std::move(five));
    life.store({.erase_log = {{Slot(2), Slot(4)}, {Slot(9), Slot(1)}},
                .erase_meta = {"gone", "changed", "never there"},
                .log = {entry(3, "a longer new one")},
                .meta = {fact("changed", "2")}});
  }
  Life life(fixture);
  CHECK(life.contents.log == std::vector{entry(1, "old"), entry(3, "a longer new one"), entry(5, "old")});
  CHECK(life.contents.meta == std::vector{fact("changed", "2"), fact("kept", "1")});
}

STORAGE_CONTRACT("batches that wait share one sync and keep their order") {
  Fixture fixture;
  {
    Life life(fixture);
    fixture.hold_sync();
    life.submit({.log = {entry(1, "first")}});
    fixture.await_held_sync();
    CHECK(life.recorder.durable().empty());  // P2: nothing is durable before its sync has returned
    const std::size_t before = fixture.syncs();
    for (int i = 0; i < 50; ++i) {
      life.submit({.log = {entry(2, "put"), entry(3, "put")}});
      life.submit({.erase_log = {{Slot(2), Slot(3)}}});
    }
    life.submit({.log = {entry(3, "last")}});
    fixture.release_sync();
    life.sync();
    CHECK(fixture.syncs() <= before + 2);
    const auto durable = life.recorder.durable();
    CHECK(std::ranges::is_sorted(durable));
    CHECK(durable.front() == BatchId(1));
    CHECK(durable.back() == BatchId(102));
  }
  CHECK(Life(fixture).contents.log == std::vector{entry(1, "first"), entry(3, "last")});
}

STORAGE_CONTRACT("P9: a damaged record is missing, not absent") {
  Fixture fixture;
  Life<Fixture>(fixture).store({.log = {entry(1, "one"), entry(2, "a value like no other"), entry(3, "three")},
                                .meta = {fact("promise", "nobody else says this"), fact("watermark", "3")}});
  REQUIRE(fixture.damage(Slot(2), to_bytes("a value like no other")));
  REQUIRE(fixture.damage("promise", to_bytes("nobody else says this")));

  Life life(fixture);
  CHECK(life.contents.damaged == std::vector<RecordKey>{std::string("promise"), Slot(2)});
  CHECK(life.contents.log == std::vector{entry(1, "one"), entry(3, "three")});
  CHECK(life.contents.meta == std::vector{fact("watermark", "3")});
  CHECK(life.read({Slot(1), Slot(3)}, 1000).damaged == std::vector{Slot(2)});
}

STORAGE_CONTRACT("P8: a write without room is undone, waits, and goes on when there is room") {
  Fixture fixture;
  std::vector<LogRecord> stored;
  {
    Life life(fixture);
    life.store({.meta = {fact("promise", "1")}});
    fixture.fill_disk();
    // More than any reserve that the store has already made.
    for (std::uint64_t slot = 1; slot <= 40; ++slot) {
      stored.push_back(entry(slot, std::string(100'000, static_cast<char>('a' + slot % 26))));
      life.submit({.log = {stored.back()}});
    }
    const Failure failure = life.failure();
    CHECK(failure.kind == FailureKind::undone);
    CHECK(failure.error == errc::disk_full);
    CHECK(failure.first == life.recorder.upto().next());
    CHECK(failure.first < BatchId(41));
    const BatchId late = life.submit({.meta = {fact("promise", "2")}});
    CHECK(life.recorder.failures().size() == 1);

    life->retry();  // still no room
    REQUIRE(fixture.settle(life.recorder, [&] { return life.recorder.failures().size() == 2; }));
    CHECK(life.recorder.failures().back().first == failure.first);

    fixture.make_room();
    life->retry();
    REQUIRE(fixture.settle(life.recorder, [&] { return life.recorder.upto() == late; }));
    CHECK(life.recorder.failures().size() == 2);
  }
  Life life(fixture);
  CHECK_FALSE(life.opening.doubt);
  CHECK(life.contents.log == stored);
  CHECK(life.contents.meta == std::vector{fact("promise", "2")});
}

STORAGE_CONTRACT("P8: a store killed while its write waits for room has what was durable") {
  Fixture fixture;
  BatchId durable;
  {
    Life life(fixture);
    life.store({.meta = {fact("promise", "1")}});
    fixture.fill_disk();
    for (std::uint64_t slot = 1; slot <= 40; ++slot) life.submit({.log = {entry(slot, std::string(100'000, 'x'))}});
    life.failure();
    durable = life.recorder.upto();
  }
  fixture.make_room();
  Life life(fixture);
  CHECK_FALSE(life.opening.doubt);
  CHECK(life.contents.log.size() == durable.value - 1);
  CHECK(life.contents.meta == std::vector{fact("promise", "1")});
  life.store({.log = {entry(100, "goes on")}});
}

STORAGE_CONTRACT("P8: after a failed sync or write the store has lost its vote, in later lives too") {
  Fixture fixture;
  {
    Life life(fixture);
    life.store({.log = {entry(1, "durable")}});
    SUBCASE("sync") { fixture.fail_next_sync(); }
    SUBCASE("write") { fixture.fail_next_write(); }
    life.submit({.log = {entry(2, std::string(700'000, 'u'))}});
    const Failure failure = life.failure();
    CHECK(failure.kind == FailureKind::uncertain);
    CHECK(failure.first == BatchId(2));
    CHECK(failure.error == errc::disk_failed);

    // Nothing is written any more, even though the disk would.
    life.submit({.log = {entry(3, "late")}});
    life->retry();
    CHECK(life.read({Slot(3), Slot(3)}, 100).records.empty());
    CHECK(life.recorder.upto() == BatchId(1));
    CHECK(life.recorder.failures().size() == 1);
  }
  {
    Life life(fixture);
    REQUIRE(life.opening.doubt);
    CHECK(life.opening.doubt->starts_with("in an earlier run "));
    REQUIRE_FALSE(life.contents.log.empty());
    CHECK(life.contents.log.front() == entry(1, "durable"));
    CHECK(life.contents.log.back().slot <= Slot(2));
    life.store({.meta = {fact("other", "x")}});
  }
  {
    Life life(fixture);
    CHECK(life.opening.doubt);
    life.store({.meta = {fact("vote", "lost")}, .forget_doubt = true});
  }
  Life life(fixture);
  CHECK_FALSE(life.opening.doubt);
  CHECK(life.contents.meta == std::vector{fact("other", "x"), fact("vote", "lost")});
}

STORAGE_CONTRACT("read_log gives a range in pieces") {
  Fixture fixture;
  Life life(fixture);
  life.store({.log = {entry(1, "1"), entry(2, std::string(500, '2')), entry(4, std::string(500, '4')), entry(5, "5")}});
  SUBCASE("whole, without absent slots and those outside") {
    const LogRead read = life.read({Slot(2), Slot(4)}, 10'000);
    CHECK(read.records == std::vector{entry(2, std::string(500, '2')), entry(4, std::string(500, '4'))});
    CHECK(read.next == Slot(5));
  }
  SUBCASE("up to the limit") {
    const LogRead read = life.read({Slot(1), Slot(9)}, 600);
    CHECK(read.records.size() == 2);
    CHECK(read.next == Slot(4));
  }
  SUBCASE("one record at least") {
    const LogRead read = life.read({Slot(2), Slot(9)}, 0);
    CHECK(read.records.size() == 1);
    CHECK(read.next == Slot(4));
  }
  SUBCASE("nothing there") {
    const LogRead read = life.read({Slot(6), Slot(9)}, 100);
    CHECK(read.records.empty());
    CHECK(read.next == Slot(10));
  }
}

STORAGE_CONTRACT("a store that is open cannot be opened again, until it is closed") {
  Fixture fixture;
  auto first = fixture.open();
  REQUIRE(first);
  const auto second = fixture.open();
  REQUIRE_FALSE(second);
  CHECK(second.error() == errc::data_dir_in_use);
  CHECK_FALSE(second.error().detail.empty());
  first->reset();
  CHECK(fixture.open());
}

STORAGE_CONTRACT("S4: the lock file keeps its identity over restarts") {
  Fixture fixture;
  const Opening first = Life(fixture).opening;
  CHECK(first.lock_inode != 0);
  CHECK(Life(fixture).opening == first);
}

STORAGE_CONTRACT("after stop nothing is called back") {
  Fixture fixture;
  Life life(fixture);
  for (std::uint64_t slot = 1; slot <= 200; ++slot) life.submit({.log = {entry(slot, "x")}});
  life->stop();
  const auto durable = life.recorder.durable();
  life->stop();
  life.submit({.log = {entry(201, "after the end")}});
  life->read_log({Slot(1), Slot(2)}, 100, [&](Result<LogRead> read) { life.recorder.on_read(std::move(read)); });
  CHECK(life.recorder.durable() == durable);
  CHECK_FALSE(life.recorder.read().has_value());
}

STORAGE_CONTRACT("a batch out of order or over its limits breaks an invariant") {
  Fixture fixture;
  Life life(fixture);
  CHECK_THROWS_AS(life->submit({.id = BatchId(2)}), InvariantBroken);
  CHECK_THROWS_AS(life->submit({.id = BatchId(1), .meta = {fact("", "x")}}), InvariantBroken);
  const std::string too_long(meta_key_bytes_max + 1, 'k');
  CHECK_THROWS_AS(life->submit({.id = BatchId(1), .erase_meta = {too_long}}), InvariantBroken);
  CHECK_THROWS_AS(life->submit({.id = BatchId(1), .log = {{Slot(1), Bytes(batch_bytes_max)}}}), InvariantBroken);
  life.store({});
}
