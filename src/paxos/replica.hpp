// One member's part in Multi-Paxos, without I/O: every input appends what is to be done to `Effects`.
//
// A step is any number of inputs followed by one `flush`, all with the same, initially empty `Effects`. What the step
// wants on disk is one batch; Accepts, notices and heartbeats leave at the flush, so that what came together leaves
// together. The owner calls every input with a `now` that never goes back.
//
// The state is a value: copies are independent, `==` compares all of it, `state_hash` hashes all of it.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/prng.hpp"
#include "paxos/acceptor.hpp"
#include "paxos/catch_up.hpp"
#include "paxos/core.hpp"
#include "paxos/effects.hpp"
#include "paxos/election.hpp"
#include "paxos/leadership.hpp"
#include "paxos/proposer.hpp"

namespace conclave::paxos {

/// What the store gave back. Everything here is synced.
struct Recovered {
  Ballot promised;
  /// In the order of their slots. A hole takes the vote (P9): damaged records are left out, and are missing.
  std::vector<AcceptedRecord> accepted;
  Slot watermark;
  /// Everything up to here is in an image that the owner has installed: the log begins above it (P11).
  Slot image{0};
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
  /// The owner found out that this store has no vote (I5, P9): it only learns from now on.
  void lose_vote(std::string reason, Instant now, Effects& effects);
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

  /// Leader only: makes `target` lead, and takes no values meanwhile. Without a higher ballot in time it leads on.
  /// False: not possible now.
  bool hand_over(MemberId target, Instant now, Effects& effects);

  /// From now on `member` hears everything chosen from `from` on as `Learn`; it asks for more with `Fetch`.
  void add_learner(MemberId member, Slot from, Instant now, Effects& effects);
  void remove_learner(MemberId member);

  /// Ends the step. Once more, with nothing between, it does nothing.
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

  friend bool operator==(const Replica&, const Replica&) = default;

  template <class H>
  friend void hash_append(H& h, const Replica& r) {
    h(r.core_, r.acceptor_, r.role_, r.fetcher_, r.learners_, r.peers_, r.following_, r.election_, r.pauses_, r.prng_,
      r.replay_upto_, r.replayed_upto_, r.now_, r.disk_healthy_, r.longest_pause_, r.round_, r.next_heartbeat_,
      r.watermark_due_, r.vote_lost_, r.reason_, r.told_role_, r.told_ballot_);
  }

 private:
  struct Follower {
    friend bool operator==(const Follower&, const Follower&) = default;
    template <class H>
    friend void hash_append(H&, const Follower&) {}
  };

  /// Phase 1 runs.
  struct Candidate {
    Phase1 phase1;

    friend bool operator==(const Candidate&, const Candidate&) = default;
    template <class H>
    friend void hash_append(H& h, const Candidate& candidate) {
      h(candidate.phase1);
    }
  };

  struct Handover {
    MemberId target;
    bool told;
    Instant until;

    friend bool operator==(const Handover&, const Handover&) = default;
    template <class H>
    friend void hash_append(H& h, const Handover& handover) {
      h(handover.target, handover.told, handover.until);
    }
  };

  /// Phase 1 is done: proposes, and proves that it leads.
  struct Leader {
    Proposer proposer;
    Leadership leadership;
    std::optional<Handover> handover;
    Instant rest_until;  ///< after a vain handover: none of its own accord
    bool announced;      ///< its `TermStarted`

    friend bool operator==(const Leader&, const Leader&) = default;
    template <class H>
    friend void hash_append(H& h, const Leader& leader) {
      h(leader.proposer, leader.leadership, leader.handover, leader.rest_until, leader.announced);
    }
  };

  /// What elections see of the rest, at one moment.
  struct View {
    View(const Replica& replica, Instant now)
        : facts(replica.facts()), around{replica.core_.tuning, facts, replica.core_.configurations.newest(), replica.peers_, now} {}
    View(const View&) = delete;
    View& operator=(const View&) = delete;

    Facts facts;
    Surroundings around;
  };

