#include "sim/recorder.hpp"

#include <algorithm>
#include <utility>

#include "base/hash.hpp"

namespace conclave::sim {
namespace {

constexpr std::string_view group = "GROUP";
/// How much more has to be proven of a leadership until that is written.
constexpr TrueTime proof_step = std::chrono::milliseconds(200);
/// Who calls where the log does something of itself.
constexpr std::string_view by_the_log = "log";

std::string hex(std::uint64_t number) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text(16, '0');
  for (auto place = text.rbegin(); number != 0; ++place, number >>= 4) *place = digits[number & 15];
  return text;
}

/// A number that orders ballots as they are ordered: the round, then the first bytes of the member.
std::int64_t epoch_of(const paxos::Ballot& ballot) {
  const auto& bytes = ballot.member.bytes;
  return static_cast<std::int64_t>(ballot.round.value << 24) | bytes[0] << 16 | bytes[1] << 8 | bytes[2];
}

std::int64_t number(Token token) { return static_cast<std::int64_t>(token.value); }

/// S2: how much earlier than its TTL a session's deadline is.
std::chrono::nanoseconds margin(std::chrono::nanoseconds ttl, std::int64_t drift_ppm) {
  return std::max<std::chrono::nanoseconds>(ttl * (2 * drift_ppm) / 1'000'000, std::chrono::milliseconds(1));
}

bool ends_with_its_session(coordination::Cause cause) {
  using coordination::Cause;
  return cause == Cause::closed || cause == Cause::expired || cause == Cause::restarted || cause == Cause::refused;
}

}  // namespace

HistoryRecorder::HistoryRecorder(World& world, Options options)
    : world_(world), options_(options), history_{.meta = {.drift_ppm = options.drift_ppm}, .events = {}}, beliefs_(world, history_) {
  world_.watch(*this);
}

History HistoryRecorder::finish() {
  for (auto& [name, node] : nodes_) {
    if (!world_.runs(name)) continue;
    follow_leadership(name, node);
    write_lead(name, node);
    write_digest(name, node);
  }
  auto history = history_;
  put_in_order(history);
  return history;
}

HistoryRecorder::Node& HistoryRecorder::node(const std::string& name) {
  const auto [place, is_new] = nodes_.try_emplace(name);
  if (is_new) place->second.clock.turned(world_.machine(name).clock, world_.now());
  return place->second;
}

// ---- Calls ----

void HistoryRecorder::call(Call call) {
  if (call.at == TrueTime{}) call.at = now();
  if (call.op == Op::acquire) acquires_[call.id] = history_.events.size();
  history_.events.emplace_back(std::move(call));
}

void HistoryRecorder::answer(Return answer) {
  if (answer.at == TrueTime{}) answer.at = now();
  acquires_.erase(answer.id);
  history_.events.emplace_back(std::move(answer));
}

void HistoryRecorder::change_session(std::uint64_t id, const std::string& session) {
  const auto found = acquires_.find(id);
  if (found != acquires_.end()) std::get<Call>(history_.events[found->second]).session = session;
}

// ---- Lives and clocks ----

void HistoryRecorder::on_life_begun(const std::string& name, std::uint64_t life) {
  auto& begun = node(name);
  begun.life = life;
  begun.digested = {};
}

void HistoryRecorder::on_life_ended(const std::string& name, Ending ending) {
  auto& ended = node(name);
  write_lead(name, ended);
  // One that closes in good order has ended its beliefs itself.
  if (ending != Ending::closed) history_.events.emplace_back(Crash{.at = now(), .node = name});
  if (ended.lead_written && ending == Ending::closed)
    history_.events.emplace_back(Unlead{.at = now(), .node = name, .res = std::string(group), .epoch = epoch_of(*ended.leads)});
  ended.leads.reset();
  ended.lead_written = false;
  beliefs_.forget(name);
}

void HistoryRecorder::on_clock_changed(const std::string& name) {
  node(name).clock.turned(world_.machine(name).clock, world_.now());
  beliefs_.review(name);
}

// ---- Who leads the cluster ----

void HistoryRecorder::on_step(const std::string& name) { follow_leadership(name, node(name)); }

void HistoryRecorder::follow_leadership(const std::string& name, Node& node) {
  const auto& replica = world_.engine(name).replica();
  const auto leads = replica ? replica->leading() : std::nullopt;
  if (leads != node.leads) {
    write_lead(name, node);
    if (node.lead_written)
      history_.events.emplace_back(Unlead{.at = now(), .node = name, .res = std::string(group), .epoch = epoch_of(*node.leads)});
    node.leads = leads;
    node.since = node.proven = now();
    node.lead_written = false;
  }
  if (!leads) return;
  // L1: what a majority echoed is proof that it led when it asked, and of nothing later.
  const auto proof = replica->proof_time();
  if (!proof) return;
  node.proven = std::max(node.proven, node.clock.truth_of(*proof).time_since_epoch());
  if (node.proven >= node.since + proof_step || !node.lead_written) write_lead(name, node);
}

void HistoryRecorder::write_lead(const std::string& name, Node& node) {
  if (!node.leads || node.proven <= node.since) return;
  history_.events.emplace_back(
      Lead{.at = node.since, .node = name, .res = std::string(group), .epoch = epoch_of(*node.leads), .until = node.proven});
  node.lead_written = true;
  node.since = node.proven;
}

// ---- Notices ----

void HistoryRecorder::on_notice(const std::string& node, const engine::Notice& notice) {
  std::visit([&](const auto& held) { on(node, held); }, notice);
}

