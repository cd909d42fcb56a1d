// From records, sound and damaged, to what an engine starts with.
#include <doctest/doctest.h>

#include "driver/recovery.hpp"
#include "storage/memory_storage.hpp"
#include "wire/record.hpp"

using namespace conclave;
using namespace conclave::driver;

namespace {

template <class Id>
Id id_of(std::uint8_t last) {
  Id id;
  id.bytes[15] = last;
  return id;
}

Life life(std::uint64_t nonce) {
  return {.fresh_member = id_of<MemberId>(static_cast<std::uint8_t>(nonce)),
          .fresh_founding_nonce = id_of<Uuid>(200),
          .store_nonce = nonce,
          .machine_boot = id_of<Uuid>(99),
          .name = "a",
          .cluster_name = "c"};
}

struct Deaf final : storage::Listener {
  void on_durable(BatchId) override {}
  void on_failed(const storage::Failure&) override {}
};

/// A disk that lived through `recover`, its opening, and a few records of a voter.
class Machine {
 public:
  Result<Recovery> recover(const Life& with) {
    auto store = storage::MemoryStorage::open(disk);
    REQUIRE(store);
    return driver::recover(**store, with);
  }
  /// Opens, stores the opening and `records`, and dies.
  Recovery live(const Life& with, const std::vector<engine::Record>& records = {}) {
    auto store = storage::MemoryStorage::open(disk);
    REQUIRE(store);
    auto recovery = driver::recover(**store, with);
    REQUIRE_MESSAGE(recovery, recovery.error().message());
    Deaf deaf;
    (*store)->start(deaf);
    (*store)->submit(recovery->opening);
    storage::Batch batch{.id = recovery->opening.id.next()};
    for (const auto& record : records) {
      if (const auto* accepted = std::get_if<engine::AcceptedRecord>(&record))
        batch.log.push_back({accepted->slot, wire::encode(*accepted)});
      else
        batch.meta.push_back({wire::record_key(record), wire::encode(record)});
    }
    (*store)->submit(std::move(batch));
    while ((*store)->next_work() != storage::MemoryStorage::Work::none) (*store)->step();
    return std::move(*recovery);
  }

  storage::MemoryDisk disk;
};

const paxos::Ballot ballot{paxos::Round(7), id_of<MemberId>(1)};

std::vector<engine::Record> voter_records(std::uint64_t nonce) {
  const auto member = id_of<MemberId>(1);
  const auto cluster = id_of<ClusterId>(50);
  std::vector<engine::Record> records{
      engine::GenesisRecord{.committed = true,
                            .cluster = cluster,
                            .lineage = {},
                            .founders = {{.member = member, .nonce = id_of<Uuid>(200), .name = "a", .address = {"a", 1}}},
                            .incarnation = paxos::Incarnation(1)},
      engine::PromiseRecord{.cluster = cluster, .member = member, .incarnation = paxos::Incarnation(1), .promised = ballot},
      engine::WatermarkRecord{.watermark = Slot(2)},
      engine::PeerRecord{.member = id_of<MemberId>(2), .nonce = 5, .promised = ballot, .last_slot = Slot(3)},
      engine::SessionRecord{.session = SessionId(2), .nonce = nonce}};
  for (std::uint64_t slot = 1; slot <= 3; ++slot)
    records.emplace_back(engine::AcceptedRecord{.slot = Slot(slot), .ballot = ballot, .entry = {paxos::EntryKind::noop, {}, Payload(to_bytes("x"))}});
  return records;
}

/// A store that gives back what a test says, for damage that a disk of records cannot show.
class ToldStorage final : public storage::Storage {
 public:
  std::function<void(storage::Loader&)> tell;
  std::optional<std::string> doubt;

