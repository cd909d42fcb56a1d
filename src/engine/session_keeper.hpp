// The holder's side of sessions (S1, S2, S5, S6): numbers this process's commands, sends them in order until they are
// applied (go-back-N), renews its sessions, and knows until when each is certainly alive.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <conclave/result.hpp>

#include "base/payload.hpp"
#include "coordination/command.hpp"
#include "engine/message.hpp"
#include "engine/notice.hpp"

namespace conclave::engine {

/// Turns a command into the bytes that are stored and forwarded, and back. `src/wire` provides it; a codec in the core
/// would tie the protocol's logic to its encoding.
struct CommandCodec {
  Bytes (*encode)(const coordination::Command&) = nullptr;
  Result<coordination::Command> (*decode)(BytesView) = nullptr;

  friend bool operator==(const CommandCodec&, const CommandCodec&) = default;
};

class SessionKeeper {
 public:
  struct Tuning {
    CommandCodec codec;
    MemberId owner;
    std::string owner_name;
    bool ephemeral{false};
    /// Commands sent and not applied, per session (S6).
    std::size_t window{1024};
    /// Their bytes: one more command is sent as long as they are fewer. Far below the longest frame (W1).
    std::size_t window_bytes{std::size_t{4} << 20};
    /// All commands of a session that wait; one more is refused as overloaded, unless it gives something back.
    std::size_t pending_max{16384};
    /// A command that was sent and not applied for so long is sent again with all that follow it.
    std::chrono::nanoseconds resend_after{std::chrono::seconds(1)};
    /// The first wait after commands were refused by a node that does not lead, or is overloaded; then twice as long each
    /// time, up to `resend_after`, until something is applied or the way to the leader is another.
    std::chrono::nanoseconds retry_after{std::chrono::milliseconds(20)};
    unsigned drift_ppm{500};

    friend bool operator==(const Tuning&, const Tuning&) = default;
  };

  /// What has to leave for the leader, in order, and what the client layer has to hear.
  struct Output {
    std::vector<Payload> forward;
    std::vector<Renew::Item> renew;
    std::vector<Notice>& notices;
  };

  explicit SessionKeeper(Tuning tuning) : tuning_(std::move(tuning)) {}

  /// Asks for a session; `nonce` names the request until `SessionOpened` gives it an id.
  void open(const Uuid& nonce, std::chrono::milliseconds ttl);
  /// Numbers `op` and queues it. `errc::session_ended` or `errc::overloaded`.
  [[nodiscard]] Result<Sequence> submit(SessionId session, coordination::Op op);
  /// The client has the answers to all numbers below: they need not be kept any longer.
  void answered_below(SessionId session, Sequence sequence);
  /// Renews no more; its commands still in the queue go on. For a session that is being closed.
  void abandon(SessionId session);

  void on_opened(const coordination::SessionOpened& opened, Instant now, Output& out);
  void on_ended(SessionId session, const std::string& cause, Output& out);
  /// Everything of `session` up to `sequence` is applied here.
  void on_applied(SessionId session, Sequence sequence);
  void on_reply(const ForwardReply& reply, Instant now, Output& out);
  /// What was sent last reached a node that neither leads nor knows who does.
  void on_not_leader(Instant now);
  void on_acknowledged(const RenewAck::Item& item, Instant now, Output& out);
  /// The leader, or the way to it, is another: whatever was sent may be lost (S6).
  void on_path_changed();
  /// The way is the same, and its other end knows a leader now: what was refused need not wait.
  void on_leader_named();
  /// Sends what the window and the clock allow. Call it at the end of each step in which the leader can be reached.
  void flush(Instant now, Output& out);
  /// Ends the sessions whose deadline has passed (S2): that is final (S7).
  void expire(Instant now, Output& out);

  [[nodiscard]] bool owns(SessionId session) const { return sessions_.contains(session); }
  /// When there is something to do: to expire, and, if the leader `can_be_reached`, to send.
  [[nodiscard]] std::optional<Instant> next_wakeup(bool can_be_reached) const;

  friend bool operator==(const SessionKeeper&, const SessionKeeper&) = default;

  template <class H>
  friend void hash_append(H& h, const SessionKeeper& keeper) {
    h(keeper.nonces_, keeper.opening_, keeper.sessions_, keeper.wait_, keeper.hold_until_);
  }

 private:
  struct Opening {
    std::chrono::milliseconds ttl{0};
    Payload command;
    /// The first sending counts (S2): a later one may be the copy that was never chosen.
    std::optional<Instant> first_sent;
    std::optional<Instant> last_sent;

    friend bool operator==(const Opening&, const Opening&) = default;
    template <class H>
    friend void hash_append(H& h, const Opening& opening) {
      h(opening.ttl, opening.first_sent, opening.last_sent);
    }
  };

  struct Queued {
    Sequence sequence;
    coordination::Op op;
    /// Set when first sent, and sent again unchanged.
    Payload encoded;

    friend bool operator==(const Queued&, const Queued&) = default;
    template <class H>
    friend void hash_append(H& h, const Queued& queued) {
      h(queued.sequence, queued.encoded);
    }
  };

  struct Session {
    std::chrono::milliseconds ttl{0};
    Instant deadline;
    bool renewing{true};
    Sequence next_sequence{1};
    Sequence answered_below{1};
    std::deque<Queued> queue;
    /// How many at the head of the queue have been sent on the present path.
    std::size_t sent{0};
    std::size_t sent_bytes{0};
    Instant progress_at;
    std::uint64_t renewals{0};
    std::map<std::uint64_t, Instant> renewal_sent;
    Instant next_renewal;

    friend bool operator==(const Session&, const Session&) = default;
    template <class H>
    friend void hash_append(H& h, const Session& session) {
      h(session.ttl, session.deadline, session.renewing, session.next_sequence, session.answered_below, session.queue,
        session.sent, session.sent_bytes, session.progress_at, session.renewals, session.renewal_sent, session.next_renewal);
    }
  };

  [[nodiscard]] Instant deadline(Instant sent, std::chrono::milliseconds ttl) const;
  void hold_back(Instant now);
  void close_repeated(const coordination::SessionOpened& opened, Instant now);
  void send_openings(Instant now, Output& out);
  static void send_again_from(Session& session, std::size_t position);
  void send_commands(SessionId id, Session& session, Instant now, Output& out);
  void send_renewal(SessionId id, Session& session, Instant now, Output& out);

  Tuning tuning_;
  /// Of all openings of this life.
  std::set<Uuid> nonces_;
  std::map<Uuid, Opening> opening_;
  std::map<SessionId, Session> sessions_;
  /// The last wait after a refusal; zero: none since there was progress.
  std::chrono::nanoseconds wait_{0};
  /// No command leaves before.
  std::optional<Instant> hold_until_;
};

}  // namespace conclave::engine
