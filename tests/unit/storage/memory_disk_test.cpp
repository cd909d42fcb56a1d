// What the simulated disk does that no contract asks of a real one: dying, lying, rotting, on demand.
#include <doctest/doctest.h>

#include <memory>

#include "storage/memory_storage.hpp"

using namespace conclave;
using namespace conclave::storage;
using Work = MemoryStorage::Work;

namespace {

struct Outcomes final : Listener {
  BatchId durable;
  std::vector<Failure> failures;
  void on_durable(BatchId upto) override { durable = upto; }
  void on_failed(const Failure& failure) override { failures.push_back(failure); }
};

struct Found final : Loader {
  std::vector<std::uint64_t> slots;
  std::vector<RecordKey> damaged;
  void on_meta(std::string_view, BytesView) override {}
  void on_log(Slot slot, BytesView) override { slots.push_back(slot.value); }
  void on_damaged(const RecordKey& key) override { damaged.push_back(key); }
};

/// A process on a disk, each batch of which puts the log record of its own number.
struct Process {
  explicit Process(MemoryDisk& disk, std::function<void()> on_work = {})
      : store(std::move(*MemoryStorage::open(disk, std::move(on_work)))) {
    store->start(outcomes);
  }
  void submit(std::uint64_t number) {
    store->submit({.id = BatchId(number), .log = {{Slot(number), to_bytes("value")}}});
  }
  void run() {
    while (store->next_work() != Work::none) store->step();
  }

  Outcomes outcomes;
  std::unique_ptr<MemoryStorage> store;
};

Found found_on(MemoryDisk& disk) {
  Found found;
  auto store = MemoryStorage::open(disk);
  REQUIRE(store);
  REQUIRE((*store)->load(found));
  return found;
}

using Slots = std::vector<std::uint64_t>;

/// A disk with batch 1 synced, 2 and 3 written by two transactions that are not, and 4 that never left its process.
MemoryDisk half_written() {
  MemoryDisk disk;
  Process process(disk);
  process.submit(1);
  process.run();
  disk.faults.lost_syncs = 1;
  process.submit(2);
  process.run();
  process.submit(3);
  process.store->step();
  REQUIRE(process.store->next_work() == Work::sync);
  process.submit(4);
  return disk;
}

}  // namespace

TEST_CASE("a process that dies leaves what it wrote, a power cut what was synced") {
  MemoryDisk disk = half_written();
  disk.set_open(false);
  CHECK(disk.unsynced() == 2);
  CHECK(disk.unacknowledged().size() == 1);
  CHECK(disk.unacknowledged().front().front().id == BatchId(3));
  SUBCASE("process") { CHECK(found_on(disk).slots == Slots{1, 2, 3}); }
  SUBCASE("power cut") {
    disk.power_cut();
    CHECK(found_on(disk).slots == Slots{1});
    CHECK(disk.visible() == disk.durable());
    CHECK(disk.unacknowledged().empty());
  }
  SUBCASE("power cut after some had reached the platter") {
    disk.power_cut(1);
    CHECK(found_on(disk).slots == Slots{1, 2});
  }
}

TEST_CASE("said implies stored: what is reported durable is in the durable image, unless the disk lies") {
  MemoryDisk disk;
  Process process(disk);
  process.submit(1);
  process.store->step();
  CHECK(disk.visible().log.contains(Slot(1)));
  CHECK_FALSE(disk.durable().log.contains(Slot(1)));
  CHECK(process.outcomes.durable == BatchId(0));
  process.store->step();
  CHECK(process.outcomes.durable == BatchId(1));
  CHECK(disk.durable().log.contains(Slot(1)));

  disk.faults.lost_syncs = 1;
  process.submit(2);
  process.run();
  CHECK(process.outcomes.durable == BatchId(2));
  CHECK_FALSE(disk.durable().log.contains(Slot(2)));
  CHECK(disk.unacknowledged().empty());
  // The next honest sync catches up.
  process.submit(3);
  process.run();
  CHECK(disk.durable().log.contains(Slot(2)));
}

