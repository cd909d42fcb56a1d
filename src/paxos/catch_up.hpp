// Getting and giving what is chosen by request: a candidate that fetches before it proposes (P4), a member without a vote,
// observers that follow the log.
#pragma once

#include <map>
#include <optional>

#include "paxos/core.hpp"

namespace conclave::paxos {

/// Asks one peer for everything up to a slot, frame by frame.
class Fetcher {
 public:
  [[nodiscard]] bool busy() const { return holder_.has_value(); }
  /// Of whom it asks; `busy()`.
  [[nodiscard]] const MemberId& holder() const { return *holder_; }

  /// Fetches from `holder` up to `upto`, each frame within `patience`; what was under way is forgotten.
  void start(const MemberId& holder, Slot upto, BootClock::duration patience, const Core& core, Instant now,
             Effects& effects);
  /// A Learn of `from` was used: goes on, or is done. True: there was progress.
  bool on_learnt(const MemberId& from, const Core& core, Instant now, Effects& effects);
  void stop() { holder_.reset(); }
  /// The holder did not deliver in time.
  [[nodiscard]] bool expired(Instant now) const { return holder_ && now >= deadline_; }
  [[nodiscard]] std::optional<Instant> wakeup() const { return holder_ ? std::optional(deadline_) : std::nullopt; }

  friend bool operator==(const Fetcher&, const Fetcher&) = default;

  template <class H>
  friend void hash_append(H& h, const Fetcher& f) {
    h(f.holder_, f.upto_, f.patience_, f.asked_from_, f.deadline_);
  }

 private:
  void ask(const Core& core, Instant now, Effects& effects);

  std::optional<MemberId> holder_;
  Slot upto_;
  BootClock::duration patience_{};
  Slot asked_from_;
  Instant deadline_{};
};

/// Observers that hear what is chosen here. One that is behind gets a frame for each Fetch, so it sets the pace.
class Learners {
 public:
  void add(const MemberId& member, Slot from) { learners_.insert_or_assign(member, Learner{from, false}); }
  void remove(const MemberId& member) { learners_.erase(member); }
  /// Answers anybody; a learner goes on from there.
  void on_fetch(const MemberId& from, const Fetch& fetch, const Core& core, Effects& effects);
  void pump(const Core& core, Effects& effects);

  friend bool operator==(const Learners&, const Learners&) = default;

  template <class H>
  friend void hash_append(H& h, const Learners& l) {
    h(l.learners_);
  }

 private:
  struct Learner {
    Slot next;
    /// Its last frame did not bring it level: waits for its Fetch.
    bool behind = false;

    friend bool operator==(const Learner&, const Learner&) = default;

    template <class H>
    friend void hash_append(H& h, const Learner& l) {
      h(l.next, l.behind);
    }
  };

  std::map<MemberId, Learner> learners_;
};

}  // namespace conclave::paxos
