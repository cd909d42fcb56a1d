// Engine: the log. What the replica wants done, what became chosen, and what a leader proposes on its own judgement.
#include <algorithm>
#include <utility>

#include "base/invariant.hpp"
#include "engine/engine.hpp"
#include "paxos/entry.hpp"

namespace conclave::engine {
namespace {

coordination::Term term_of(const paxos::Ballot& ballot) { return {.round = ballot.round.value, .member = ballot.member}; }

Record record_of(paxos::Record& record, const Header& header, paxos::Incarnation incarnation) {
  if (const auto* promised = std::get_if<paxos::PromisedRecord>(&record))
    return PromiseRecord{.cluster = header.cluster, .member = header.sender, .incarnation = incarnation, .promised = promised->ballot};
  if (auto* accepted = std::get_if<paxos::AcceptedRecord>(&record))
    return AcceptedRecord{.slot = accepted->slot, .ballot = accepted->ballot, .entry = std::move(accepted->entry)};
  return WatermarkRecord{.watermark = std::get<paxos::WatermarkRecord>(record).watermark};
}

}  // namespace

// ---- What the replica wants ----

void Engine::drain_replica() {
  if (!replica_) return;
  for (bool more = true; more;) {
    replica_->flush(now_, paxos_);
    if (paxos_.none()) return fresh_.on_applied(state_.applied());
    auto out = std::exchange(paxos_, {});
    more = !out.apply.empty() || !out.events.empty();
    if (out.batch) {
      const auto mine = header();
      for (auto& record : out.persist)
        effects_.persist.push_back(record_of(record, mine, genesis_.record()->incarnation));
      replica_batch_ = out.batch;
    }
    route(out.send_now, effects_.send_now);
    route(out.send_after, effects_.send_after);
    for (const auto& chosen : out.apply) on_chosen(chosen);
    if (!out.apply.empty()) publish_events(out.apply.back().slot);
    fresh_.on_applied(state_.applied());
    for (const auto& event : out.events) on_replica_event(event);
    for (auto& trace : out.trace) remark(LogLevel::debug, std::move(trace.text));
  }
}

void Engine::route(std::vector<paxos::Outgoing>& from, std::vector<Outgoing>& to) {
  to.reserve(to.size() + 2 * from.size());
  for (auto& outgoing : from) {
    const auto link = peers_.link_of(outgoing.to);
    if (!link) continue;
    // R2: between a voter and its leader the stamps ride along.
    const bool stamped = std::holds_alternative<paxos::Heartbeat>(outgoing.message) &&
                         (replica_->role() == paxos::Role::leader || follows(outgoing.to));
    to.push_back({*link, std::move(outgoing.message)});
    if (stamped) to.push_back({*link, freshness_for(outgoing.to)});
  }
}

void Engine::seal_batch() {
  if (effects_.persist.empty()) return;
  ++batch_;
  effects_.batch = batch_;
  if (replica_batch_) replica_batches_.emplace_back(batch_, *replica_batch_);
  replica_batch_.reset();
}

// ---- What became chosen ----

void Engine::on_chosen(const paxos::Chose& chosen) {
  const auto& entry = chosen.entry;
  switch (entry.kind) {
    case paxos::EntryKind::noop:
    case paxos::EntryKind::configuration:
    case paxos::EntryKind::configuration_done:
      return state_.skip(chosen.slot);
    case paxos::EntryKind::term_start: {
      const auto start = paxos::decode_term_start(entry.payload.view());
      if (!start) return state_.skip(chosen.slot);  // the same on every node
      return state_.term_start(chosen.slot, entry.stamp, term_of(start->ballot), events_);
    }
    case paxos::EntryKind::command:
      break;
  }
  // W4: what this build cannot read does nothing here; the cluster switches features on only when every voter has them.
  auto command = entry.kind == paxos::EntryKind::command ? options_.codec.decode(entry.payload.view())
                                                         : Result<coordination::Command>(errc::not_supported);
  state_.apply(chosen.slot, entry.stamp, command ? *command : coordination::Command(coordination::Unknown{}), events_);
}

void Engine::publish_events(Slot upto) {
  SessionKeeper::Output sessions{.forward = {}, .renew = {}, .notices = effects_.notices};
  std::vector<std::pair<SessionId, std::string>> ended;
  for (const auto& event : events_) {
    if (const auto* answered = std::get_if<coordination::Answered>(&event)) {
      keeper_.on_applied(answered->session, answered->sequence);
    } else if (const auto* command = std::get_if<coordination::UserCommand>(&event)) {
      keeper_.on_applied(command->session, command->sequence);
    } else if (const auto* opened = std::get_if<coordination::SessionOpened>(&event)) {
      if (ledger_.leads()) ledger_.on_opened(opened->session, opened->ttl, now_);
      keeper_.on_opened(*opened, now_, sessions);
      remember_session(*opened);
    } else if (const auto* ending = std::get_if<coordination::Ending>(&event)) {
      if (const auto* resource = state_.resource(ending->resource); resource && resource->holder)
        ledger_.on_ending(
            {.session = resource->holder->request.session, .resource = ending->resource, .token = ending->token});
    } else if (const auto* over = std::get_if<coordination::SessionEnded>(&event)) {
      ledger_.on_ended(over->session);
      observers_.forget(over->session);
      ended.emplace_back(over->session, coordination::to_string(over->cause));
    }
  }
  effects_.notices.push_back(AppliedEvents{.upto = upto, .events = std::exchange(events_, {})});
  // After the events: what a session lost with its end is told first.
  for (const auto& [session, cause] : ended) keeper_.on_ended(session, cause, sessions);
  if (tick_proposed_ && !tick_due()) tick_proposed_ = false;
}

void Engine::remember_session(const coordination::SessionOpened& opened) {
  if (options_.ephemeral || !keeper_.owns(opened.session)) return;
  effects_.persist.emplace_back(SessionRecord{.session = opened.session, .nonce = header().store_nonce});
}

// ---- What the replica tells ----

void Engine::on_replica_event(const paxos::Event& event) {
  if (const auto* role = std::get_if<paxos::RoleChanged>(&event)) return on_role(*role);
  if (std::holds_alternative<paxos::TermStarted>(event)) return on_term_started();
  if (const auto* round = std::get_if<paxos::RoundConfirmed>(&event)) return on_round(*round);
  if (const auto* lost = std::get_if<paxos::VoteLost>(&event)) {
    if (recovered_.vote_lost) return;
    recovered_.vote_lost = lost->reason;
    effects_.persist.emplace_back(VoteLostRecord{.reason = lost->reason});
    remark(LogLevel::error, "this store has no vote from now on and only observes: " + lost->reason);
  }
}

void Engine::on_role(const paxos::RoleChanged& changed) {
  leader_reason_ = changed.reason;
  remark(LogLevel::info, paxos::to_string(changed.role) + " in ballot " + paxos::to_string(changed.ballot) +
                             (changed.reason.empty() ? "" : ": " + changed.reason));
  if (changed.role == paxos::Role::leader) {
    // New stamps are never below the greatest in the whole log.
    stamp_base_ = std::max(replica_->greatest_stamp(), state_.now());
    stamp_base_at_ = now_;
    return;
  }
  for (const auto& [from, forward] : early_.take()) refuse_to_lead(from);
  if (!ledger_.leads() && !term_start_at_) return;
  ledger_.step_down();
  answerer_.clear();
  term_start_at_.reset();
  tick_proposed_ = false;
  verdicts_.clear();
}

void Engine::on_term_started() {
  // P12: from here on this leader may answer, acknowledge and expire.
  term_start_at_ = now_;
  ledger_.lead(state_, now_);
  admit_early();
}

void Engine::on_round(const paxos::RoundConfirmed& round) {
  if (!term_start_at_) return;
  std::vector<SessionLedger::Acknowledgement> acknowledged;
  std::vector<SessionId> expired;
  ledger_.on_round(round.sent, state_, acknowledged, expired);
  std::map<SessionLedger::Source, std::vector<RenewAck::Item>> by_source;
  for (auto& one : acknowledged) by_source[one.to].push_back(std::move(one.item));
  for (auto& [to, items] : by_source) acknowledge(to, std::move(items));
  for (const auto& answer : answerer_.on_round(round.sent, *term_start_at_, replica_->watermark())) {
    if (answer.to)
      send(*answer.to, answer.reply);
    else
      on_read_reply(answer.reply);
  }
  if (!expired.empty())
    verdicts_.emplace_back(coordination::EndSessions{.sessions = expired, .cause = coordination::Cause::expired});
}

// ---- What a leader proposes ----

ClusterTime Engine::stamp() const {
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now_ - stamp_base_at_);
  return stamp_base_ + static_cast<std::uint64_t>(elapsed.count());
}

