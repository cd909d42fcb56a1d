// What a follower of a disk takes for synced, and what it notices when a new life opens the disk.
#include <doctest/doctest.h>

#include "sim/invariants/disk_follower.hpp"
#include "storage/record.hpp"
#include "unit/sim_invariants/doctored.hpp"
#include "wire/record.hpp"

using namespace doctored;

namespace {

/// A disk with its follower; what was taken, as promises.
struct Followed {
  void write(std::uint64_t round) {
    const engine::Record record = engine::PromiseRecord{.member = member(1), .promised = ballot(round, 1)};
    const auto value = wire::encode(record);
    Bytes bytes(storage::record_header_bytes + value.size());
    storage::write_record(bytes, std::string_view("promise"), value);
    storage::MemoryDisk::Write write;
    write.meta.emplace_back("promise", Payload(std::move(bytes)));
    storage::MemoryDisk::Transaction transaction;
    transaction.push_back(std::move(write));
    REQUIRE(disk.write(std::move(transaction)));
    work();
  }
  void sync() {
    (void)disk.sync();
    work();
  }
  void work() {
    follower.worked(disk, [this](std::span<const engine::Record> batch) {
      for (const auto& record : batch) taken.push_back(std::get<engine::PromiseRecord>(record).promised.round.value);
    });
  }

  storage::MemoryDisk disk;
  DiskFollower follower;
  std::vector<std::uint64_t> taken;
};

using Rounds = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("P2: what is written is taken once it is synced, each batch once, in order") {
  Followed one;
  one.write(1);
  one.write(2);
  CHECK(one.taken.empty());
  one.sync();
  CHECK(one.taken == Rounds{1, 2});
  one.write(3);
  one.sync();
  CHECK(one.taken == Rounds{1, 2, 3});
}

TEST_CASE("P2: a sync that is a lie is believed, one that fails is not") {
  Followed one;
  one.disk.faults.lost_syncs = 1;
  one.write(1);
  one.sync();
  CHECK(one.taken == Rounds{1});
  one.disk.faults.failing_syncs = 1;
  one.write(2);
  one.sync();
  CHECK(one.taken == Rounds{1});
  one.sync();
  CHECK(one.taken == Rounds{1, 2});
}

TEST_CASE("P9: a new life finds what was synced, or is known to have lost it") {
  Followed one;
  one.write(1);
  one.sync();
  bool stale = false;
  bool damaged = false;
  SUBCASE("nothing happened") {}
  SUBCASE("a process died with writes on their way") { one.write(2); }
  SUBCASE("the power was lost, with writes on their way") {
    one.write(2);
    one.disk.power_cut();
  }
  SUBCASE("a lie, and the power was lost") {
    one.disk.faults.lost_syncs = 1;
    one.write(2);
    one.sync();
    one.disk.power_cut();
    stale = true;
  }
  SUBCASE("the disk was replaced") {
    one.disk = storage::MemoryDisk(2);
    stale = true;
  }
  SUBCASE("a backup was restored to an empty disk") {
    const auto backup = one.disk.visible();
    one.disk = storage::MemoryDisk(2);
    REQUIRE(one.follower.reopened(one.disk).stale);
    one.disk = storage::MemoryDisk(3, backup);
    stale = true;
  }
  SUBCASE("a bit has turned") {
    REQUIRE(one.disk.flip_bit("promise", 40));
    damaged = true;
  }
  const auto reopening = one.follower.reopened(one.disk);
  CHECK(reopening.stale == stale);
  CHECK(reopening.damaged == damaged);
  CHECK_FALSE(reopening.failed);
  // The life after it finds nothing new.
  const auto again = one.follower.reopened(one.disk);
  CHECK_FALSE(again.stale);
  CHECK_FALSE(again.damaged);
}

TEST_CASE("P8: a failed sync is seen by the next life") {
  Followed one;
  one.disk.mark_failed();
  CHECK(one.follower.reopened(one.disk).failed);
}
