// One member's part in Multi-Paxos, without I/O: every input appends what is to be done to `Effects`.
//
// A step is any number of inputs followed by one `flush`, all with the same, initially empty `Effects`. What the step
// wants on disk is one batch; Accepts, notices and heartbeats leave at the flush, so that what came together leaves
// together. The owner calls every input with a `now` that never goes back.
//
// The state is a value: copies are independent, `==` compares all of it, `state_hash` hashes all of it.
#pragma once

#include <optional>
#include <vector>

#include "base/prng.hpp"
#include "paxos/effects.hpp"
#include "paxos/identity.hpp"
#include "paxos/tuning.hpp"

namespace conclave::paxos {

/// What the store gave back. Everything here is synced.
struct Recovered {
  Ballot promised;
  /// In the order of their slots. A hole takes the vote (P9): damaged records are left out, and are missing.
  std::vector<AcceptedRecord> accepted;
  Slot watermark;
  /// The founders' at slot 0; later ones are read from the log.
  std::vector<PlacedConfiguration> configurations;
};

class Replica {
 public:
  Replica(Identity identity, Tuning tuning, Recovered recovered, Prng prng, Instant now);

  // ---- Inputs ----

  /// Messages of a link in the order in which they came. What no honest peer sends is dropped with a trace.
  void on_message(MemberId from, Message message, Instant now, Effects& effects);
  /// At `next_wakeup()` or later; earlier does no harm.
  void on_tick(Instant now, Effects& effects);
  /// Every batch up to `upto` is synced.
  void on_persisted(BatchId upto, Instant now, Effects& effects);
  /// A sync failed or may have (P8): the vote is lost, a leader steps down, nothing is persisted any more.
  void on_disk_failed(Instant now, Effects& effects);
  /// A disk that stalls or is full: says so in heartbeats; a leader hands over, a follower does not stand.
  void set_disk_healthy(bool healthy, Instant now, Effects& effects);

  /// Proposes `entries` in a run of slots and returns the first; nothing when `can_propose()` is false.
  [[nodiscard]] std::optional<Slot> propose(std::vector<Entry> entries, Instant now, Effects& effects);
  /// Leader only: the number of a round of heartbeats that leaves no earlier than this call; `RoundConfirmed` follows once
  /// a majority echoed it (reads, renewals). Calls while a round is on its way share the next one.
  [[nodiscard]] std::optional<RoundTrip> start_round(Instant now, Effects& effects);

  void link_up(MemberId member, Instant now, Effects& effects);
  void link_down(MemberId member, Instant now, Effects& effects);
  /// The link is closed, and connecting again was refused: the process is gone.
  void link_refused(MemberId member, Instant now, Effects& effects);
  void goodbye(MemberId member, Instant now, Effects& effects);

  /// Leader only: makes `target` lead. `HandedOver` tells how it ended. False: not possible now.
  bool hand_over(MemberId target, Instant now, Effects& effects);

  /// From now on `member` hears everything chosen from `from` on as `Learn`; it asks for more with `Fetch`.
  void add_learner(MemberId member, Slot from, Instant now, Effects& effects);
  void remove_learner(MemberId member);

  /// Ends the step.
  void flush(Instant now, Effects& effects);

  // ---- Queries ----

  [[nodiscard]] Role role() const;
  /// Whom this node follows; itself when it leads.
  [[nodiscard]] std::optional<MemberId> leader() const;
  /// The highest promised.
  [[nodiscard]] Ballot promised() const;
  /// In which this node leads.
  [[nodiscard]] std::optional<Ballot> leading() const;
  [[nodiscard]] bool has_vote() const;
  /// Leading, and its term-start is chosen (P12).
  [[nodiscard]] bool term_started() const;
  [[nodiscard]] bool can_propose() const;

  /// W: every slot up to it is known chosen.
  [[nodiscard]] Slot watermark() const;
  [[nodiscard]] Slot last_accepted() const;
  /// As synced: what a Hello may state.
  [[nodiscard]] Ballot synced_promised() const;
  [[nodiscard]] Slot synced_last() const;
  /// The greatest stamp in the whole log: no new one is below it.
  [[nodiscard]] ClusterTime greatest_stamp() const;
  /// The configuration that governs `slot`, as far as it is known.
  [[nodiscard]] const PlacedConfiguration& governing(Slot slot) const;
  /// What is held at a slot; null when nothing is.
  [[nodiscard]] const Entry* entry(Slot slot) const;
  /// When the newest confirmed round was sent.
  [[nodiscard]] std::optional<Instant> proof_time() const;
  [[nodiscard]] Instant next_wakeup() const;
};

}  // namespace conclave::paxos
