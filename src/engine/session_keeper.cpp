#include "engine/session_keeper.hpp"

#include <algorithm>

#include "base/invariant.hpp"

namespace conclave::engine {
namespace {

// Ten renewals fit into a TTL, so that a change of leader or a lost frame costs none of it.
constexpr int renewals_per_ttl = 10;

}  // namespace

Instant SessionKeeper::deadline(Instant sent, std::chrono::milliseconds ttl) const {
  // S2: both clocks may be wrong by the drift bound, in opposite directions.
  const auto whole = std::chrono::duration_cast<std::chrono::nanoseconds>(ttl);
  const auto margin = whole * (2 * static_cast<std::int64_t>(tuning_.drift_ppm)) / 1'000'000;
  return sent + whole - std::max<std::chrono::nanoseconds>(margin, std::chrono::milliseconds(1));
}

void SessionKeeper::open(const Uuid& nonce, std::chrono::milliseconds ttl) {
  const coordination::OpenSession command{.nonce = nonce,
                                          .owner = tuning_.owner,
                                          .owner_name = tuning_.owner_name,
                                          .ttl = ttl,
                                          .ephemeral = tuning_.ephemeral};
  nonces_.insert(nonce);
  opening_[nonce] = Opening{.ttl = ttl, .command = Payload(tuning_.codec.encode(command)), .first_sent = {}, .last_sent = {}};
}

Result<Sequence> SessionKeeper::submit(SessionId id, coordination::Op op) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return errc::session_ended;
  auto& session = found->second;
  if (session.queue.size() >= tuning_.pending_max && !coordination::gives_back(op))
    return Error(errc::overloaded, std::to_string(session.queue.size()) + " commands of this session wait already");
  const auto sequence = session.next_sequence;
  ++session.next_sequence;
  session.queue.push_back({.sequence = sequence, .op = std::move(op), .encoded = {}});
  return sequence;
}

void SessionKeeper::answered_below(SessionId id, Sequence sequence) {
  const auto found = sessions_.find(id);
  if (found != sessions_.end()) found->second.answered_below = std::max(found->second.answered_below, sequence);
}

void SessionKeeper::abandon(SessionId id) {
  const auto found = sessions_.find(id);
  if (found != sessions_.end()) found->second.renewing = false;
}

void SessionKeeper::on_opened(const coordination::SessionOpened& opened, Instant now, Output& out) {
  const auto found = opening_.find(opened.nonce);
  if (found == opening_.end()) return close_repeated(opened, now);
  const auto& opening = found->second;
  Session session;
  session.ttl = opening.ttl;
  session.deadline = deadline(opening.first_sent.value_or(now), opening.ttl);
  session.progress_at = now;
  session.next_renewal = now;
  wait_ = {};
  out.notices.push_back(SessionReady{.nonce = opened.nonce, .session = opened.session, .deadline = session.deadline});
  sessions_.emplace(opened.session, std::move(session));
  opening_.erase(found);
}

// C12: an opening that was sent twice has opened twice. Nobody uses the second session; it must not last for its TTL.
void SessionKeeper::close_repeated(const coordination::SessionOpened& opened, Instant now) {
  if (!nonces_.contains(opened.nonce) || sessions_.contains(opened.session)) return;
  Session session;
  session.ttl = opened.ttl;
  session.deadline = deadline(now, opened.ttl);
  session.progress_at = now;
  session.renewing = false;
  sessions_.emplace(opened.session, std::move(session));
  (void)submit(opened.session, coordination::CloseSession{});
}

void SessionKeeper::on_ended(SessionId id, const std::string& cause, Output& out) {
  if (sessions_.erase(id) == 0) return;
  out.notices.push_back(SessionOver{.session = id, .cause = cause});
}

void SessionKeeper::on_applied(SessionId id, Sequence sequence) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  auto& session = found->second;
  wait_ = {};
  while (!session.queue.empty() && session.queue.front().sequence <= sequence) {
    if (session.sent > 0) {
      --session.sent;
      session.sent_bytes -= session.queue.front().encoded.size();
    }
    session.queue.pop_front();
  }
}

void SessionKeeper::on_reply(const ForwardReply& reply, Instant now, Output& out) {
  const auto found = sessions_.find(reply.session);
  if (found == sessions_.end()) return;
  auto& session = found->second;
  switch (reply.kind) {
    case ForwardReply::Kind::overloaded:
      hold_back(now);
      [[fallthrough]];
    case ForwardReply::Kind::resend: {
      const auto position = std::ranges::lower_bound(session.queue, reply.sequence, {}, &Queued::sequence);
      return send_again_from(session, static_cast<std::size_t>(position - session.queue.begin()));
    }
    case ForwardReply::Kind::not_leader:
      return;  // names no session: `on_not_leader`
    case ForwardReply::Kind::unknown_session:
      // The leader has applied all that was chosen before it led, so the session is over; this node will apply its end.
      if (session.deadline > now) session.deadline = now;
      expire(now, out);
      return;
  }
}

void SessionKeeper::on_not_leader(Instant now) {
  for (auto& [nonce, opening] : opening_) opening.last_sent.reset();
  for (auto& [id, session] : sessions_) send_again_from(session, 0);
  hold_back(now);
}

