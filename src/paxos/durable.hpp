// What of this node's state is on disk: which batch carries what, and what a power cut would leave at the least.
#pragma once

#include <deque>
#include <utility>

#include "paxos/effects.hpp"

namespace conclave::paxos {

/// The part of the state that others rely on.
struct Stored {
  Ballot promised;
  Slot watermark;
  Slot last;
  /// Slots above `watermark` up to `accepted_upto` are accepted in `accepted_in`.
  Ballot accepted_in;
  Slot accepted_upto;

  friend bool operator==(const Stored&, const Stored&) = default;

  template <class H>
  friend void hash_append(H& h, const Stored& stored) {
    h(stored.promised, stored.watermark, stored.last, stored.accepted_in, stored.accepted_upto);
  }
};

class Durable {
 public:
  explicit Durable(const Stored& recovered) : synced_(recovered), issued_watermark_(recovered.watermark) {}

  /// Adds a record to the step's batch, opening it if need be.
  void persist(Record record, Effects& effects);
  /// The step's batch, if there is one, leaves the store at `stored`.
  void seal(const Stored& stored, const Effects& effects);
  /// True: `synced()` changed.
  bool on_persisted(BatchId upto);
  /// Nothing is written any more (P8).
  void fail() { failed_ = true; }
  [[nodiscard]] bool failed() const { return failed_; }

  [[nodiscard]] const Stored& synced() const { return synced_; }
  /// The newest watermark that any batch carries.
  [[nodiscard]] Slot issued_watermark() const { return issued_watermark_; }

  friend bool operator==(const Durable&, const Durable&) = default;

  template <class H>
  friend void hash_append(H& h, const Durable& durable) {
    h(durable.synced_, durable.pending_, durable.issued_watermark_, durable.last_issued_, durable.failed_);
  }

 private:
  Stored synced_;
  std::deque<std::pair<BatchId, Stored>> pending_;
  Slot issued_watermark_;
  BatchId last_issued_{0};
  bool failed_ = false;
};

}  // namespace conclave::paxos