  [[nodiscard]] Result<storage::Opening> load(storage::Loader& loader) override {
    tell(loader);
    return storage::Opening{.doubt = doubt};
  }
  void start(storage::Listener&) override {}
  void submit(storage::Batch) override {}
  void retry() override {}
  void read_log(storage::SlotRange, std::size_t, storage::ReadDone) override {}
  void stop() override {}
};

/// Which member and which cluster a store is of.
void tell_who(storage::Loader& loader) {
  const engine::IdentityRecord identity{
      .member = id_of<MemberId>(1), .founding_nonce = id_of<Uuid>(200), .cluster_name = "c", .name = "a"};
  loader.on_meta("identity", wire::encode(engine::Record(identity)));
  loader.on_meta("genesis", wire::encode(voter_records(1).front()));
}

bool says(const std::optional<std::string>& reason, const std::string& text) {
  return reason && reason->find(text) != std::string::npos;
}

bool records_the_loss(const storage::Batch& opening) {
  return std::ranges::any_of(opening.meta, [](const auto& record) { return record.key == "vote-lost"; });
}

}  // namespace

TEST_CASE("I1, I5: the first opening makes an identity, each later one keeps it and adds its nonce") {
  Machine machine;
  const auto first = machine.live(life(1));
  CHECK(first.recovered.identity.member == id_of<MemberId>(1));
  CHECK(first.recovered.generation.boot_epoch == 1);
  CHECK_FALSE(first.recovered.vote_lost);
  CHECK(first.opening.id == BatchId(1));
  machine.live(life(2));
  const auto third = machine.live(life(3));
  CHECK(third.recovered.identity.member == id_of<MemberId>(1));
  CHECK(third.recovered.generation.boot_epoch == 3);
  CHECK(third.recovered.generation.nonces == std::vector<std::uint64_t>{3, 2, 1});
  CHECK_FALSE(third.recovered.vote_lost);
}

TEST_CASE("a voter's records come back as they were stored") {
  Machine machine;
  machine.live(life(1), voter_records(1));
  const auto again = machine.live(life(2)).recovered;
  REQUIRE(again.genesis);
  CHECK(again.promised == ballot);
  CHECK(again.watermark == Slot(2));
  CHECK(again.log.size() == 3);
  CHECK(again.peers.size() == 1);
  CHECK_FALSE(again.vote_lost);
}

TEST_CASE("P9: a damaged record costs the vote, names itself, and the loss is written down") {
  struct Case {
    storage::RecordKey key;
    std::string named;
  };
  const std::vector<Case> cases{{std::string("promise"), "promise"},
                                {std::string("watermark"), "watermark"},
                                {std::string("generation"), "generation"},
                                {std::string("session"), "session"},
                                {wire::peer_key(id_of<MemberId>(2)), "peer/"},
                                {Slot(2), "2"},
                                {Slot(3), "3"}};
  for (const auto& one : cases) {
    CAPTURE(one.named);
    Machine machine;
    machine.live(life(1), voter_records(1));
    REQUIRE(machine.disk.flip_bit(one.key, 40));
    const auto damaged = machine.live(life(2));
    CHECK(says(damaged.recovered.vote_lost, one.named));
    CHECK(says(damaged.recovered.vote_lost, "checksum"));
    CHECK(records_the_loss(damaged.opening));
    // Whatever the disk says later, it stays lost.
    if (one.key.index() == 1) machine.disk.flip_bit(one.key, 40);
    CHECK(machine.live(life(3)).recovered.vote_lost == damaged.recovered.vote_lost);
  }
}

TEST_CASE("P9: a lost promise is not taken for no promise") {
  Machine machine;
  machine.live(life(1), voter_records(1));
  REQUIRE(machine.disk.flip_bit(std::string("promise"), 3));
  const auto damaged = machine.live(life(2)).recovered;
  CHECK(damaged.promised.is_none());
  CHECK(damaged.vote_lost);
}