void SessionKeeper::hold_back(Instant now) {
  if (hold_until_ && *hold_until_ > now) return;  // one burst of commands gets many refusals
  wait_ = std::min(wait_ == std::chrono::nanoseconds{} ? tuning_.retry_after : 2 * wait_, tuning_.resend_after);
  hold_until_ = now + wait_;
}

void SessionKeeper::on_acknowledged(const RenewAck::Item& item, Instant now, Output& out) {
  expire(now, out);  // S7: also when this comes before the tick that would have ended it
  const auto found = sessions_.find(item.session);
  if (found == sessions_.end()) return;
  auto& session = found->second;
  const auto sent = session.renewal_sent.find(item.number);
  if (sent == session.renewal_sent.end()) return;
  session.deadline = std::max(session.deadline, deadline(sent->second, session.ttl));
  session.renewal_sent.erase(session.renewal_sent.begin(), std::next(sent));
  out.notices.push_back(SessionExtended{.session = item.session, .deadline = session.deadline, .ending = item.ending});
}

void SessionKeeper::on_path_changed() {
  for (auto& [nonce, opening] : opening_) opening.last_sent.reset();
  for (auto& [id, session] : sessions_) {
    send_again_from(session, 0);
    session.next_renewal = Instant{};
  }
  wait_ = {};
  hold_until_.reset();
}

void SessionKeeper::on_leader_named() {
  wait_ = {};
  hold_until_.reset();
}

void SessionKeeper::flush(Instant now, Output& out) {
  if (hold_until_ && *hold_until_ <= now) hold_until_.reset();
  if (!hold_until_) send_openings(now, out);
  for (auto& [id, session] : sessions_) {
    if (!hold_until_) send_commands(id, session, now, out);
    if (session.renewing && session.next_renewal <= now) send_renewal(id, session, now, out);
  }
}

void SessionKeeper::send_openings(Instant now, Output& out) {
  for (auto& [nonce, opening] : opening_) {
    if (opening.last_sent && now - *opening.last_sent < tuning_.resend_after) continue;
    if (!opening.first_sent) opening.first_sent = now;
    opening.last_sent = now;
    out.forward.push_back(opening.command);
  }
}

void SessionKeeper::send_again_from(Session& session, std::size_t position) {
  for (; session.sent > position; --session.sent) session.sent_bytes -= session.queue[session.sent - 1].encoded.size();
}

void SessionKeeper::send_commands(SessionId id, Session& session, Instant now, Output& out) {
  if (session.sent > 0 && now - session.progress_at >= tuning_.resend_after) send_again_from(session, 0);
  const auto upto = std::min(session.queue.size(), tuning_.window);
  if (session.sent >= upto) return;
  if (session.sent_bytes >= tuning_.window_bytes) return;
  for (; session.sent < upto && session.sent_bytes < tuning_.window_bytes; ++session.sent) {
    auto& queued = session.queue[session.sent];
    // The cluster keeps so many answers for a session and no more.
    if (queued.sequence - session.answered_below >= tuning_.window) break;
    if (queued.encoded.size() == 0) {
      queued.encoded = Payload(tuning_.codec.encode(coordination::Submission{.session = id,
                                                                             .sequence = queued.sequence,
                                                                             .answered_below = session.answered_below,
                                                                             .op = std::move(queued.op)}));
      queued.op = {};
    }
    session.sent_bytes += queued.encoded.size();
    out.forward.push_back(queued.encoded);
  }
  session.progress_at = now;
}

void SessionKeeper::send_renewal(SessionId id, Session& session, Instant now, Output& out) {
  ++session.renewals;
  session.renewal_sent[session.renewals] = now;
  session.next_renewal = now + std::chrono::duration_cast<std::chrono::nanoseconds>(session.ttl) / renewals_per_ttl;
  // What was sent a whole TTL ago can extend nothing any more.
  std::erase_if(session.renewal_sent, [&](const auto& sent) { return deadline(sent.second, session.ttl) <= now; });
  out.renew.push_back({.session = id, .number = session.renewals});
}

void SessionKeeper::expire(Instant now, Output& out) {
  for (auto at = sessions_.begin(); at != sessions_.end();) {
    if (at->second.deadline > now) {
      ++at;
      continue;
    }
    out.notices.push_back(SessionOver{.session = at->first, .cause = "its deadline passed without an acknowledged renewal"});
    at = sessions_.erase(at);
  }
}

std::optional<Instant> SessionKeeper::next_wakeup(bool can_be_reached) const {
  std::optional<Instant> next;
  const auto consider = [&next](Instant at) { next = next ? std::min(*next, at) : at; };
  for (const auto& [id, session] : sessions_) consider(session.deadline);
  if (!can_be_reached) return next;
  if (hold_until_) consider(*hold_until_);
  for (const auto& [nonce, opening] : opening_)
    if (opening.last_sent && !hold_until_) consider(*opening.last_sent + tuning_.resend_after);
  for (const auto& [id, session] : sessions_) {
    if (session.renewing) consider(session.next_renewal);
    if (session.sent > 0 && !hold_until_) consider(session.progress_at + tuning_.resend_after);
  }
  return next;
}

}  // namespace conclave::engine
