// The table of members: what is believed of each, how a rumour changes it, and what is still to be told. No timer of its
// own but the suspicions'.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include <conclave/types.hpp>

#include "gossip/effects.hpp"
#include "gossip/ring.hpp"
#include "gossip/rumours.hpp"
#include "gossip/suspicion.hpp"
#include "gossip/tuning.hpp"

namespace conclave::gossip {

/// Who this node is; fixed for the life of the process.
struct Identity {
  MemberId member;
  std::string name;
  Address address;
  BootEpoch boot_epoch;
  Role role{Role::observer};

  friend bool operator==(const Identity&, const Identity&) = default;
};

/// What is believed of one member.
struct Member {
  Rumour rumour;
  /// Since when it is in this state.
  Instant since;
  /// It was dead or gone already when this node first heard of it.
  bool hearsay{false};
  /// Who else claimed last to be this member (G4).
  std::optional<Claim> rival{};

  friend bool operator==(const Member&, const Member&) = default;

  template <class H>
  friend void hash_append(H& h, const Member& member) {
    h(member.rumour, member.since, member.hearsay, member.rival);
  }
};

/// What became of a rumour.
enum class Outcome {
  stale,      ///< known already, or overtaken
  news,       ///< the table has changed
  refuted,    ///< it accused this node, which has an answer in the queue
  lazarus,    ///< alive, says somebody, at the very age at which it is dead or gone here: one of the two is mistaken
  clone,      ///< another process claims to be that member (G4)
  malformed,  ///< no correct peer says this
};

/// Holds this node, too, always alive until it leaves. Never larger than `Tuning::members_max`.
class Members {
 public:
  Members(const Identity& self, const Tuning& tuning, Prng prng, Instant now);

  /// Takes in what somebody says (G2 to G4, G7). With `quiet` the news is not told on.
  Outcome merge(const Rumour& rumour, bool quiet, Instant now, Effects& effects);

  /// This node itself accuses a live member.
  void accuse(MemberId member, Evidence evidence, Instant now, Effects& effects);

  /// Buries those whose time to refute is over.
  void bury(Instant now, Effects& effects);

  /// This process was deaf for `gap`; nobody is buried before `earliest` (G6).
  void postpone(BootClock::duration gap, Instant earliest);

  /// Forgets those who are dead or gone for `Tuning::forget_after`.
  void forget(Instant now);

  /// This node says of itself that it leaves.
  void leave(Instant now);

  [[nodiscard]] const Rumour& self() const { return table_.at(self_).rumour; }
  [[nodiscard]] const std::map<MemberId, Member>& table() const { return table_; }
  /// What is believed of one member; null if it is not known. Valid until the next change.
  [[nodiscard]] const Rumour* find(MemberId member) const;
  /// Alive or suspect, this node excepted.
  [[nodiscard]] bool is_live(MemberId member) const;
  /// Whether an answer to a Join says it (G10): the living, and of the dead and departed those that this node has known
  /// alive, for half of the time that they are remembered. Otherwise members would remind each other of them for ever.
  [[nodiscard]] bool is_worth_telling(const Member& member, Instant now) const;
  /// Alive or suspect, this node included.
  [[nodiscard]] std::size_t live() const { return ring_.size() + 1; }
  /// When the next suspicion runs out.
  [[nodiscard]] Instant next_burial() const;

  [[nodiscard]] Ring& ring() { return ring_; }
  [[nodiscard]] const Ring& ring() const { return ring_; }
  [[nodiscard]] const Rumours& news() const { return news_; }

  /// The next rumours to tell, in at most `room` bytes. What is believed of `to`, if it is no good, goes first, so that it
  /// can refute (G3); before it, to `introduce` this node, its own.
  [[nodiscard]] std::vector<Rumour> tell(MemberId to, std::size_t room, bool introduce = false);

  friend bool operator==(const Members&, const Members&) = default;

  template <class H>
  friend void hash_append(H& h, const Members& m) {
    h(m.self_, m.tuning_, m.table_, m.suspicions_, m.news_, m.ring_);
  }

 private:
  Outcome merge_own(const Rumour& rumour);
  Outcome meet(const Rumour& rumour, Instant now, Effects& effects);
  Outcome renew(Member& member, const Rumour& rumour, Instant now, Effects& effects);
  Outcome weigh(Member& member, const Rumour& rumour, Instant now, Effects& effects);
  Outcome challenge(Member& member, const Rumour& rumour, Effects& effects);

  void suspect(Member& member, const Rumour& accusation, Instant now, Effects& effects);
  void depart(Member& member, State state, Instant now, Effects& effects);
  void make_room();

  MemberId self_;
  Tuning tuning_;
  std::map<MemberId, Member> table_;
  std::map<MemberId, Suspicion> suspicions_;
  Rumours news_;
  Ring ring_;
};

}  // namespace conclave::gossip