TEST_CASE("P9: a record whose key is what was damaged leaves the right one missing, and costs the vote") {
  ToldStorage store;
  SUBCASE("under a key that fails its checksum") {
    store.tell = [&](storage::Loader& loader) {
      tell_who(loader);
      loader.on_damaged(std::string("pqomise"));
    };
  }
  SUBCASE("under a sound key that no build knows") {
    store.tell = [&](storage::Loader& loader) {
      tell_who(loader);
      loader.on_meta("pqomise", to_bytes("x"));
    };
  }
  SUBCASE("sound, but its value is of another key") {
    store.tell = [&](storage::Loader& loader) {
      tell_who(loader);
      loader.on_meta("promise", wire::encode(voter_records(1).front()));
    };
  }
  SUBCASE("a log record at a slot that is not its own") {
    store.tell = [&](storage::Loader& loader) {
      tell_who(loader);
      loader.on_log(Slot(9), to_bytes("x"));
    };
  }
  const auto recovery = driver::recover(store, life(2));
  REQUIRE(recovery);
  CHECK(recovery->recovered.vote_lost);
  CHECK(records_the_loss(recovery->opening));
}

TEST_CASE("P9: a store that no longer says whose or which cluster's it is, is refused with a sentence") {
  const auto refused = [](Machine& machine, const std::string& text) {
    const auto before = machine.disk;
    const auto recovery = machine.recover(life(2));
    REQUIRE_FALSE(recovery);
    CHECK(recovery.error() == errc::data_damaged);
    CAPTURE(recovery.error().message());
    CHECK(recovery.error().message().find(text) != std::string::npos);
    CHECK(machine.disk.visible() == before.visible());
  };
  Machine machine;
  machine.live(life(1), voter_records(1));
  SUBCASE("its identity is damaged") {
    REQUIRE(machine.disk.flip_bit(std::string("identity"), 40));
    refused(machine, "which member");
  }
  SUBCASE("its genesis is damaged") {
    // As a pristine founder it could found again, over another cluster's log.
    REQUIRE(machine.disk.flip_bit(std::string("genesis"), 40));
    refused(machine, "which cluster");
  }
  SUBCASE("the key of its identity is damaged") {
    ToldStorage store;
    store.tell = [](storage::Loader& loader) { loader.on_damaged(std::string("idemtity")); };
    const auto recovery = driver::recover(store, life(2));
    REQUIRE_FALSE(recovery);
    CHECK(recovery.error() == errc::data_damaged);
  }
}

TEST_CASE("P8, P9: a store in doubt says why, before what is damaged, and what to do") {
  ToldStorage store;
  store.doubt = "the journal is missing";
  store.tell = [&](storage::Loader& loader) {
    tell_who(loader);
    loader.on_damaged(std::string("watermark"));
  };
  const auto recovery = driver::recover(store, life(2));
  REQUIRE(recovery);
  CHECK(says(recovery->recovered.vote_lost, "the journal is missing (and 1 more)"));
  CHECK(says(recovery->recovered.vote_lost, "check the disk"));
  CHECK_FALSE(says(recovery->recovered.vote_lost, "sync"));
  CHECK(recovery->opening.forget_doubt);
}

TEST_CASE("P9: a store that is not whole is never taken for a fresh one") {
  ToldStorage store;
  std::string lost;
  store.tell = [](storage::Loader&) {};
  const auto tell_member = [](storage::Loader& loader) {
    const engine::IdentityRecord identity{
        .member = id_of<MemberId>(1), .founding_nonce = id_of<Uuid>(200), .cluster_name = "c", .name = "a"};
    loader.on_meta("identity", wire::encode(engine::Record(identity)));
  };
  SUBCASE("in doubt and without a record") {
    lost = "which member this store belongs to is missing or damaged: the journal is damaged";
    store.doubt = "the journal is damaged";
  }
  SUBCASE("in doubt, and its cluster is not known") {
    lost = "which cluster this store belongs to is missing or damaged: the journal is damaged";
    store.doubt = "the journal is damaged";
    store.tell = tell_member;
  }
  SUBCASE("a record is damaged, and its cluster is not known") {
    lost = "which cluster this store belongs to is missing or damaged: the meta record \"gemesis\" fails its checksum";
    store.tell = [&](storage::Loader& loader) {
      tell_member(loader);
      loader.on_damaged(std::string("gemesis"));
    };
  }
  SUBCASE("its vote is lost, and its cluster is not known") {
    lost = "which cluster this store belongs to is missing";
    store.tell = [&](storage::Loader& loader) {
      tell_member(loader);
      loader.on_meta("vote-lost", wire::encode(engine::Record(engine::VoteLostRecord{.reason = "it was damaged"})));
    };
  }
  const auto recovery = driver::recover(store, life(2));
  REQUIRE_FALSE(recovery);
  CHECK(recovery.error() == errc::data_damaged);
  CAPTURE(recovery.error().message());
  CHECK(says(recovery.error().message(), lost));
  CHECK(says(recovery.error().message(), "give the node an empty folder"));
}

