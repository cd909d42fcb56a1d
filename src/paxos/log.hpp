// What this node holds of the log: a run of slots without holes, chosen up to the watermark and accepted above it.
#pragma once

#include <deque>
#include <utility>

#include "paxos/types.hpp"

namespace conclave::paxos {

/// What one slot holds.
struct Held {
  /// In which it was accepted; none when it was learnt as chosen.
  Ballot ballot;
  Entry entry;

  friend bool operator==(const Held&, const Held&) = default;
};

/// About what an entry takes on the wire.
[[nodiscard]] inline std::size_t wire_bytes(const Entry& entry) { return entry.payload.size() + 32; }

class Log {
 public:
  /// Begins above `image`, up to which everything is chosen and held elsewhere.
  Log() : Log(Slot{0}) {}
  explicit Log(Slot image) : first_(image.next()), watermark_(image) {}

  /// 1, or the slot above the image that the log began with.
  [[nodiscard]] Slot first_held() const { return first_; }
  /// W: all up to here is known chosen.
  [[nodiscard]] Slot watermark() const { return watermark_; }
  /// The last slot that holds anything; before `first_held()` when none does.
  [[nodiscard]] Slot last() const { return (first_ + held_.size()).previous(); }
  /// The greatest stamp ever held.
  [[nodiscard]] ClusterTime greatest_stamp() const { return greatest_stamp_; }

  /// Null when nothing is held there.
  [[nodiscard]] const Held* at(Slot slot) const;

  /// Above the watermark and at most one past `last()`: both broken are our own bugs (P3).
  void put(Slot slot, Ballot ballot, Entry entry);
  /// To a slot that is held; never back.
  void raise_watermark(Slot slot);

  friend bool operator==(const Log&, const Log&) = default;

  template <class H>
  friend void hash_append(H& h, const Log& log) {
    h(log.first_, log.watermark_, log.greatest_stamp_, log.held_.size());
    for (const auto& held : log.held_) h(held.ballot, held.entry);
  }

 private:
  Slot first_;
  Slot watermark_;
  ClusterTime greatest_stamp_;
  std::deque<Held> held_;
};

}  // namespace conclave::paxos
