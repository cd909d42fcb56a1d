// Membership and failure detection, sans I/O: SWIM (Das, Gupta, Motivala, DSN 2002) with suspicion and refutation, the
// local health of Lifeguard (Dadgar, Phillips, Currey, 2018), and repairs of what users of both complain about.
//
// G1   Gossip says who is alive and where. It gives no vote, takes none, and starts no election; a role is what a member
//      says of itself.
// G2   A member is its id. What is said of it is ordered by (boot epoch, incarnation); the greater replaces the smaller,
//      its address too. Within one age, suspect overrides alive, dead overrides suspect, left overrides all.
// G3   Only the member itself raises its incarnation. Accused in its own boot, it answers with the accusation's incarnation
//      plus one; the answer goes before all other rumours. Whoever writes to a member that it believes suspect, dead or
//      gone, puts that first, so that the member can answer; whoever hears that such a member is alive writes to it.
// G4   The same member in the same boot epoch at two addresses, or, seen by the member itself, in a later epoch: a cloned
//      or restored data folder. Neither replaces the other; it is reported, and both claimants are told of each other.
// G5   One slot per member for news, whose content is the newest belief: no queue outgrows the table, and the table is
//      bounded; the longest dead make room.
// G6   A step that comes more than `lag_max` after `next_wakeup` is a pause; while somebody is being judged, that is never
//      further away than `lag_max`. What was waited for is void: the probe in
//      flight accuses nobody, every suspect gets the lost time back and at least one more period, and the pause worsens
//      the local health, which stretches the patience with others.
// G7   A member without answer, directly and through others, is suspected; it is dead when its time to refute is over *here*.
//      Others' suspicions shorten the time down to a minimum; a dead verdict from afar is such a suspicion, by all.
// G8   A refused connection is evidence; seen by two members, the suspect is dead after one period.
// G9   A datagram has at most 1,232 bytes, by an upper bound of its encoding.
// G10  No address is forgotten: seeds that are no live members, and the dead for 72 hours, are dialled again, in quick turns
//      by a member that knows nobody alive, now and then by others. Who is dialled by a member that knows others
//      asks back, so that two pools that were split learn all of each other. The dead and departed do end: only who knew
//      them alive tells of them, for 36 hours.
// G11  A Join is answered with all that is known, in pages. Besides joining, one live member is asked now and then, soon
//      again when the last answer had news, and at once after a pause that was longer than the time to refute.
// G12  A goodbye is final for its boot: the member is left, not dead, and says nothing more.
// G13  What no correct peer sends is dropped and counted; it breaks no invariant.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include <conclave/types.hpp>

#include "base/prng.hpp"
#include "gossip/effects.hpp"
#include "gossip/exchange.hpp"
#include "gossip/members.hpp"
#include "gossip/message.hpp"
#include "gossip/probe.hpp"
#include "gossip/tuning.hpp"

namespace conclave::gossip {

/// One member's gossip, a value. Calls come one at a time, with a time that never falls; each appends to `effects` what is
/// to be sent and told. Datagrams may be lost, repeated and reordered on their way. It throws `InvariantBroken` for bugs of
/// its own, and for nothing that a peer sends.
class Gossip {
 public:
  /// `self` must be one that peers accept (`is_well_formed`): checked by the caller, an invariant here. `seeds` may name
  /// this node itself. `boot_epoch` is on disk before this is called.
  Gossip(const Identity& self, std::vector<Address> seeds, const Tuning& tuning, Prng prng, Instant now);

  /// A datagram of this cluster came from `from`; `sender` as its header says.
  void on_message(const Address& from, MemberId sender, const Message& message, Instant now, Effects& effects);

  /// To be called at `next_wakeup()`, or as soon as possible thereafter; earlier does no harm.
  void on_tick(Instant now, Effects& effects);

  /// The machine of `member` refused a connection of this node (G8).
  void on_refused(MemberId member, Instant now, Effects& effects);

  /// Says goodbye (G12). From then on nothing is sent and nothing taken in.
  void leave(Instant now, Effects& effects);

  /// When `on_tick` is due; may change with every call. `Instant::max()` after `leave`.
  [[nodiscard]] Instant next_wakeup() const;

  /// What is believed of every member, this one included.
  [[nodiscard]] const std::map<MemberId, Member>& members() const { return members_.table(); }
  /// What this node says of itself.
  [[nodiscard]] const Rumour& self() const { return members_.self(); }
  /// True while the member is alive or suspect; of this node until it leaves.
  [[nodiscard]] bool is_live(MemberId member) const;
  /// How many members there is news of.
  [[nodiscard]] std::size_t news() const { return members_.news().size(); }
  /// 0: well; greater: this node hears too little or runs too late, and is patient with others.
  [[nodiscard]] unsigned health() const { return detector_.health(); }
  /// Pauses of this process (G6).
  [[nodiscard]] std::uint64_t pauses() const { return pauses_; }
  /// Rumours that no correct peer sends (G13).
  [[nodiscard]] std::uint64_t malformed() const { return malformed_; }

  friend bool operator==(const Gossip&, const Gossip&) = default;

  template <class H>
  friend void hash_append(H& h, const Gossip& g) {
    h(g.tuning_, g.members_, g.detector_, g.exchange_, g.last_run_, g.told_at_, g.tell_at_, g.left_, g.pauses_,
      g.malformed_);
  }

 private:
  void note_time(Instant now);
  /// True if the table has changed.
  bool merge(Step step, const Rumour& rumour, bool quiet);
  void introduce_clones(Step step, const Rumour& rumour);
  void tell(Step step);
  void arm_tell(Instant now);

  Tuning tuning_;
  Members members_;
  Detector detector_;
  Exchange exchange_;
  Instant last_run_;
  Instant told_at_;
  /// When the news is told next; nothing while there is none, or nobody to tell.
  std::optional<Instant> tell_at_;
  bool left_{false};
  std::uint64_t pauses_{0};
  std::uint64_t malformed_{0};
};

}  // namespace conclave::gossip
