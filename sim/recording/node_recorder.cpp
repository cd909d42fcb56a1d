#include "sim/recording/node_recorder.hpp"

#include <algorithm>
#include <utility>

#include "base/hash.hpp"
#include "sim/recording/words.hpp"

namespace conclave::sim {
namespace {

constexpr std::string_view group = "GROUP";
/// How much more has to be proven of a leadership until that is written.
constexpr TrueTime proof_step = std::chrono::milliseconds(200);

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

/// S2: how much earlier than its TTL a session's deadline is.
std::chrono::nanoseconds margin(std::chrono::nanoseconds ttl, std::int64_t drift_ppm) {
  return std::max<std::chrono::nanoseconds>(ttl * (2 * drift_ppm) / 1'000'000, std::chrono::milliseconds(1));
}

}  // namespace

// ---- Lives ----

void NodeRecorder::begin_life(std::uint64_t life) {
  life_ = life;
  digested_ = {};
}

void NodeRecorder::end_life(bool closed) {
  write_lead();
  if (closed)
    write_unlead();
  else
    sight_.write(Crash{.at = sight_.now(), .node = node_});
  leads_.reset();
  lead_written_ = false;
}

void NodeRecorder::finish(const engine::Engine& engine) {
  on_step(engine);
  write_lead();
  write_digest(engine);
}

// ---- Who leads the cluster ----

void NodeRecorder::on_step(const engine::Engine& engine) {
  const auto& replica = engine.replica();
  const auto leads = replica ? replica->leading() : std::nullopt;
  if (leads != leads_) {
    write_lead();
    write_unlead();
    leads_ = leads;
    since_ = proven_ = sight_.now();
    lead_written_ = false;
  }
  if (!leads) return;
  // L1: what a majority echoed is proof that it led when it asked, and of nothing later.
  const auto proof = replica->proof_time();
  if (!proof) return;
  proven_ = std::max(proven_, sight_.past(*proof));
  if (proven_ >= since_ + proof_step || !lead_written_) write_lead();
}

void NodeRecorder::write_lead() {
  if (!leads_ || proven_ <= since_) return;
  sight_.write(Lead{.at = since_, .node = node_, .res = std::string(group), .epoch = epoch_of(*leads_), .until = proven_});
  lead_written_ = true;
  since_ = proven_;
}

void NodeRecorder::write_unlead() {
  if (lead_written_) sight_.write(Unlead{.at = sight_.now(), .node = node_, .res = std::string(group), .epoch = epoch_of(*leads_)});
}

// ---- Notices ----

void NodeRecorder::on_notice(const engine::Engine& engine, const engine::Notice& notice) {
  std::visit([&](const auto& held) { on(engine, held); }, notice);
}

void NodeRecorder::on(const engine::Engine&, const engine::SessionReady& notice) {
  deadlines_[notice.session] = notice.deadline;
  write_session(notice.session, What::grant, notice.deadline);
}

void NodeRecorder::on(const engine::Engine&, const engine::SessionExtended& notice) {
  auto& deadline = deadlines_[notice.session];
  if (notice.deadline <= deadline) return;
  deadline = notice.deadline;
  write_session(notice.session, What::keep, notice.deadline);
}

void NodeRecorder::on(const engine::Engine&, const engine::SessionOver& notice) {
  sight_.write(SessionFact{.at = sight_.now(), .node = node_, .session = name(notice.session), .what = What::lost});
}

void NodeRecorder::on(const engine::Engine& engine, const engine::AppliedEvents& notice) {
  if (notice.upto.value % sight_.digest_every == 0) write_digest(engine);
}

void NodeRecorder::on(const engine::Engine& engine, const engine::StateReplaced& notice) {
  const auto& state = engine.state();
  if (state.applied() != notice.slot) return;
  sight_.write(Restore{.at = sight_.now(),
                       .node = node_,
                       .life = static_cast<std::int64_t>(life_),
                       .slot = static_cast<std::int64_t>(notice.slot.value),
                       .digest = hex(state_hash(state.digest()))});
}

void NodeRecorder::write_session(SessionId session, What what, Instant deadline) {
  const auto sent = deadline - sight_.session_ttl + margin(sight_.session_ttl, sight_.drift_ppm);
  sight_.write(SessionFact{.at = std::min(sight_.past(sent), sight_.now()),
                           .node = node_,
                           .session = name(session),
                           .what = what,
                           .ttl = sight_.session_ttl,
                           .until = sight_.future(deadline)});
}

void NodeRecorder::write_digest(const engine::Engine& engine) {
  const auto slot = engine.state().applied();
  const auto* entry = engine.replica() && slot > Slot{0} ? engine.replica()->entry(slot) : nullptr;
  if (!entry || slot == digested_) return;
  digested_ = slot;
  sight_.write(Apply{.at = sight_.now(),
                     .node = node_,
                     .life = static_cast<std::int64_t>(life_),
                     .slot = static_cast<std::int64_t>(slot.value),
                     .hash = hex(state_hash(*entry)),
                     .digest = hex(state_hash(engine.state().digest()))});
}

}  // namespace conclave::sim
