#include "storage/lmdb/journal_format.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <type_traits>
#include <utility>

#include "base/crc32c.hpp"

namespace conclave::storage {
namespace {

struct SectorHead {
  std::uint32_t sum = 0;  ///< of all that follows in the sector, seeded with the journal's
  std::uint32_t part = 0;
  std::uint64_t group = 0;  ///< from 1
  std::uint32_t parts = 0;
  std::uint32_t unused = 0;
};
static_assert(sizeof(SectorHead) == 24);

constexpr std::size_t piece_bytes = sector_bytes - sizeof(SectorHead);

std::uint32_t checksum(BytesView sector, JournalSeed seed) { return crc32c(sector.subspan(sizeof(SectorHead::sum)), seed); }

// ---- Batches as bytes ----

template <class T>
  requires std::is_trivially_copyable_v<T>
void put(Bytes& out, const T& value) {
  const auto bytes = std::as_bytes(std::span(&value, 1));
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void put_run(Bytes& out, BytesView run) {
  put(out, static_cast<std::uint32_t>(run.size()));
  out.insert(out.end(), run.begin(), run.end());
}

void put_text(Bytes& out, const std::string& text) { put_run(out, std::as_bytes(std::span(text))); }

template <class List, class PutOne>
void put_list(Bytes& out, const List& list, PutOne put_one) {
  put(out, static_cast<std::uint32_t>(list.size()));
  for (const auto& one : list) put_one(one);
}

void put_batch(Bytes& out, const Batch& batch) {
  put(out, batch.forget_doubt);
  put_list(out, batch.erase_log, [&](const SlotRange& range) {
    put(out, range.first.value);
    put(out, range.last.value);
  });
  put_list(out, batch.erase_meta, [&](const std::string& key) { put_text(out, key); });
  put_list(out, batch.log, [&](const LogRecord& record) {
    put(out, record.slot.value);
    put_run(out, record.value);
  });
  put_list(out, batch.meta, [&](const MetaRecord& record) {
    put_text(out, record.key);
    put_run(out, record.value);
  });
}

/// Takes back what `put` put; after the end it gives nothing more, and `sound` says so.
class Reader {
 public:
  explicit Reader(BytesView rest) : rest_(rest) {}

  template <class T>
  T number() {
    T value{};
    if (const auto bytes = take(sizeof value); !bytes.empty()) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  Bytes run() {
    const auto bytes = take(number<std::uint32_t>());
    return {bytes.begin(), bytes.end()};
  }
  std::string text() {
    const auto bytes = take(number<std::uint32_t>());
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  template <class T, class TakeOne>
  void list(std::vector<T>& into, TakeOne take_one) {
    for (auto count = number<std::uint32_t>(); count > 0 && sound_; --count) into.push_back(take_one());
  }
  [[nodiscard]] bool sound() const { return sound_; }

 private:
  BytesView take(std::size_t size) {
    if (size > rest_.size()) sound_ = false;
    if (!sound_) return {};
    const auto taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }

  BytesView rest_;
  bool sound_ = true;
};

Batch take_batch(Reader& in) {
  Batch batch;
  batch.forget_doubt = in.number<std::uint8_t>() != 0;
  in.list(batch.erase_log, [&] {
    const Slot first(in.number<std::uint64_t>());
    return SlotRange{first, Slot(in.number<std::uint64_t>())};
  });
  in.list(batch.erase_meta, [&] { return in.text(); });
  in.list(batch.log, [&] {
    const Slot slot(in.number<std::uint64_t>());
    return LogRecord{slot, in.run()};
  });
  in.list(batch.meta, [&] {
    auto key = in.text();
    return MetaRecord{std::move(key), in.run()};
  });
  return batch;
}

// ---- Reading a journal ----

/// A sector as it lies there.
struct Sector {
  bool sound = false;
  SectorHead head;  ///< group 0: never written
  BytesView piece;
};

Sector look(BytesView sector, JournalSeed seed) {
  Sector seen{.sound = false, .head = {}, .piece = sector.subspan(sizeof(SectorHead))};
  std::memcpy(&seen.head, sector.data(), sizeof seen.head);
  const bool blank = std::ranges::all_of(sector, [](std::byte byte) { return byte == std::byte{0}; });
  seen.sound = blank || (seen.head.group > 0 && seen.head.sum == checksum(sector, seed));
  return seen;
}

class Scanner {
 public:
  Scanner(std::span<const BytesView> turns, JournalSeed seed, std::uint64_t after) {
    for (const auto turn : turns) {
      auto& sectors = turns_.emplace_back();
      for (std::size_t at = 0; at + sector_bytes <= turn.size(); at += sector_bytes)
        sectors.push_back(look(turn.subspan(at, sector_bytes), seed));
    }
    scan_.last = after;
  }

  JournalScan run() {
    while (const auto* turn = find_next())
      if (!follow(*turn)) break;
    if (!scan_.damage) check_end();
    return std::move(scan_);
  }

 private:
  using Sectors = std::vector<Sector>;

  /// The turn that begins with the next group.
  [[nodiscard]] const Sectors* find_next() const {
    for (const auto& sectors : turns_)
      if (!sectors.empty() && begins(sectors.front())) return &sectors;
    return nullptr;
  }

  [[nodiscard]] bool begins(const Sector& sector) const {
    return sector.sound && sector.head.group == scan_.last + 1 && sector.head.part == 0;
  }

  /// Takes all groups of one turn that follow on each other. False: nothing can follow in another one.
  [[nodiscard]] bool follow(const Sectors& sectors) {
    std::size_t at = 0;
    while (at < sectors.size() && begins(sectors[at])) {
      const std::size_t parts = sectors[at].head.parts;
      if (parts == 0 || parts > sectors.size() - at) return damaged("a group is larger than its turn");
      if (!take(std::span(sectors).subspan(at, parts))) return false;
      at += parts;
    }
    if (at < sectors.size() && !sectors[at].sound) return damaged("the sector behind the last group is not sound");
    return true;
  }

  [[nodiscard]] bool take(std::span<const Sector> parts) {
    Bytes body;
    body.reserve(parts.size() * piece_bytes);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const auto& head = parts[i].head;
      if (!parts[i].sound) return damaged("a sector of the last group is not sound");
      // An older sector, so this group is torn: `check_end` sees whether anything came later.
      if (head.group != scan_.last + 1) return false;
      if (head.part != i || head.parts != parts.size()) return damaged("the sectors of a group do not belong together");
      body.insert(body.end(), parts[i].piece.begin(), parts[i].piece.end());
    }
    Reader in(body);
    std::vector<Batch> batches;
    in.list(batches, [&] { return take_batch(in); });
    if (!in.sound()) return damaged("a group is cut short");
    std::ranges::move(batches, std::back_inserter(scan_.batches));
    ++scan_.last;
    return true;
  }

  /// Nothing can be behind the end but one torn group.
  void check_end() {
    for (const auto& sectors : turns_) {
      if (!sectors.empty() && !sectors.front().sound) damaged("the first sector of a turn is not sound");
      for (const auto& sector : sectors)
        if (sector.sound && sector.head.group > scan_.last + 1) damaged("a group is missing that was followed by others");
    }
  }

  bool damaged(const char* why) {
    scan_.damage = why;
    return false;
  }

  std::vector<Sectors> turns_;
  JournalScan scan_;
};

}  // namespace

void write_group(std::vector<JournalSector>& out, JournalSeed seed, std::uint64_t number,
                 std::span<const Batch> batches) {
  Bytes body;
  put_list(body, batches, [&](const Batch& batch) { put_batch(body, batch); });
  SectorHead head{.group = number, .parts = static_cast<std::uint32_t>((body.size() + piece_bytes - 1) / piece_bytes)};
  out.assign(head.parts, JournalSector());
  auto rest = BytesView(body);
  for (auto& [sector] : out) {
    const auto piece = rest.first(std::min(rest.size(), piece_bytes));
    std::ranges::copy(piece, sector.begin() + sizeof head);
    std::memcpy(sector.data(), &head, sizeof head);
    const auto sum = checksum(sector, seed);
    std::memcpy(sector.data(), &sum, sizeof sum);
    rest = rest.subspan(piece.size());
    ++head.part;
  }
}

std::size_t journal_bytes(const Batch& batch) {
  std::size_t bytes = 1 + 4 * sizeof(std::uint32_t) + batch.erase_log.size() * sizeof(SlotRange);
  for (const auto& key : batch.erase_meta) bytes += sizeof(std::uint32_t) + key.size();
  for (const auto& record : batch.log) bytes += sizeof record.slot + sizeof(std::uint32_t) + record.value.size();
  for (const auto& record : batch.meta) bytes += 2 * sizeof(std::uint32_t) + record.key.size() + record.value.size();
  return bytes;
}

std::size_t sectors_capacity(std::size_t bytes) {
  constexpr std::size_t count_bytes = sizeof(std::uint32_t);
  const std::size_t all = bytes / sector_bytes * piece_bytes;
  return all - std::min(all, count_bytes);
}

JournalScan scan_journal(std::span<const BytesView> turns, JournalSeed seed, std::uint64_t after) {
  return Scanner(turns, seed, after).run();
}

}  // namespace conclave::storage
