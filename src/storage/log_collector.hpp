// Gathers the answer of `Storage::read_log` while an implementation walks its log.
#pragma once

#include <algorithm>
#include <utility>

#include "storage/record.hpp"
#include "storage/storage.hpp"

namespace conclave::storage {

class LogCollector {
 public:
  LogCollector(SlotRange range, std::size_t bytes_max) : bytes_left_(bytes_max) { read_.next = range.last.next(); }

  /// Takes the stored record of `slot`; false when there is no room for it, and the walk ends.
  bool take(Slot slot, BytesView stored) {
    const bool first = read_.records.empty() && read_.damaged.empty();
    if (!first && stored.size() > bytes_left_) {
      read_.next = slot;
      return false;
    }
    bytes_left_ -= std::min(stored.size(), bytes_left_);
    if (const auto value = read_record(stored, slot))
      read_.records.push_back({slot, Bytes(value->begin(), value->end())});
    else
      read_.damaged.push_back(slot);
    return true;
  }

  [[nodiscard]] LogRead finish() { return std::move(read_); }

 private:
  std::size_t bytes_left_;
  LogRead read_;
};

}  // namespace conclave::storage
