#include "sim/invariants/invariants.hpp"

#include <algorithm>
#include <cstdlib>

namespace conclave::sim {
namespace {

/// A digest costs the more the larger the state: one in so many slots is compared.
constexpr std::uint64_t digest_every = 16;
constexpr std::size_t rounds_max = 64;
/// What runs takes a step many times in such a time.
constexpr auto asleep = std::chrono::milliseconds(500);
/// So many of the longest timeouts go by before a leader that nobody echoes is blamed: pauses too short to be seen from here are
/// forgiven it (E10).
constexpr int timeouts_max = 3;

}  // namespace

Invariants::Invariants(World& world) : world_(world) { world_.watch(*this); }

Invariants::~Invariants() { world_.unwatch(*this); }

// ---- Disks and frames ----

void Invariants::on_life_begun(const std::string& node, std::uint64_t /*life*/) {
  lives_[node] = {};
  judge_.opened(node, disks_[node].reopened(world_.machine(node).disk));
}

void Invariants::on_life_ended(const std::string& node, Ending /*ending*/) {
  lives_.erase(node);
  std::erase_if(beliefs_, [&](const auto& belief) { return belief.second.node == node; });
}

void Invariants::on_disk_work(const std::string& node) {
  disks_[node].worked(world_.machine(node).disk,
                      [&](std::span<const engine::Record> batch) { judge_.synced(node, batch, world_.now()); });
}

void Invariants::on_packet(const std::string& from, const std::string& /*to*/, const transport::Packet& packet) {
  const auto frame = frame_of(packet);
  if (!frame) return;
  judge_.sent(from, *frame, world_.now());
  const bool beats = std::ranges::any_of(frame->messages, [](const auto& message) {
    const auto* consensus = std::get_if<paxos::Message>(&message);
    const auto* heartbeat = consensus ? std::get_if<paxos::Heartbeat>(consensus) : nullptr;
    return heartbeat != nullptr && heartbeat->leading.has_value();
  });
  const auto life = lives_.find(from);
  if (!beats || life == lives_.end()) return;
  auto& rounds = life->second.rounds;
  const auto shown = world_.machine(from).clock.at(world_.now());
  if (rounds.empty() || rounds.back().first != shown) rounds.emplace_back(shown, world_.now());
  if (rounds.size() > rounds_max) rounds.pop_front();
}

// ---- Nodes ----

void Invariants::on_step(const std::string& node) {
  const auto life = lives_.find(node);
  if (life == lives_.end()) return;
  const auto& engine = world_.engine(node);
  if (!engine.replica()) return;
  follow_log(node, life->second, engine);
  follow_leading(node, life->second, *engine.replica());
}

void Invariants::follow_log(const std::string& node, Life& life, const engine::Engine& engine) {
  const auto& replica = *engine.replica();
  const auto watermark = replica.watermark();
  if (!life.watermark) life.watermark = Slot{0};
  if (watermark < *life.watermark) judge_.watermark_went_back(node, *life.watermark, watermark, world_.now());
  for (auto slot = life.watermark->next(); slot <= watermark; ++slot)
    if (const auto* entry = replica.entry(slot)) judge_.chose(node, slot, *entry, world_.now());
  life.watermark = watermark;
  const auto applied = engine.state().applied();
  if (applied == life.digested || applied.value % digest_every != 0) return;
  life.digested = applied;
  judge_.digest(node, applied, engine.state().digest(), world_.now());
}

void Invariants::follow_leading(const std::string& node, Life& life, const paxos::Replica& replica) {
  follow_proof(node, life, replica);
  const auto ballot = replica.leading();
  if (!ballot) return;
  judge_.leads(node, *ballot, world_.now());
  const auto proof = replica.proof_time();
  if (!proof || proof == life.proof) return;
  life.proof = proof;
  for (const auto& [shown, truth] : life.rounds)
    if (shown == *proof) return judge_.confirmed(node, *ballot, truth, world_.now());
}

void Invariants::follow_proof(const std::string& node, Life& life, const paxos::Replica& replica) {
  const auto& machine = world_.machine(node);
  const auto shown = machine.clock.at(world_.now());
  const bool slept = shown - std::exchange(life.stepped, shown) >= asleep;
  const auto leads = replica.leading();
  if (slept || std::exchange(life.leads, leads) != leads) life.unproven_since = shown;
  if (!leads) return;
  life.unproven_since = std::max(life.unproven_since, replica.proof_time().value_or(Instant()));
  const auto unproven = shown - life.unproven_since;
  if (unproven > timeouts_max * machine.config.timing.election_timeout_max) judge_.unheard(node, *leads, unproven, world_.now());
}

void Invariants::on_notice(const std::string& node, const engine::Notice& notice) {
  if (const auto* ready = std::get_if<engine::SessionReady>(&notice))
    beliefs_[ready->session] = {node, ready->deadline};
  if (const auto* extended = std::get_if<engine::SessionExtended>(&notice))
    beliefs_[extended->session] = {node, extended->deadline};
  if (const auto* over = std::get_if<engine::SessionOver>(&notice)) beliefs_.erase(over->session);
  if (const auto* stopped = std::get_if<engine::Stopped>(&notice)) judge_.stopped(node, stopped->reason, world_.now());
  if (const auto* applied = std::get_if<engine::AppliedEvents>(&notice))
    for (const auto& event : applied->events) heard(node, event);
}

void Invariants::heard(const std::string& node, const coordination::Event& event) {
  const auto life = lives_.find(node);
  if (const auto* granted = std::get_if<coordination::Granted>(&event)) {
    judge_.granted(node, granted->grant, world_.now());
    if (life != lives_.end() && life->second.ended.contains(granted->grant.request.session))
      judge_.granted_too_late(node, granted->grant, world_.now());
  }
  if (const auto* command = std::get_if<coordination::UserCommand>(&event)) judge_.ran(node, *command, world_.now());
  const auto* ended = std::get_if<coordination::SessionEnded>(&event);
  if (!ended) return;
  if (life != lives_.end()) life->second.ended.insert(ended->session);
  const auto belief = beliefs_.extract(ended->session);
  if (belief.empty() || ended->cause != coordination::Cause::expired || !clocks_keep_time_) return;
  const auto& [holder, deadline] = belief.mapped();
  judge_.expired(holder, ended->session, world_.machine(holder).clock.when(deadline, world_.now()), world_.now());
}

void Invariants::on_clock_changed(const std::string& node) {
  const auto& machine = world_.machine(node);
  const auto bound = static_cast<std::int64_t>(machine.config.timing.clock_drift_ppm);
  auto& known = clocks_[node];
  const bool jumped = known.at(world_.now()) != machine.clock.at(world_.now());
  if (jumped || std::abs(machine.clock.gains_ppm()) > bound) clocks_keep_time_ = false;
  known = machine.clock;
}

}  // namespace conclave::sim