void HistoryRecorder::on(const std::string& name, const engine::SessionReady& notice) {
  auto& session = sessions_[notice.session];
  session.node = name;
  session.ttl = world_.machine(name).config.timing.session_ttl;
  session.deadline = notice.deadline;
  const auto sent = notice.deadline - session.ttl + margin(session.ttl, world_.machine(name).config.timing.clock_drift_ppm);
  session.sent = std::min(node(name).clock.truth_of(sent).time_since_epoch(), now());
  write_session(name, notice.session, What::grant, session.sent, notice.deadline);
}

void HistoryRecorder::on(const std::string& name, const engine::SessionExtended& notice) {
  beliefs_.review(name);
  auto& session = sessions_[notice.session];
  if (notice.deadline <= session.deadline) return;
  session.deadline = notice.deadline;
  const auto sent = notice.deadline - session.ttl + margin(session.ttl, world_.machine(name).config.timing.clock_drift_ppm);
  session.sent = std::min(node(name).clock.truth_of(sent).time_since_epoch(), now());
  write_session(name, notice.session, What::keep, session.sent, notice.deadline);
}

void HistoryRecorder::on(const std::string& name, const engine::SessionOver& notice) {
  history_.events.emplace_back(SessionFact{.at = now(), .node = name, .session = HistoryRecorder::name(notice.session), .what = What::lost});
}

void HistoryRecorder::write_session(const std::string& node, SessionId session, What what, TrueTime at, Instant deadline) {
  const auto until = world_.machine(node).clock.when(deadline, world_.now());
  history_.events.emplace_back(SessionFact{.at = at,
                                           .node = node,
                                           .session = name(session),
                                           .what = what,
                                           .ttl = sessions_[session].ttl,
                                           .until = until.time_since_epoch()});
}

void HistoryRecorder::on(const std::string& name, const engine::AppliedEvents& notice) {
  if (notice.upto.value % options_.digest_every == 0) write_digest(name, node(name));
  if (notice.upto <= seen_) return;
  seen_ = notice.upto;
  // What a batch repeats of what others have seen is known by its ids.
  for (const auto& event : notice.events) std::visit([this](const auto& held) { on_event(held); }, event);
}

void HistoryRecorder::on(const std::string& name, const engine::StateReplaced& notice) {
  const auto& state = world_.engine(name).state();
  if (state.applied() != notice.slot) return;
  history_.events.emplace_back(Restore{.at = now(),
                                       .node = name,
                                       .life = static_cast<std::int64_t>(node(name).life),
                                       .slot = static_cast<std::int64_t>(notice.slot.value),
                                       .digest = hex(state_hash(state.digest()))});
}

void HistoryRecorder::write_digest(const std::string& name, Node& node) {
  const auto& engine = world_.engine(name);
  const auto slot = engine.state().applied();
  const auto* entry = engine.replica() && slot > Slot{0} ? engine.replica()->entry(slot) : nullptr;
  if (!entry || slot == node.digested) return;
  node.digested = slot;
  history_.events.emplace_back(Apply{.at = now(),
                                     .node = name,
                                     .life = static_cast<std::int64_t>(node.life),
                                     .slot = static_cast<std::int64_t>(slot.value),
                                     .hash = hex(state_hash(*entry)),
                                     .digest = hex(state_hash(engine.state().digest()))});
}

// ---- The log, as the first node applies it ----

void HistoryRecorder::on_event(const coordination::Granted& event) {
  if (event.resource.kind != coordination::ResourceKind::lock) return;
  auto& grant = grants_[event.grant.token];
  if (grant.granted) return;
  grant.lock = event.resource.name;
  grant.session = name(event.grant.request.session);
  grant.granted = now();
  sessions_[event.grant.request.session].locks.insert(event.resource.name);
  settle(event.grant.token);
}

void HistoryRecorder::on_event(const coordination::Ungranted& event) {
  if (event.resource.kind != coordination::ResourceKind::lock || ends_with_its_session(event.cause)) return;
  grants_[event.token].over = true;
  settle(event.token);
}

void HistoryRecorder::on_event(const coordination::SessionEnded& event) {
  auto& session = sessions_[event.session];
  if (std::exchange(session.over, true)) return;
  const auto expired = event.cause == coordination::Cause::expired || event.cause == coordination::Cause::refused;
  if (!session.node.empty())  // else nobody was told of it
    history_.events.emplace_back(SessionFact{.at = now(),
                                             .node = session.node,
                                             .session = name(event.session),
                                             .what = expired ? What::expire : What::close});
  for (const auto& lock : session.locks) {
    const auto id = next_id();
    // S1: its end was proposed after the last renewal that was acknowledged.
    call({.at = std::max(session.sent, TrueTime(1)),
          .id = id,
          .client = std::string(by_the_log),
          .object = {.kind = Kind::lock, .key = lock},
          .op = Op::expire,
          .session = name(event.session)});
    answer({.at = now(), .id = id, .status = Status::ok});
  }
}

void HistoryRecorder::settle(Token token) {
  auto& grant = grants_[token];
  if (!grant.told || !grant.over || grant.covered || grant.settled || !grant.granted) return;
  grant.settled = true;
  const auto id = next_id();
  call({.at = *grant.granted,
        .id = id,
        .client = std::string(by_the_log),
        .object = {.kind = Kind::lock, .key = grant.lock},
        .op = Op::release,
        .session = grant.session,
        .token = number(token)});
  answer({.at = now(), .id = id, .status = Status::ok});
}

}  // namespace conclave::sim
