// Which members there is news of, and how often it was told: one slot per member, so that the queue cannot outgrow the
// table of members (G5). The news itself is what the table says at the moment of sending: the newest always wins.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include <conclave/types.hpp>

namespace conclave::gossip {

class Rumours {
 public:
  /// There is news of this member; the count of tellings starts again. What is `urgent` (a refutation) goes before all
  /// else.
  void push(MemberId member, bool urgent = false);

  /// Forgets the member's slot.
  void drop(MemberId member);

  /// Picks what to tell next, the urgent and the least told first, the newer first among equals. `fits(member)` says
  /// whether the member's rumour still fits and takes the room; `done()` ends the search. A rumour that was told
  /// `tellings_max` times leaves the queue.
  template <class Fits, class Done>
  void take(unsigned tellings_max, Fits fits, Done done) {
    std::vector<Place> taken;
    for (const Place& place : order_) {
      if (done()) break;
      if (fits(place.member)) taken.push_back(place);
    }
    for (const Place& place : taken) told(place, tellings_max);
  }

  [[nodiscard]] bool empty() const { return order_.empty(); }
  [[nodiscard]] std::size_t size() const { return order_.size(); }
  [[nodiscard]] bool contains(MemberId member) const { return slots_.contains(member); }

  friend bool operator==(const Rumours&, const Rumours&) = default;

  template <class H>
  friend void hash_append(H& h, const Rumours& rumours) {
    h(rumours.order_, rumours.pushed_);
  }

 private:
  /// Orders the queue; the member is in exactly one place.
  struct Place {
    bool patient{true};
    unsigned tellings{0};
    /// Falls with every push, so that the newest comes first.
    std::int64_t recency{0};
    MemberId member;

    friend auto operator<=>(const Place&, const Place&) = default;

    template <class H>
    friend void hash_append(H& h, const Place& place) {
      h(place.patient, place.tellings, place.recency, place.member);
    }
  };

  void told(const Place& place, unsigned tellings_max);

  std::set<Place> order_;
  std::map<MemberId, Place> slots_;
  std::int64_t pushed_{0};
};

}  // namespace conclave::gossip
