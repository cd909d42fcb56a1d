// What a power cut leaves of a real store: everything that is done to its files is recorded, and files are made as they may
// lie on the disk afterwards. Whatever was synced is there; of the rest any part, down to single sectors.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <span>

#include "base/prng.hpp"
#include "contract/storage/life.hpp"
#include "contract/storage/lmdb_fixture.hpp"

using namespace conclave;
using namespace conclave::storage;
using disk_calls::Event;

namespace {

constexpr std::size_t sector_bytes = 512;

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Tells the recording when the store says "durable".
class Notes final : public Listener {
 public:
  void on_durable(BatchId upto) override {
    disk_calls::note_durable(upto.value);
    recorder.on_durable(upto);
  }
  void on_failed(const Failure& failure) override { recorder.on_failed(failure); }
  Recorder recorder;
};

void put(std::string& image, std::uint64_t at, std::string_view bytes) {
  image.resize(std::max(image.size(), at + bytes.size()));
  image.replace(at, bytes.size(), bytes);
}

/// Some sectors of the write, perhaps all, perhaps none.
void put_torn(std::string& image, const Event& event, Prng& draw) {
  for (std::size_t at = 0; at < event.bytes.size(); at += sector_bytes)
    if (draw.chance(1, 2)) put(image, event.at + at, std::string_view(event.bytes).substr(at, sector_bytes));
}

/// File number `file` as the power cut after `events` leaves it.
std::string image_after(std::string image, std::size_t file, std::span<const Event> events, Prng draw) {
  const auto last_sync = std::find_if(events.rbegin(), events.rend(), [&](const Event& event) {
    return event.kind == Event::Kind::sync && event.file == file;
  });
  const std::size_t synced = static_cast<std::size_t>(events.rend() - last_sync);
  const std::uint64_t luck = draw.below(3);  // nothing more, all, or torn
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Event& event = events[i];
    if (event.kind == Event::Kind::durable || event.file != file) continue;
    const bool kept = i < synced || event.kind == Event::Kind::write_synced || luck == 1;
    if (event.kind == Event::Kind::grow && kept)
      image.resize(std::max(image.size(), event.at));
    else if (event.kind == Event::Kind::write || event.kind == Event::Kind::write_synced)
      kept ? put(image, event.at, event.bytes) : luck == 2 ? put_torn(image, event, draw) : void();
  }
  return image;
}

/// Batch n puts log record n, "last" = n, and erases and puts older records again.
Batch batch_of(std::uint64_t number, Prng draw) {
  Batch batch{.id = BatchId(number), .meta = {fact("last", std::to_string(number))}};
  const std::uint64_t again = 1 + draw.below(number);
  const std::string filler(draw.below(draw.chance(1, 8) ? 20'000 : 300), 'f');
  batch.erase_log = {{Slot(again), Slot(number)}};
  for (std::uint64_t slot = again; slot <= number; ++slot)
    batch.log.push_back(entry(slot, std::to_string(slot) + (slot == number ? filler : "")));
  return batch;
}

using Files = std::vector<std::filesystem::path>;

Files files_in(const std::filesystem::path& folder) { return {folder / "data.mdb", folder / "journal"}; }

/// Submits batches `first` to `last`, mostly alone, sometimes in groups.
void write(LmdbStore& store, Storage& storage, Notes& notes, std::uint64_t first, std::uint64_t last, const Prng& draw) {
  for (std::uint64_t number = first; number <= last; ++number) {
    auto batch = batch_of(number, draw.fork(number));
    batch.id = BatchId(number - first + 1);
    storage.submit(std::move(batch));
    if (number % 4 != 0 || number == last)
      REQUIRE(store.settle(notes.recorder, [&] { return notes.recorder.upto() == BatchId(number - first + 1); }));
  }
}

}  // namespace

// Three lives: one that is killed, so that the next has a journal to move; one that is closed, of which everything is
// recorded; and one after the power cut.
TEST_CASE("P2: what was reported durable survives a power cut at any point, whole batches only") {
  constexpr std::uint64_t batches_before = 30;
  constexpr std::uint64_t batches = 90;
  const Prng draw(20'240'611);
  const TemporaryFolder first_folder;
  const TemporaryFolder folder;
  // Turns of a few batches, so that they go round often.
  LmdbStore first{{.folder = first_folder.path(), .reserve_bytes = 0, .turn_bytes = 32 << 10}};
  LmdbStore second{{.folder = folder.path(), .reserve_bytes = 0}};
  {
    Notes notes;
    auto store = first.open();
    REQUIRE(store);
    (*store)->start(notes);
    write(first, **store, notes, 1, batches_before, draw);
    for (const auto& file : files_in(first_folder.path()))
      std::filesystem::copy_file(file, folder.path() / file.filename());
  }

  std::vector<std::string> before;
  for (const auto& file : files_in(folder.path())) before.push_back(read_file(file));
  disk_calls::start_recording(files_in(folder.path()));
  {
    Notes notes;
    auto store = second.open();
    REQUIRE(store);
    (*store)->start(notes);
    write(second, **store, notes, batches_before + 1, batches, draw);
    (*store)->stop();
  }
  const std::vector<Event> events = disk_calls::stop_recording();

  const TemporaryFolder after;
  for (std::size_t cut = 0; cut <= events.size(); ++cut) {
    const std::span past(events.data(), cut);
    std::uint64_t durable = batches_before;
    for (const Event& event : past)
      if (event.kind == Event::Kind::durable) durable = batches_before + event.at;
    CAPTURE(cut);
    CAPTURE(durable);
    const auto files = files_in(after.path());
    for (std::size_t file = 0; file < files.size(); ++file)
      std::ofstream(files[file], std::ios::binary) << image_after(before[file], file, past, draw.fork(1000 + cut));

    auto store = open_lmdb_storage({.folder = after.path(), .reserve_bytes = 0});
    REQUIRE_MESSAGE(store, store.error().message());
    Contents contents;
    const auto opening = (*store)->load(contents);
    REQUIRE(opening);
    REQUIRE_FALSE(opening->doubt);  // torn is not damaged
    REQUIRE(contents.damaged.empty());
    REQUIRE(contents.log.size() >= durable);
    const std::uint64_t last = contents.log.size();
    for (std::uint64_t slot = 1; slot <= last; ++slot) {
      REQUIRE(contents.log[slot - 1].slot == Slot(slot));
      REQUIRE(to_text(contents.log[slot - 1].value).starts_with(std::to_string(slot)));
    }
    REQUIRE(contents.meta == std::vector{fact("last", std::to_string(last))});
  }
}
