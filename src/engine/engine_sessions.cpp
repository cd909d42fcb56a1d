// Engine: sessions and reads; the way to the leader, and what travels on it.
#include <algorithm>
#include <utility>

#include "engine/engine.hpp"

namespace conclave::engine {
namespace {

/// What asks for something new; the rest only gives back, and must never be lost for want of room.
bool is_new_work(const coordination::Op& op) {
  return std::holds_alternative<coordination::Acquire>(op) || std::holds_alternative<coordination::Apply>(op);
}

}  // namespace

// ---- From the client layer ----

void Engine::on(OpenSession& event) { keeper_.open(event.nonce, event.ttl); }

void Engine::on(Submit& event) {
  if (disk_full_ && is_new_work(event.op)) {
    effects_.notices.push_back(Numbered{.ticket = event.ticket, .sequence = *disk_full_});
    return;
  }
  effects_.notices.push_back(Numbered{.ticket = event.ticket, .sequence = keeper_.submit(event.session, std::move(event.op))});
}

void Engine::on(AnswersTaken& event) { keeper_.answered_below(event.session, event.below); }

void Engine::on(CloseSession& event) {
  // Its end is an entry like any other of its commands; if it cannot be queued, the TTL runs.
  (void)keeper_.submit(event.session, coordination::CloseSession{});
  keeper_.abandon(event.session);
}

void Engine::on(AskRead& event) { asker_.ask(event.id); }

void Engine::on(UserResults& event) {
  if (options_.state_machine.empty()) return;  // O4
  for (auto& item : event.items) {
    std::vector<coordination::Event> told_already;
    if (snapshotting_) snapshotting_->user_result(item.session, item.sequence, item.result, told_already);
    state_.user_result(item.session, item.sequence, std::move(item.result), events_);
  }
  if (!events_.empty()) publish_events(state_.applied());
}

// ---- The way to the leader ----

Engine::Path Engine::find_path() const {
  Path path;
  if (options_.ephemeral || (replica_ && replica_->role() == paxos::Role::observer)) {
    // O3: an observer's member passes everything on.
    if (attachment_ && attachment_->following()) path.link = peers_.link_of(attachment_->member());
    if (path.link) path.leader = fresh_.leader();
    return path;
  }
  if (!replica_) return path;
  path.leader = replica_->leader();
  if (!path.leader) return path;
  path.here = *path.leader == self();
  if (path.here) return path;
  path.link = peers_.link_of(*path.leader);
  if (path.link) return path;
  // Cut from the leader alone: any other voter passes it on.
  for (const auto& [member, peer] : peers_.linked())
    if (votes(peer)) path.link = peer.link;
  return path;
}

void Engine::update_path() {
  const auto path = find_path();
  if (path == path_) return;
  // To hear who leads at the other end of the way is no reason to send all again.
  const bool same_way = path.here == path_.here && path.link == path_.link && !path_.leader;
  path_ = path;
  if (same_way)
    keeper_.on_leader_named();
  else
    keeper_.on_path_changed();
  asker_.on_path_changed();
  former_asked_.reset();
  if (path.leader == told_leader_) return;
  told_leader_ = path.leader;
  effects_.notices.push_back(LeaderChanged{.leader = path.leader, .reason = leader_reason_});
}

void Engine::flush_sessions() {
  if (!can_send()) return;
  if (former_session_) end_former();
  SessionKeeper::Output out{.forward = {}, .renew = {}, .notices = effects_.notices};
  keeper_.flush(now_, out);
  if (!out.forward.empty()) {
    Forward forward{.commands = std::move(out.forward)};
    if (path_.here)
      on_forward(std::nullopt, forward);
    else
      send(*path_.link, std::move(forward));
  }
  if (out.renew.empty()) return;
  Renew renew{.items = std::move(out.renew)};
  if (path_.here)
    on_renew(std::nullopt, renew);
  else
    send(*path_.link, std::move(renew));
}

void Engine::end_former() {
  const auto& former = *former_session_;
  // A session's id is the slot of its opening: from there on the state tells whether it still lives.
  if (state_.applied().value >= former.session.value && !state_.session(former.session)) return former_session_.reset();
  // S4: asked until it has ended. Who is asked may be the next to die, or may not have applied its term-start yet.
  if (former_asked_ && now_ - *former_asked_ < former_session_again) return;
  former_asked_ = now_;
  const EndFormer request{.session = former.session, .former_nonce = former.nonce};
  if (path_.here)
    end_session_of_former_life(request);
  else
    send(*path_.link, request);
}

// ---- Commands at the leader, or on their way to it (S6, O3) ----

void Engine::on_forward(std::optional<LinkId> from, Forward& forward) {
  if (ledger_.leads()) {
    std::vector<paxos::Entry> entries;
    entries.reserve(forward.commands.size());
    for (auto& command : forward.commands) admit(from, command, entries);
    if (!entries.empty()) (void)replica_->propose(std::move(entries), now_, paxos_);
    return;
  }
  if (!from) return;
  if (replica_ && replica_->leading() && early_.keep(*from, forward)) return;
  if (!path_.link || *path_.link == *from) return refuse_to_lead(*from);
  for (const auto& payload : forward.commands)
    if (const auto command = options_.codec.decode(payload.view()))
      if (const auto* submission = std::get_if<coordination::Submission>(&*command)) observers_.route(submission->session, *from);
  observers_.passed(*from);
  send(*path_.link, std::move(forward));
}

void Engine::refuse_to_lead(LinkId link) {
  send(link, ForwardReply{.kind = ForwardReply::Kind::not_leader, .session = {}, .sequence = {}});
}

// P12: a node hears who leads before that leader's term-start is applied, and sends at once. Were it refused, it would wait
// for a timeout that has nothing to do with the election.
void Engine::admit_early() {
  for (auto& [from, forward] : early_.take()) on_forward(from, forward);
}

void Engine::admit(std::optional<LinkId> from, const Payload& payload, std::vector<paxos::Entry>& entries) {
  const auto command = options_.codec.decode(payload.view());
  if (!command) return remark(LogLevel::warning, "a forwarded command was refused: " + command.error().message());
  const paxos::Entry entry{.kind = paxos::EntryKind::command, .stamp = stamp(), .payload = payload};
  // P8: a leader without room that nobody can succeed proposes nothing; whoever sent it sends it again.
  const bool can_propose = replica_->can_propose() && !disk_full_;
  if (std::holds_alternative<coordination::OpenSession>(*command)) {
    if (can_propose) entries.push_back(entry);
    return;
  }
  // P12: judgements and ticks are the leader's own, and come from nobody else.
  const auto* submission = std::get_if<coordination::Submission>(&*command);
  if (!submission) return remark(LogLevel::warning, "a peer forwarded a command that only a leader may propose");
  if (!can_propose)
    return reply(from, {.kind = ForwardReply::Kind::overloaded, .session = submission->session, .sequence = submission->sequence});
  const auto verdict = ledger_.admit(*submission, state_);
  switch (verdict.admission) {
    case SessionLedger::Admission::propose:
      entries.push_back(entry);
      return;
    case SessionLedger::Admission::drop:
      return;
    case SessionLedger::Admission::resend:
      return reply(from, {.kind = ForwardReply::Kind::resend, .session = submission->session, .sequence = verdict.expected});
    case SessionLedger::Admission::unknown: {
      // A session is named by its slot. One of a slot that is not here yet was opened by another leader, after this one.
      const bool opened_later = submission->session.value > state_.applied().value;
      const auto kind = opened_later ? ForwardReply::Kind::not_leader : ForwardReply::Kind::unknown_session;
      return reply(from, {.kind = kind, .session = submission->session, .sequence = submission->sequence});
    }
  }
}

void Engine::reply(std::optional<LinkId> to, ForwardReply answer) {
  if (to) return send(*to, answer);
  SessionKeeper::Output out{.forward = {}, .renew = {}, .notices = effects_.notices};
  keeper_.on_reply(answer, now_, out);
}

void Engine::on_forward_reply(LinkId from, const ForwardReply& answer) {
  if (answer.kind == ForwardReply::Kind::not_leader) {
    // It names no session: it is for all that was sent on this path, by this node or through it.
    if (path_.link != from) return;
    keeper_.on_not_leader(now_);
    for (const auto link : observers_.take_passed()) send(link, answer);
    return;
  }
  if (keeper_.owns(answer.session)) return reply(std::nullopt, answer);
  if (const auto link = observers_.route_of(answer.session)) send(*link, answer);
}

// ---- Renewals (S1, O3) ----

void Engine::on_renew(std::optional<LinkId> from, const Renew& renew) {
  const bool here = replica_ && replica_->leading();
  if (here) {
    for (const auto& item : renew.items) ledger_.on_renew(from, item, state_, now_);
    return;
  }
  if (!from || !path_.link || *path_.link == *from) return;
  for (const auto& item : renew.items) observers_.route(item.session, *from);
  send(*path_.link, renew);
}

void Engine::acknowledge(SessionLedger::Source to, std::vector<RenewAck::Item> items) {
  if (to) return send(*to, RenewAck{.items = std::move(items)});
  SessionKeeper::Output out{.forward = {}, .renew = {}, .notices = effects_.notices};
  for (const auto& item : items) keeper_.on_acknowledged(item, now_, out);
}

void Engine::on_renew_ack(const RenewAck& ack) {
  for (const auto& item : ack.items) {
    if (keeper_.owns(item.session))
      acknowledge(std::nullopt, {item});
    else if (const auto link = observers_.route_of(item.session))
      send(*link, RenewAck{.items = {item}});
  }
}

// ---- A former life's session (S4) ----

void Engine::on_end_former(LinkId link, const EndFormer& request) {
  if (ledger_.leads()) {
    end_session_of_former_life(request);
    return;
  }
  if (path_.link && *path_.link != link) send(*path_.link, request);
}

void Engine::end_session_of_former_life(const EndFormer& request) {
  // A link of the former life may still bring its renewals: then the TTL runs instead.
  for (const auto& [member, peer] : peers_.linked())
    if (!peer.hello.store_nonces.empty() && peer.hello.store_nonces.front() == request.former_nonce) return;
  if (!state_.session(request.session)) return;
  ledger_.condemn(request.session);
  (void)propose({coordination::Judgement{
      .term = {.round = replica_->leading()->round.value, .member = self()},
      .verdict = coordination::EndSessions{.sessions = {request.session}, .cause = coordination::Cause::restarted}}});
}

// ---- Reads (R1) ----

void Engine::publish_reads() {
  while (!reads_.empty() && reads_.begin()->first <= state_.applied()) {
    effects_.notices.push_back(ReadReady{.id = reads_.begin()->second, .slot = reads_.begin()->first});
    reads_.erase(reads_.begin());
  }
}

void Engine::flush_reads() {
  if (!can_send()) return;
  const auto question = asker_.flush(now_);
  if (!question) return;
  if (path_.here)
    on_read_index(std::nullopt, *question);
  else
    send(*path_.link, *question);
}

void Engine::on_read_index(std::optional<LinkId> from, const ReadIndex& question) {
  if (term_start_at_) return answerer_.ask(from, question, now_);
  if (!from) return;
  if (path_.link && *path_.link != *from) return send(*path_.link, observers_.relay(*from, question));
  send(*from, ReadIndexReply{.id = question.id, .ok = false, .slot = {}});
}

void Engine::on_read_reply(const ReadIndexReply& reply) {
  if (const auto relayed = observers_.relayed(reply)) return send(relayed->link, relayed->reply);
  for (const auto id : asker_.on_reply(reply)) reads_.emplace(reply.slot, id);
}

std::optional<std::chrono::nanoseconds> Engine::staleness(Instant now) const {
  auto proven = fresh_.proven();
  // P12: before its term-start is applied a leader may lack what the one before it acknowledged.
  if (replica_ && replica_->term_started()) proven = std::max(proven, replica_->proof_time());
  return proven ? std::optional(now - *proven) : std::nullopt;
}

}  // namespace conclave::engine