bool Engine::propose(const std::vector<coordination::Command>& commands) {
  if (!replica_ || !replica_->can_propose()) return false;
  std::vector<paxos::Entry> entries;
  entries.reserve(commands.size());
  for (const auto& command : commands)
    entries.push_back({.kind = paxos::EntryKind::command,
                       .stamp = stamp(),
                       .payload = Payload(options_.codec.encode(command))});
  return replica_->propose(std::move(entries), now_, paxos_).has_value();
}

bool Engine::tick_due() const {
  const auto due = state_.next_timer_due();
  return due && *due <= stamp();
}

void Engine::judge() {
  if (!term_start_at_ || !replica_->term_started()) return;
  if (!tick_proposed_ && tick_due()) tick_proposed_ = propose({coordination::Tick{}});
  // What its holder has released meanwhile is refused in apply.
  for (auto& ended : ledger_.ended_grants(now_)) verdicts_.emplace_back(std::move(ended));
  // The ledger gives each verdict once: what finds no room in the window now is proposed when there is some.
  while (!verdicts_.empty() &&
         propose({coordination::Judgement{.term = term_of(*replica_->leading()), .verdict = verdicts_.front()}}))
    verdicts_.pop_front();
}

void Engine::want_round() {
  if (!replica_ || !term_start_at_) return;
  if (answerer_.wants_round() || ledger_.wants_round()) (void)replica_->start_round(now_, paxos_);
}

}  // namespace conclave::engine
