// What this voter knows of the other voters at first hand: their links, and what they said of themselves. Evidence only;
// what follows from it is `election.hpp`.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "paxos/message.hpp"
#include "paxos/timing.hpp"

namespace conclave::paxos {

enum class LinkState : std::uint8_t {
  down,     ///< closed, or never opened; it may be on its way
  up,       ///< open
  refused,  ///< closed, and opening it again was refused: no such process
};

struct Peer {
  LinkState link{LinkState::down};
  /// When `link` became what it is.
  Instant since{};
  /// It said goodbye and has not come back.
  bool departed{false};
  /// The newest one on this link; none before the first. What an earlier link said is forgotten.
  std::optional<Heartbeat> heartbeat;
  /// When it was last heard on this link, whatever it said.
  Instant heard{};
  RoundTripTime round_trip;

  /// Not coming back by itself: its process ended.
  [[nodiscard]] bool gone() const { return link == LinkState::refused || departed; }

  friend bool operator==(const Peer&, const Peer&) = default;

  template <class H>
  friend void hash_append(H& h, const Peer& p) {
    h(p.link, p.since, p.departed, p.heartbeat, p.heard, p.round_trip);
  }
};

class Liveness {
 public:
  void on_link_up(const MemberId& member, Instant now);
  /// A refusal stays a refusal until the link is up again.
  void on_link_down(const MemberId& member, Instant now);
  void on_link_refused(const MemberId& member, Instant now);
  /// The sender's process ends; its link closes next.
  void on_goodbye(const MemberId& member, Instant now);
  /// Any message. What comes over a link that is not up is not heard: it is late.
  void on_heard(const MemberId& member, Instant now);
  void on_heartbeat(const MemberId& member, const Heartbeat& heartbeat, Instant now);
  void on_round_trip(const MemberId& member, Duration round_trip);

  /// For `pause` this process did not listen: nobody was silent (E10).
  void forgive(Duration pause);
  /// Of `member` nothing needs to be known any more.
  void forget(const MemberId& member);

  /// Never heard of: a link that is down.
  [[nodiscard]] const Peer& operator[](const MemberId& member) const;
  [[nodiscard]] bool gone(const MemberId& member) const { return (*this)[member].gone(); }
  [[nodiscard]] bool up(const MemberId& member) const { return (*this)[member].link == LinkState::up; }
  /// Of those that are up; zero without a measurement.
  [[nodiscard]] Duration longest_round_trip() const;
  /// The highest ballot that anybody here was heard to have promised.
  [[nodiscard]] Ballot highest_promised() const;

  friend bool operator==(const Liveness&, const Liveness&) = default;

  template <class H>
  friend void hash_append(H& h, const Liveness& l) {
    h(l.peers_);
  }

 private:
  [[nodiscard]] const Peer* find(const MemberId& member) const;
  [[nodiscard]] Peer* find(const MemberId& member) { return const_cast<Peer*>(std::as_const(*this).find(member)); }
  [[nodiscard]] Peer& known(const MemberId& member);
  void set_link(const MemberId& member, LinkState link, Instant now);

  /// By member. A handful that is asked for many times in each step: to look through it is quicker than a tree.
  std::vector<std::pair<MemberId, Peer>> peers_;
};

}  // namespace conclave::paxos