TEST_CASE("work waits for its owner, who is told when it begins") {
  MemoryDisk disk;
  int begun = 0;
  Process process(disk, [&] { ++begun; });
  CHECK(process.store->next_work() == Work::none);
  process.submit(1);
  process.submit(2);
  CHECK(begun == 1);
  CHECK(process.store->next_work() == Work::write);
  process.store->read_log({Slot(1), Slot(9)}, 100, [](const Result<LogRead>&) {});
  CHECK(process.store->next_work() == Work::read);
  process.run();
  process.store->retry();
  CHECK(begun == 1);
  process.submit(3);
  CHECK(begun == 2);
}

TEST_CASE("P8: a full disk leaves no work until the owner tries again") {
  MemoryDisk disk;
  disk.faults.full = true;
  Process process(disk);
  process.submit(1);
  process.store->step();
  process.submit(2);
  CHECK(process.store->next_work() == Work::none);
  CHECK(process.outcomes.failures.size() == 1);
  disk.faults.full = false;
  process.store->retry();
  process.run();
  CHECK(process.outcomes.durable == BatchId(2));
}

TEST_CASE("P8: the mark of a failed sync lasts as long as the disk can keep it") {
  MemoryDisk disk;
  {
    Process process(disk);
    SUBCASE("one failure: the mark reaches the disk") { disk.faults.failing_syncs = 1; }
    SUBCASE("failing for ever: the mark is lost with the power, like the data") {
      disk.faults.failing_syncs = DiskFaults::for_ever;
    }
    process.submit(1);
    process.run();
    REQUIRE(process.outcomes.failures.size() == 1);
    CHECK(process.outcomes.failures.front().kind == FailureKind::uncertain);
  }
  CHECK(disk.visible().failed);
  CHECK(found_on(disk).slots == Slots{1});  // the page that the kernel still shows
  const bool for_ever = disk.faults.failing_syncs == DiskFaults::for_ever;
  disk.power_cut();
  CHECK(disk.visible().failed == !for_ever);
  CHECK(found_on(disk).slots.empty());
}

TEST_CASE("P9: rot and writes that went astray are found when the store is read") {
  MemoryDisk disk;
  {
    Process process(disk);
    for (std::uint64_t number = 1; number <= 3; ++number) process.submit(number);
    process.run();
  }
  SUBCASE("a flipped bit, in every place") {
    for (std::size_t bit = 0; bit < 8 * 9; ++bit) {
      MemoryDisk rotten = disk;
      REQUIRE(rotten.flip_bit(Slot(2), bit));
      CHECK(found_on(rotten).damaged == std::vector<RecordKey>{Slot(2)});
      rotten.power_cut();
      CHECK(found_on(rotten).damaged == std::vector<RecordKey>{Slot(2)});
    }
    CHECK_FALSE(disk.flip_bit(Slot(9), 0));
    CHECK_FALSE(disk.flip_bit("nothing", 0));
  }
  SUBCASE("a misdirected write") {
    REQUIRE(disk.misdirect(Slot(1), Slot(3)));
    CHECK(found_on(disk).slots == Slots{1, 2});
    CHECK(found_on(disk).damaged == std::vector<RecordKey>{Slot(3)});
    CHECK_FALSE(disk.misdirect(Slot(9), Slot(1)));
    disk.power_cut();
    CHECK(found_on(disk).damaged == std::vector<RecordKey>{Slot(3)});
  }
}

TEST_CASE("a store that cannot be read says so") {
  MemoryDisk disk;
  disk.faults.failing_reads = 2;
  {
    Found found;
    auto store = MemoryStorage::open(disk);
    const auto loaded = (*store)->load(found);
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error() == errc::disk_failed);
  }
  Process process(disk);
  bool failed = false;
  process.store->read_log({Slot(1), Slot(1)}, 100, [&](const Result<LogRead>& read) { failed = !read; });
  process.run();
  CHECK(failed);
  CHECK(process.outcomes.failures.empty());
}
