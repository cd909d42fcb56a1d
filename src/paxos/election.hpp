// When a voter stands for election, and whom it helps.
//
// E1  *Evidence.* A voter has lost its leader when that was silent for the adaptive timeout (`SilenceTimeout`); when its
//     link is closed and opening it again was refused; when it said goodbye; when its own heartbeats claim its ballot no
//     more; when they said for one timeout that its disk is not healthy; or when, no leader having been heard yet, every
//     other voter is gone or says that it hears none. A closed link alone is no evidence: it is dialled at once. A message
//     of a ballot below the promised one is not hearing the leader.
// E2  *Who stands.* Only a voter of the newest configuration it knows, with its vote and a healthy disk, that has lost its
//     leader. An observer never does. (One exception to the last condition: E9.) Who has stepped down for want of a quorum
//     or a disk waits one timeout first.
// E3  *Pre-vote.* It first asks all voters. Asking and answering store nothing and raise no promise; the ballot asked for
//     is above every promise that the candidate knows of.
// E4  *Granting.* A voter says yes if it has lost its own leader, or could not open the closed link to it again for
//     `probe_wait`; if both know the same configuration; if the ballot is above its promise; and if it has its vote. How
//     up to date the candidate is never counts. In doubt (no leader heard since the start, the link to it closed, or a
//     heartbeat missed) the answer waits until the doubt ends, at the latest with the adaptive timeout. A leader says no.
// E5  *Both ways.* The candidate stands once a majority, itself included, says yes, no answer older than one timeout:
//     question and answer prove both directions.
// E6  *Rank.* A candidate waits `rank_step` plus a round trip for each voter that looks alive and is better placed: has
//     accepted more, else has a higher priority, else the smaller id.
// E7  *One at a time.* A voter that helps one candidate (by a pre-vote, or with its own candidacy) lets others wait for a
//     `turn`, except better placed ones, to which it yields; one turn for each other candidate until a leader is heard, so
//     that those who cannot win do not keep the one who can from trying. A promise holds for a whole timeout, unless its
//     candidate goes or lets it lapse.
// E8  *Back-off.* After a vain attempt the next one comes a turn later, then two, four, ..., never more than a timeout,
//     half of it drawn at random.
// E9  *Go.* The leader of the highest ballot that a voter knows may tell it to stand at once, without pre-vote.
// E10 *Pauses.* Time in which this process did not run is nobody's silence. A leader back from a pause confirms a round
//     before it answers, grants or expires anything.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "paxos/following.hpp"

namespace conclave::paxos {

/// Why a voter stands.
struct Stand {
  /// Its own, to be promised and synced before the Prepare leaves (P2).
  Ballot ballot;
  /// Nothing: told to by the leader (E9).
  std::optional<Loss> loss;

  friend bool operator==(const Stand&, const Stand&) = default;
};

/// What the owner has to do now. A pre-vote rests on nothing that must be synced first.
struct ElectionOutput {
  std::vector<std::pair<MemberId, PreVote>> ask;
  /// `newer` is left to the owner.
  std::vector<std::pair<MemberId, PreVoteReply>> answer;
  std::optional<Stand> stand;
  /// The candidacy took too long: phase 1 of its ballot is to be given up.
  bool abandon{false};

  friend bool operator==(const ElectionOutput&, const ElectionOutput&) = default;
};

class Election {
 public:
  void on_pre_vote(const MemberId& from, const PreVote& question);
  void on_pre_vote_reply(const Surroundings& s, const MemberId& from, const PreVoteReply& reply);
  /// This voter promised `ballot` to another (P1).
  void on_promised(const Surroundings& s, const Following& following, const Ballot& ballot);
  /// E9. The owner has checked and learnt what the message says of the log.
  void on_go(const Surroundings& s, const Go& go);
  /// Phase 1 of this voter's own ballot moves on: its time starts again.
  void on_progress(const Surroundings& s, const Following& following);
  /// Somebody promised `higher`: this voter's own ballot, standing or asked for, is of no use any more.
  void on_preempted(const Surroundings& s, const Following& following, const Ballot& higher);
  /// A leader is heard, or this voter leads: the election is over.
  void on_decided();
  /// E2: this voter led and could not go on.
  void on_stepped_down(const Surroundings& s, const Following& following);

  /// To be called at the end of every step: everything that follows from what was heard and from the time.
  void update(const Surroundings& s, const Following& following, Prng& prng, ElectionOutput& out);

  [[nodiscard]] bool standing() const { return phase_ == Phase::standing; }
  [[nodiscard]] bool asking() const { return phase_ == Phase::asking; }
  [[nodiscard]] std::optional<Instant> next_wakeup(const Surroundings& s, const Following& following) const;

  friend bool operator==(const Election&, const Election&) = default;

  template <class H>
  friend void hash_append(H& h, const Election& e) {
    h(e.phase_, e.until_, e.ballot_, e.attempts_, e.grants_, e.told_, e.highest_, e.favourite_, e.had_turn_, e.questions_);
  }

 private:
  enum class Phase : std::uint8_t {
    idle,      ///< nothing to elect
    waiting,   ///< by rank or after a vain attempt, until `until_`
    asking,    ///< for pre-votes, until `until_`
    standing,  ///< phase 1 runs, until `until_`
  };

  /// The other candidate that this voter helps (E7); while it asks or stands itself there is none.
  struct Favourite {
    Placing placing;
    Instant until;
    /// By a promise: nobody is better placed.
    bool promised{false};

    friend bool operator==(const Favourite&, const Favourite&) = default;

    template <class H>
    friend void hash_append(H& h, const Favourite& f) {
      h(f.placing, f.until, f.promised);
    }
  };

  void drop_favourite(const Surroundings& s, const Following& following);
  void run(const Surroundings& s, const Following& following, Prng& prng, ElectionOutput& out);
  void ask(const Surroundings& s, ElectionOutput& out);
  [[nodiscard]] Ballot highest_known(const Surroundings& s) const;
  [[nodiscard]] bool granted_by_majority(const Surroundings& s, const Following& following) const;
  void stand(const Surroundings& s, const Following& following, ElectionOutput& out);
  void back_off(const Surroundings& s, const Following& following, Prng& prng);
  void wait_until(Instant until);
  void answer_questions(const Surroundings& s, const Following& following, ElectionOutput& out);
  // Nothing: not yet.
  [[nodiscard]] std::optional<PreVoteReason> judge(const Surroundings& s, const Following& following, const MemberId& from,
                                                   const PreVote& question) const;
  [[nodiscard]] bool must_wait(const Surroundings& s, const Placing& candidate) const;
  void help(const Surroundings& s, const Following& following, const Placing& candidate);
  [[nodiscard]] Duration rank_delay(const Surroundings& s, const Following& following) const;

  Phase phase_{Phase::idle};
  Instant until_{};
  /// Asked for or stood with last.
  Ballot ballot_;
  std::uint32_t attempts_{0};
  /// Who granted `ballot_`, and when.
  std::map<MemberId, Instant> grants_;
  /// E9: stand at the next update.
  bool told_{false};
  /// The highest promise that a refusal told of.
  Ballot highest_;
  std::optional<Favourite> favourite_;
  std::set<MemberId> had_turn_;
  /// Not answered yet: the newest of each candidate.
  std::map<MemberId, PreVote> questions_;
};

}  // namespace conclave::paxos