  // replica.cpp
  void begin(Instant now, Effects& effects);
  [[nodiscard]] Instant compute_wakeup() const;
  void store(Instant now, Effects& effects);
  void announce(Effects& effects);
  [[nodiscard]] Facts facts() const;
  [[nodiscard]] Leader* leads() { return std::get_if<Leader>(&role_); }
  [[nodiscard]] const Leader* leads() const { return std::get_if<Leader>(&role_); }
  [[nodiscard]] Candidate* stands() { return std::get_if<Candidate>(&role_); }
  [[nodiscard]] std::optional<Ballot> own_ballot() const;

  // replica_messages.cpp: one for each message
  void on(const MemberId& from, PreVote& message, Instant now, Effects& effects);
  void on(const MemberId& from, PreVoteReply& message, Instant now, Effects& effects);
  void on(const MemberId& from, Prepare& message, Instant now, Effects& effects);
  void on(const MemberId& from, Promise& message, Instant now, Effects& effects);
  void on(const MemberId& from, Refused& message, Instant now, Effects& effects);
  void on(const MemberId& from, Accept& message, Instant now, Effects& effects);
  void on(const MemberId& from, Accepted& message, Instant now, Effects& effects);
  void on(const MemberId& from, Chosen& message, Instant now, Effects& effects);
  void on(const MemberId& from, Heartbeat& message, Instant now, Effects& effects);
  void on(const MemberId& from, Fetch& message, Instant now, Effects& effects);
  void on(const MemberId& from, Learn& message, Instant now, Effects& effects);
  void on(const MemberId& from, Go& message, Instant now, Effects& effects);
  void malformed(const MemberId& from, const char* why, Effects& effects);
  [[nodiscard]] bool refused(const MemberId& from, Ballot ballot, Effects& effects);
  void follow(Ballot ballot, Instant now);
  void send_configuration(const MemberId& to, Slot known, Effects& effects);

  // replica_roles.cpp
  void stand(const Stand& stand, Instant now, Effects& effects);
  [[nodiscard]] bool drive(Phase1& phase1, Instant now, Effects& effects);
  void fetch(const MemberId& holder, Slot upto, Instant now, Effects& effects);
  void give_up_fetching(Instant now, Effects& effects);
  void progress(Instant now);
  void lead(Instant now, Effects& effects);
  void work(Leader& leader, Instant now, Effects& effects);
  void mind_handover(Instant now, Effects& effects);
  void yield(Ballot higher, Instant now, Effects& effects);
  void step_down(std::string reason, Instant now, Effects& effects);
  void elect(Instant now, Effects& effects);
  void prove(Instant now, Effects& effects);
  void count_round(Leader& leader, const View& view, Effects& effects);

  // replica_heartbeats.cpp
  void beat(Instant now, Effects& effects);
  void beat_to(const MemberId& to, Instant now, Effects& effects);
  [[nodiscard]] Heartbeat heartbeat_for(const MemberId& to, const View& view) const;

  Core core_;
  Acceptor acceptor_;
  std::variant<Follower, Candidate, Leader> role_;
  Fetcher fetcher_;
  Learners learners_;

  Liveness peers_;
  Following following_;
  Election election_;
  PauseDetector pauses_;
  Prng prng_;
  /// What the store held as chosen, and how much of it the owner was given.
  Slot replay_upto_;
  Slot replayed_upto_;
  /// Of the newest input.
  Instant now_;
  bool disk_healthy_ = true;
  /// Since the last heartbeats left.
  Duration longest_pause_{};
  /// The newest that this node has numbered.
  RoundTrip round_;
  Instant next_heartbeat_;
  /// What the last flush found `next_wakeup` to be; nothing: something came since.
  std::optional<Instant> settled_;
  /// When the watermark is written even if nothing else is.
  std::optional<Instant> watermark_due_;

  /// Why, until the owner is told.
  std::optional<std::string> vote_lost_;
  std::string reason_;
  Role told_role_ = Role::observer;
  Ballot told_ballot_;
};

}  // namespace conclave::paxos
