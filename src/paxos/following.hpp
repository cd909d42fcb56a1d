// Whom this voter follows, and whether it has lost it: rule E1, on evidence and not on a timer alone.
#pragma once

#include <optional>
#include <string>

#include "paxos/surroundings.hpp"

namespace conclave::paxos {

/// Why there is no leader, as this voter sees it (E1). Every election says which.
enum class Loss : std::uint8_t {
  silent,        ///< not heard for the adaptive timeout
  refused,       ///< its link is closed, and opening it again was refused
  departed,      ///< it said goodbye
  resigned,      ///< its heartbeats claim the ballot no more: it lost its quorum, or restarted
  sick_disk,     ///< its heartbeats said for a whole timeout that its disk is not healthy
  none_leads,    ///< every other voter is gone or says that it hears no leader
  stepped_down,  ///< this voter led, and does no more
};
[[nodiscard]] std::string to_string(Loss loss);

class Following {
 public:
  explicit Following(Instant now) : silence_(now), both_ways_at_(now) {}

  /// A leader's message in `ballot`, which nobody here has promised above (P3). True if it was lost or is new.
  bool on_heard(const Surroundings& s, const Ballot& ballot);
  /// What the member that this voter follows says of itself. To be called after `on_heard`.
  void on_heartbeat(const Surroundings& s, const MemberId& from, const Heartbeat& heartbeat);
  /// This voter begins to lead in `ballot`.
  void on_elected(const Ballot& ballot, Instant now) { begin(ballot, now); }
  /// This voter leads no more.
  void on_stepped_down(Instant now);
  /// E10.
  void forgive(Duration pause);

  /// Looks at the evidence. A loss stays one until a leader is heard.
  void assess(const Surroundings& s);

  [[nodiscard]] const std::optional<Ballot>& leader() const { return leader_; }
  [[nodiscard]] bool leads(const MemberId& member) const { return leader_ && leader_->member == member; }
  [[nodiscard]] const std::optional<Loss>& lost() const { return lost_; }
  /// Not lost, but it may turn out so: the answer to a pre-vote waits (E4).
  [[nodiscard]] bool in_doubt(const Surroundings& s) const;
  /// Not lost, but the closed link could not be opened again for `probe_wait`: enough to grant (E4).
  [[nodiscard]] bool probed_in_vain(const Surroundings& s) const;
  /// Hears its leader and is heard by it; what heartbeats say.
  [[nodiscard]] bool content(const Surroundings& s) const;

  [[nodiscard]] Duration timeout(const Surroundings& s) const;
  /// When `assess` may find something without anything being heard.
  [[nodiscard]] std::optional<Instant> next_wakeup(const Surroundings& s) const;

  friend bool operator==(const Following&, const Following&) = default;

  template <class H>
  friend void hash_append(H& h, const Following& f) {
    h(f.leader_, f.silence_, f.resigned_, f.sick_since_, f.echoed_, f.both_ways_at_, f.lost_);
  }

 private:
  void begin(std::optional<Ballot> leader, Instant now);
  [[nodiscard]] std::optional<Loss> evidence(const Surroundings& s) const;
  [[nodiscard]] bool none_leads(const Surroundings& s) const;

  /// In which it was heard last, lost or not.
  std::optional<Ballot> leader_;
  SilenceTimeout silence_;
  bool resigned_{false};
  std::optional<Instant> sick_since_;
  /// The newest of our rounds that the leader has heard, and when it last was a new one.
  RoundTrip echoed_;
  Instant both_ways_at_;
  std::optional<Loss> lost_;
};

}  // namespace conclave::paxos
