#include "unit/paxos/pump.hpp"

#include <algorithm>

#include "base/invariant.hpp"

namespace conclave::paxos::test {

Configuration founders(std::uint8_t count) {
  Configuration configuration{ConfigurationId(1), ConfigurationId(0), {}};
  for (std::uint8_t i = 1; i <= count; ++i) configuration.voters.push_back({member(i), Incarnation(1)});
  return configuration;
}

Entry command(std::string_view text, std::uint64_t stamp) {
  return {EntryKind::command, ClusterTime(stamp), Payload(to_bytes(text))};
}

void Disk::store(const Record& record) {
  if (const auto* promise = std::get_if<PromisedRecord>(&record)) promised = promise->ballot;
  if (const auto* entry = std::get_if<AcceptedRecord>(&record)) accepted.insert_or_assign(entry->slot, *entry);
  if (const auto* mark = std::get_if<WatermarkRecord>(&record)) watermark = mark->watermark;
}

Recovered Disk::recover(const Configuration& founders) const {
  Recovered recovered{
      .promised = promised, .accepted = {}, .watermark = watermark, .configurations = {{Slot(0), founders}}};
  for (const auto& [slot, record] : accepted) recovered.accepted.push_back(record);
  return recovered;
}

Pump::Pump(std::uint8_t nodes, std::uint64_t seed, Tuning tuning, Faults faults)
    : tuning_(tuning), faults_(faults), founders_(founders(nodes)), prng_(seed) {
  for (std::uint8_t i = 1; i <= nodes; ++i) nodes_[member(i)];
  for (std::uint8_t i = 1; i <= nodes; ++i) start(i);
}

// ---- Time ----

bool Pump::next(Instant limit) {
  if (actions_.empty() || actions_.begin()->first.first > limit) return false;
  auto action = actions_.extract(actions_.begin());
  now_ = std::max(now_, action.key().first);
  action.mapped()();
  return true;
}

void Pump::run(BootClock::duration time) {
  const auto limit = now_ + time;
  while (broken_.empty() && next(limit)) {
  }
  now_ = limit;
}

bool Pump::run_until(const std::function<bool()>& done, BootClock::duration limit) {
  const auto end = now_ + limit;
  while (broken_.empty() && !done())
    if (!next(end)) return false;
  return broken_.empty();
}

// ---- Nodes ----

void Pump::start(std::uint8_t number) {
  auto& node = this->node(number);
  ++node.life;
  node.applied = Slot(0);
  node.written_promise = node.disk.promised;
  Identity identity{
      .self = member(number), .incarnation = Incarnation(1), .has_vote = true, .boot_nonce = prng_.next()};
  node.replica.emplace(identity, tuning_, node.disk.recover(founders_), Prng(prng_.next()), now_);
  step(number, [](Replica&, Effects&) {});
  for (const auto& [other, state] : nodes_)
    if (other != member(number) && state.replica && !cut_.contains({member(number), other})) {
      step(number, [&, peer = other](Replica& replica, Effects& effects) { replica.link_up(peer, now_, effects); });
      step(other.bytes.back(),
           [&](Replica& replica, Effects& effects) { replica.link_up(member(number), now_, effects); });
    }
}

void Pump::crash(std::uint8_t number) {
  auto& node = this->node(number);
  node.replica.reset();
  node.batches.clear();
  node.waiting.clear();
  node.issued = node.synced = BatchId(0);
  node.sync_scheduled = false;
  for (auto& [other, state] : nodes_)
    if (state.replica && !cut_.contains({member(number), other}))
      step(other.bytes.back(),
           [&](Replica& replica, Effects& effects) { replica.link_refused(member(number), now_, effects); });
}

void Pump::link(std::uint8_t one, std::uint8_t other, bool up) {
  for (const auto& [from, to] : {std::pair(one, other), std::pair(other, one)}) {
    if (up)
      cut_.erase({member(from), member(to)});
    else
      cut_.insert({member(from), member(to)});
    if (!alive(one) || !alive(other)) continue;
    step(from, [&, peer = to](Replica& replica, Effects& effects) {
      if (up)
        replica.link_up(member(peer), now_, effects);
      else
        replica.link_down(member(peer), now_, effects);
    });
  }
}

void Pump::step(std::uint8_t number, const std::function<void(Replica&, Effects&)>& input) {
  auto& node = this->node(number);
  if (!node.replica || !broken_.empty()) return;
  Effects effects;
  try {
    input(*node.replica, effects);
    node.replica->flush(now_, effects);
  } catch (const InvariantBroken& broken) {
    return fail(broken.what());
  }
  perform(member(number), std::move(effects));
}

std::optional<std::uint8_t> Pump::leader() const {
  std::optional<std::pair<Ballot, MemberId>> best;
  for (const auto& [id, node] : nodes_)
    if (node.replica && node.replica->leading() && (!best || *node.replica->leading() > best->first))
      best = {*node.replica->leading(), id};
  if (!best) return std::nullopt;
  return best->second.bytes.back();
}

std::optional<Slot> Pump::propose(const Entry& entry) {
  std::optional<Slot> slot;
  if (const auto number = leader())
    step(*number, [&](Replica& replica, Effects& effects) { slot = replica.propose({entry}, now_, effects); });
  return slot;
}

// ---- Effects ----

void Pump::perform(const MemberId& id, Effects effects) {
  auto& node = nodes_.at(id);
  if (effects.batch) {
    if (*effects.batch != node.issued.next()) fail("batches are numbered without gaps");
    node.issued = *effects.batch;
    for (const auto& record : effects.persist) check_record(node, record);
    node.batches.emplace_back(*effects.batch, std::move(effects.persist));
    schedule_sync(id);
  } else if (!effects.persist.empty()) {
    fail("records without a batch");
  }
  for (auto& outgoing : effects.send_now) send(id, std::move(outgoing));
  for (auto& outgoing : effects.send_after) node.waiting.emplace_back(node.issued, std::move(outgoing));
  for (const auto& [slot, entry] : effects.apply) {
    if (slot != node.applied.next()) fail("applied in order, without holes");
    node.applied = slot;
    const auto [known, added] = chosen_.emplace(slot, entry);
    if (!added && known->second != entry) fail("chosen once: slot " + to_string(slot));
    const auto counted = counted_.find(slot);
    if (counted == counted_.end() || counted->second.second != entry)
      fail("applied is chosen: slot " + to_string(slot));
  }
  for (auto& event : effects.events) node.events.push_back(std::move(event));
  release(id);
  schedule_tick(id);
}

void Pump::release(const MemberId& id) {
  auto& node = nodes_.at(id);
  while (!node.waiting.empty() && node.waiting.front().first <= node.synced) {
    auto outgoing = std::move(node.waiting.front().second);
    node.waiting.pop_front();
    check_said(id, outgoing.message);
    send(id, std::move(outgoing));
  }
}

void Pump::schedule_sync(const MemberId& id) {
  auto& node = nodes_.at(id);
  if (node.sync_scheduled) return;
  node.sync_scheduled = true;
  const auto after = BootClock::duration(prng_.below(static_cast<std::uint64_t>(faults_.sync_max.count()) + 1));
  at(now_ + after, [this, id, life = node.life] {
    auto& disk_owner = nodes_.at(id);
    if (disk_owner.life != life || !disk_owner.replica) return;
    disk_owner.sync_scheduled = false;
    // Group commit: a random number of the waiting batches.
    auto count = 1 + prng_.below(disk_owner.batches.size());
    for (; count > 0; --count) {
      for (const auto& record : disk_owner.batches.front().second) {
        disk_owner.disk.store(record);
        check_stored(id, record);
      }
      disk_owner.synced = disk_owner.batches.front().first;
      disk_owner.batches.pop_front();
    }
    if (!disk_owner.batches.empty()) schedule_sync(id);
    release(id);
    step(id.bytes.back(),
         [&](Replica& replica, Effects& effects) { replica.on_persisted(disk_owner.synced, now_, effects); });
  });
}

void Pump::schedule_tick(const MemberId& id) {
  auto& node = nodes_.at(id);
  const auto when = std::max(node.replica->next_wakeup(), now_ + std::chrono::microseconds(100));
  at(when, [this, id, when, life = node.life] {
    auto& woken = nodes_.at(id);
    // An earlier wake-up has scheduled its own.
    if (woken.life != life || !woken.replica || woken.replica->next_wakeup() > when) return;
    step(id.bytes.back(), [&](Replica& replica, Effects& effects) { replica.on_tick(now_, effects); });
  });
}

void Pump::send(const MemberId& from, Outgoing outgoing) {
  check_sent(from, outgoing.message);
  if (cut_.contains({from, outgoing.to})) return;
  if (prng_.chance(faults_.drop_percent, 100)) return;
  const auto life = nodes_.at(outgoing.to).life;
  const auto deliver_after = [&](BootClock::duration most) {
    const auto delay = BootClock::duration(prng_.below(static_cast<std::uint64_t>(most.count()) + 1));
    at(now_ + delay, [this, from, life, outgoing] { deliver(from, outgoing.to, life, outgoing.message); });
  };
  deliver_after(faults_.delay_max);
  if (prng_.chance(faults_.duplicate_percent, 100)) deliver_after(faults_.delay_max);
  if (prng_.chance(faults_.replay_percent, 100)) deliver_after(std::chrono::seconds(3));
}

// `life` is ignored on purpose: a late message may reach a later life of its receiver.
void Pump::deliver(const MemberId& from, const MemberId& to, int, const Message& message) {
  if (cut_.contains({from, to})) return;
  step(to.bytes.back(), [&](Replica& replica, Effects& effects) { replica.on_message(from, message, now_, effects); });
}

// ---- Rules ----

void Pump::check_record(Node& node, const Record& record) {
  if (const auto* promise = std::get_if<PromisedRecord>(&record)) {
    if (promise->ballot < node.written_promise) fail("P1: promises only rise");
    node.written_promise = promise->ballot;
  }
  if (const auto* accepted = std::get_if<AcceptedRecord>(&record))
    if (!accepted->ballot.is_none() && accepted->ballot != node.written_promise) fail("P1: no accept below a promise");
}

void Pump::check_sent(const MemberId& from, const Message& message) {
  if (const auto* prepare = std::get_if<Prepare>(&message)) {
    if (prepare->ballot.member != from) fail("P1: one owner per ballot");
    const auto [owner, added] = owners_.emplace(prepare->ballot, nodes_.at(from).life);
    if (owner->second != nodes_.at(from).life) fail("P2: a ballot belongs to one boot");
    if (nodes_.at(from).disk.promised < prepare->ballot) fail("P2: own promise synced before the Prepare leaves");
  }
  if (const auto* accept = std::get_if<Accept>(&message)) {
    if (accept->ballot.member != from) fail("P1: one owner per ballot");
    auto slot = accept->first;
    for (const auto& entry : accept->entries) {
      const auto [known, added] = proposed_.emplace(std::pair(accept->ballot, slot), entry);
      if (known->second != entry) fail("one value per ballot and slot: " + to_string(slot));
      const auto counted = counted_.find(slot);
      if (counted != counted_.end() && accept->ballot > counted->second.first && counted->second.second != entry)
        fail("P4: a chosen value is proposed again by every higher ballot: slot " + to_string(slot));
      ++slot;
    }
  }
  if (const auto* heartbeat = std::get_if<Heartbeat>(&message)) {
    const auto& disk = nodes_.at(from).disk;
    if (heartbeat->promised > disk.promised || heartbeat->watermark > disk.watermark)
      fail("heartbeats state synced values");
    if (heartbeat->last_accepted > Slot(0) && !disk.accepted.contains(heartbeat->last_accepted))
      fail("heartbeats state synced values");
  }
}

void Pump::check_said(const MemberId& from, const Message& message) {
  const auto& disk = nodes_.at(from).disk;
  if (const auto* promise = std::get_if<Promise>(&message)) {
    if (disk.promised < promise->ballot) fail("P2: a Promise is stored before it leaves");
    if (disk.watermark < promise->watermark) fail("P2: a stated watermark is stored");
  }
  if (const auto* accepted = std::get_if<Accepted>(&message)) {
    if (disk.promised < accepted->ballot) fail("P2: accepting promises");
    if (disk.watermark < accepted->watermark) fail("P2: a stated watermark is stored");
    for (auto slot = accepted->watermark.next(); slot <= accepted->upto; ++slot) {
      const auto held = disk.accepted.find(slot);
      // A later ballot may have been accepted there meanwhile, or the slot learnt.
      if (held == disk.accepted.end() || (held->second.ballot < accepted->ballot && slot > disk.watermark))
        fail("P2: what was accepted is stored before Accepted leaves");
    }
  }
}

// Counts by what the disks hold, independently of what any replica believes.
void Pump::check_stored(const MemberId& id, const Record& record) {
  const auto* accepted = std::get_if<AcceptedRecord>(&record);
  if (accepted == nullptr || accepted->ballot.is_none()) return;
  auto& votes = votes_[{accepted->slot, accepted->ballot}];
  if (!votes.insert(id).second || votes.size() != majority_of(nodes_.size())) return;
  const auto [known, added] = counted_.emplace(accepted->slot, std::pair(accepted->ballot, accepted->entry));
  if (!added && known->second.second != accepted->entry) fail("P5: chosen once: slot " + to_string(accepted->slot));
}

}  // namespace conclave::paxos::test
