#include "gossip/probe.hpp"

#include <algorithm>

namespace conclave::gossip {

Detector::Detector(const Tuning& tuning, Prng prng, Instant now) : prng_(prng) {
  // Members that start together must not ping together.
  const auto period = BootClock::duration(tuning.period);
  next_at_ = now + BootClock::duration(prng_.below(static_cast<std::uint64_t>(period.count())));
}

void Detector::on_ping(Step step, const Address& from, MemberId sender, const Ping& ping) {
  // The address may have passed from one member to another: only the one meant lives by this Ack.
  if (ping.target == step.members.self().member) step.send(from, sender, Ack{ping.number});
}

void Detector::on_ping_request(Step step, const Address& from, MemberId sender, const PingRequest& request) {
  if (request.target == step.members.self().member) return step.send(from, sender, Ack{request.number});
  if (relays_.size() >= step.tuning.relays_max) return;
  const std::uint64_t number = prng_.next();
  relays_.emplace(number, Relay{from, sender, request.number, step.now + step.tuning.ack_timeout});
  step.send(request.address, request.target, Ping{number, request.target});
}

void Detector::on_ack(Step step, const Ack& ack) {
  if (probe_ && probe_->number == ack.number) {
    probe_.reset();
    if (health_ > 0) --health_;
    return;
  }
  const auto relay = relays_.find(ack.number);
  if (relay == relays_.end()) return;
  step.send(relay->second.asker_address, relay->second.asker, Ack{relay->second.number});
  relays_.erase(relay);
}

void Detector::on_nack(const Nack& nack) {
  if (probe_ && probe_->number == nack.number && probe_->silent_helpers > 0) --probe_->silent_helpers;
}

void Detector::on_tick(Step step) {
  give_up_relays(step);
  if (probe_ && !probe_->asked && step.now >= probe_->ask_others_at) ask_others(step);
  if (step.now < next_at_) return;
  conclude(step);
  begin(step);
}

void Detector::on_pause(const Tuning& tuning, Instant now) {
  probe_.reset();
  relays_.clear();
  next_at_ = now;
  worsen(tuning, 1);
}

Instant Detector::next_wakeup() const {
  Instant next = next_at_;
  if (probe_ && !probe_->asked) next = std::min(next, probe_->ask_others_at);
  for (const auto& [number, relay] : relays_) next = std::min(next, relay.deadline);
  return next;
}

void Detector::ask_others(Step& step) {
  probe_->asked = true;
  const Rumour* target = step.members.find(probe_->target);
  if (!target) return;
  const Address address = target->address;
  for (const MemberId helper : step.members.ring().sample(step.tuning.indirect_probes, probe_->target)) {
    ++probe_->silent_helpers;
    step.send(step.members.find(helper)->address, helper, PingRequest{probe_->number, probe_->target, address});
  }
}

void Detector::conclude(Step& step) {
  if (!probe_) return;
  // Helpers that do not even say no are a sign that this node is the one that hears nothing.
  worsen(step.tuning, probe_->silent_helpers);
  step.members.accuse(probe_->target, Evidence::silence, step.now, step.effects);
  probe_.reset();
}

void Detector::begin(Step& step) {
  next_at_ = step.now + patience(step.tuning.period);
  const std::optional<MemberId> target = step.members.ring().next();
  if (!target) return;
  probe_ = Probe{.target = *target,
                 .number = prng_.next(),
                 .ask_others_at = step.now + patience(step.tuning.ack_timeout)};
  const Address address = step.members.find(*target)->address;
  step.send(address, *target, Ping{probe_->number, *target});
}

void Detector::give_up_relays(Step& step) {
  for (auto it = relays_.begin(); it != relays_.end();) {
    const Relay& relay = it->second;
    if (relay.deadline > step.now) {
      ++it;
      continue;
    }
    step.send(relay.asker_address, relay.asker, Nack{relay.number});
    it = relays_.erase(it);
  }
}

void Detector::worsen(const Tuning& tuning, std::size_t points) {
  health_ = static_cast<unsigned>(std::min<std::size_t>(tuning.health_max, health_ + points));
}

}  // namespace conclave::gossip