TEST_CASE("P8: a sync that failed in an earlier life costs the vote, and is forgotten only once that is written down") {
  Machine machine;
  machine.live(life(1), voter_records(1));
  machine.disk.mark_failed();
  const auto recovery = machine.recover(life(2));
  REQUIRE(recovery);
  CHECK(says(recovery->recovered.vote_lost, "sync"));
  CHECK(recovery->opening.forget_doubt);
  CHECK(records_the_loss(recovery->opening));
  machine.live(life(3));
  const auto later = machine.live(life(4));
  CHECK_FALSE(machine.disk.visible().failed);
  CHECK(says(later.recovered.vote_lost, "sync"));
}

TEST_CASE("I6: a promise of another member or another cluster among this store's records is refused") {
  for (const bool member : {false, true}) {
    CAPTURE(member);
    auto records = voter_records(1);
    auto& promise = std::get<engine::PromiseRecord>(records[1]);
    if (member)
      promise.member = id_of<MemberId>(9);
    else
      promise.cluster = id_of<ClusterId>(51);
    Machine machine;
    machine.live(life(1), records);
    const auto recovery = machine.recover(life(2));
    REQUIRE_FALSE(recovery);
    CHECK(recovery.error() == errc::data_damaged);
    CHECK(recovery.error().message().find("the record 'promise' is another member's or another cluster's") != std::string::npos);
  }
}

TEST_CASE("I6: a store of another cluster is refused") {
  Machine machine;
  machine.live(life(1));
  auto other = life(2);
  other.cluster_name = "other";
  const auto recovery = machine.recover(other);
  REQUIRE_FALSE(recovery);
  CHECK(recovery.error() == errc::invalid_argument);
}

TEST_CASE("I6: a store of another member is refused") {
  Machine machine;
  machine.live(life(1));
  auto other = life(2);
  other.name = "other";
  const auto recovery = machine.recover(other);
  REQUIRE_FALSE(recovery);
  CHECK(recovery.error() == errc::invalid_argument);
}

TEST_CASE("a store that cannot be read is no empty store") {
  Machine machine;
  machine.live(life(1), voter_records(1));
  machine.disk.faults.failing_reads = 1;
  const auto recovery = machine.recover(life(2));
  REQUIRE_FALSE(recovery);
  CHECK(recovery.error() == errc::disk_failed);
}

TEST_CASE("S4: a former session is ended only by the next life on the same boot and lock file") {
  Machine machine;
  machine.live(life(1), voter_records(1));
  SUBCASE("the same place") {
    const auto former = machine.live(life(2)).recovered.former_session;
    REQUIRE(former);
    CHECK(former->session == SessionId(2));
    // It belongs to the life before: the one after that has none to end.
    CHECK_FALSE(machine.live(life(3)).recovered.former_session);
  }
  SUBCASE("the machine was started anew") {
    auto later = life(2);
    later.machine_boot = id_of<Uuid>(98);
    CHECK_FALSE(machine.live(later).recovered.former_session);
  }
  SUBCASE("a machine that does not tell its boot") {
    Machine silent;
    auto first = life(1);
    first.machine_boot = {};
    auto second = life(2);
    second.machine_boot = {};
    silent.live(first, voter_records(1));
    CHECK_FALSE(silent.live(second).recovered.former_session);
  }
}
