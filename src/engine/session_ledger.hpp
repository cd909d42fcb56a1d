// The leader's side of sessions (S1 to S6, P12): admits commands in the order of their numbers, acknowledges renewals only
// on proof of a quorum, and ends sessions that were not renewed. Empty while this node does not lead.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/ids.hpp"
#include "coordination/command.hpp"
#include "coordination/state.hpp"
#include "engine/message.hpp"

namespace conclave::engine {

class SessionLedger {
 public:
  /// Where an acknowledgement goes: a link, or nothing for this process itself.
  using Source = std::optional<LinkId>;

  struct Acknowledgement {
    Source to;
    RenewAck::Item item;

    friend bool operator==(const Acknowledgement&, const Acknowledgement&) = default;
  };

  /// The term-start is applied (P12): every session gets one full TTL from now (S2).
  void lead(const coordination::State& state, Instant now);
  void step_down();
  [[nodiscard]] bool leads() const { return leads_; }

  enum class Admission : std::uint8_t {
    propose,  ///< the next number of its session: put it into the log
    drop,     ///< admitted or applied before
    resend,   ///< out of order: ask for everything from `expected`
    unknown,  ///< no such session
  };
  struct Verdict {
    Admission admission{Admission::drop};
    Sequence expected;
  };
  /// Judges a session's command (S6) and, for `propose`, counts it as admitted.
  [[nodiscard]] Verdict admit(const coordination::Submission& submission, const coordination::State& state);

  /// Keeps a renewal until a round that begins later is confirmed (S1).
  void on_renew(Source from, const Renew::Item& item, const coordination::State& state, Instant now);
  /// True when something waits for a round that began after `since`.
  [[nodiscard]] bool wants_round() const { return !renewals_.empty() || !due_.empty(); }
  /// A round that was sent at `sent` has been echoed by a majority: what arrived before counts, and sessions that were due
  /// before and still are have ended.
  void on_round(Instant sent, const coordination::State& state, std::vector<Acknowledgement>& acknowledged,
                std::vector<SessionId>& expired);
  /// Collects the sessions whose time is up: they end after the next round (S3).
  void on_tick(Instant now);

  void on_opened(SessionId session, std::chrono::milliseconds ttl, Instant now);
  void on_ended(SessionId session);
  /// The end of `session` is proposed: it is acknowledged no more (S1).
  void condemn(SessionId session);

  /// S5: from now on acknowledgements name the token, so its holder believes in it no longer than one TTL after the
  /// arrival of the newest renewal that was acknowledged before.
  void on_ending(const coordination::EndingGrant& ending);
  /// The ending grants whose time has come; each is returned once.
  [[nodiscard]] std::vector<coordination::Ended> ended_grants(Instant now);

  [[nodiscard]] std::optional<Instant> next_wakeup() const;

  friend bool operator==(const SessionLedger&, const SessionLedger&) = default;

  template <class H>
  friend void hash_append(H& h, const SessionLedger& ledger) {
    h(ledger.leads_, ledger.sessions_, ledger.renewals_, ledger.endings_, ledger.due_);
  }

 private:
  struct Session {
    std::chrono::milliseconds ttl{0};
    Instant expiry;
    /// When the newest acknowledged renewal arrived; before the first, the beginning (S5).
    Instant acknowledged;
    /// The next number to admit; nothing until the first command in this leadership.
    std::optional<Sequence> next;
    bool condemned{false};

    friend bool operator==(const Session&, const Session&) = default;
    template <class H>
    friend void hash_append(H& h, const Session& session) {
      h(session.ttl, session.expiry, session.acknowledged, session.next, session.condemned);
    }
  };
  struct Renewal {
    Source from;
    RenewAck::Item item;
    Instant arrived;

    friend bool operator==(const Renewal&, const Renewal&) = default;
    template <class H>
    friend void hash_append(H& h, const Renewal& renewal) {
      h(renewal.from, renewal.item.session, renewal.item.number, renewal.arrived);
    }
  };

  void schedule(SessionId id, Session& session, Instant expiry);

  bool leads_{false};
  std::map<SessionId, Session> sessions_;
  std::set<std::pair<Instant, SessionId>> by_expiry_;
  std::vector<Renewal> renewals_;
  /// Ending grants, and when their holders believe in them no more.
  std::map<Token, std::pair<Instant, coordination::ResourceName>> endings_;
  /// Sessions whose time is up, and since when they wait for a round.
  std::map<SessionId, Instant> due_;
};

}  // namespace conclave::engine
