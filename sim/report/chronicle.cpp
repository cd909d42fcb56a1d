#include "sim/report/chronicle.hpp"

#include <algorithm>
#include <cstdlib>
#include <tuple>
#include <utility>

#include "base/hash.hpp"
#include "sim/report/packet_words.hpp"

namespace conclave::sim {
namespace {

using transport::Packet;

/// Until it is known when something ended.
constexpr TrueTime open_end = TrueTime::max();

std::string words(Ending ending) {
  if (ending == Ending::killed) return "killed";
  return ending == Ending::power_lost ? "lost its power" : "closed";
}

std::uint64_t hash_of(const Packet& packet) {
  StateHasher hash;
  hash(packet.kind, to_string(packet.from), to_string(packet.to), packet.bytes);
  return hash.finish();
}

/// What is wrong with one path of a direction.
std::set<std::string> wrong_with(const Route& route) {
  const Route well;
  std::set<std::string> wrong;
  if (route.cut) wrong.insert("cut");
  if (route.latency != well.latency) wrong.insert("takes " + to_string(route.latency));
  if (route.jitter != well.jitter) wrong.insert("jitter of " + to_string(route.jitter));
  if (route.tail_permille > 0) wrong.insert(std::to_string(route.tail_permille) + " of 1000 take " + to_string(route.tail) + " longer");
  if (route.lost_permille > 0) wrong.insert("loses " + std::to_string(route.lost_permille) + " of 1000");
  if (route.corrupted_permille > 0) wrong.insert("damages " + std::to_string(route.corrupted_permille) + " of 1000");
  if (route.doubled_permille > 0) wrong.insert("doubles " + std::to_string(route.doubled_permille) + " of 1000");
  if (route.bytes_per_second > 0) wrong.insert(std::to_string(route.bytes_per_second) + " bytes a second");
  if (route.replayed_after.count() > 0) wrong.insert("repeats all after " + to_string(route.replayed_after));
  return wrong;
}

std::set<std::string> wrong_with(const Machine& machine) {
  const auto& disk = machine.disk.faults;
  std::set<std::string> wrong;
  if (machine.disk_stalled) wrong.insert("disk stalled");
  if (disk.full) wrong.insert("disk full");
  if (disk.failing_writes > 0) wrong.insert("disk: writes fail");
  if (disk.failing_syncs > 0) wrong.insert("disk: syncs fail");
  if (disk.failing_reads > 0) wrong.insert("disk: reads fail");
  if (disk.lost_syncs > 0) wrong.insert("disk: says synced, and lies");
  if (machine.disk_latency != Machine().disk_latency) wrong.insert("disk: a sync takes " + to_string(machine.disk_latency));
  if (machine.works_left > 0) wrong.insert("loses its power at one of the next writes");
  if (machine.slowness.count() > 0) wrong.insert("slow by " + to_string(machine.slowness));
  const auto gains = machine.clock.gains_ppm();
  if (gains == Clock::frozen) wrong.insert("clock stands still");
  if (gains != 0 && gains != Clock::frozen) wrong.insert("clock " + std::string(gains > 0 ? "gains " : "loses ") + std::to_string(std::abs(gains)) + " of a million");
  return wrong;
}

}  // namespace

void Chronicle::watch(World& world) {
  world_ = &world;
  world.watch(*this);
}

Facts Chronicle::finish(TrueTime end) {
  const auto close = [end](auto& facts) {
    for (auto& fact : facts) fact.span.to = std::min(fact.span.to, end);
  };
  auto facts = std::exchange(facts_, {});
  close(facts.lives);
  close(facts.conditions);
  close(facts.standings);
  close(facts.unsynced);
  close(facts.holdings);
  return facts;
}

// ---- Lives ----

Chronicle::Node& Chronicle::node(const std::string& name) {
  const auto [found, is_new] = nodes_.try_emplace(name);
  if (is_new) {
    facts_.nodes.push_back(name);
    show_clock(name);
  }
  return found->second;
}

void Chronicle::on_life_begun(const std::string& name, std::uint64_t life) {
  auto& node = this->node(name);
  node = {.life = life, .alive = facts_.lives.size(), .standing = {}, .level = {}, .unsynced = {}};
  facts_.lives.push_back({.node = name, .number = life, .span = {now(), open_end}});
  facts_.members[world_->engine(name).self()] = name;
  look_at_machine(name);
  on_step(name);
}

void Chronicle::on_life_ended(const std::string& name, Ending ending) {
  auto& node = this->node(name);
  if (node.alive) {
    facts_.lives[*node.alive].span.to = now();
    facts_.lives[*node.alive].ending = words(ending);
  }
  end_standing(node);
  if (node.unsynced) {
    facts_.unsynced[*node.unsynced].span.to = now();
    facts_.unsynced[*node.unsynced].lost = ending == Ending::power_lost;
  }
  node = {.life = node.life, .alive = {}, .standing = {}, .level = {}, .unsynced = {}};
  look_at_machine(name);
}

void Chronicle::on_step(const std::string& name) {
  auto& node = this->node(name);
  const auto& replica = world_->engine(name).replica();
  if (!node.alive || !replica) return;
  follow_standing(name, node, *replica);
  follow_level(name, node, *replica);
}

void Chronicle::follow_standing(const std::string& name, Node& node, const paxos::Replica& replica) {
  const auto leads = replica.leading();
  const Standing standing{.node = name,
                          .role = replica.role(),
                          .ballot = leads.value_or(paxos::Ballot()),
                          .term_started = replica.term_started(),
                          .span = {now(), open_end}};
  if (node.standing) {
    const auto& last = facts_.standings[*node.standing];
    if (std::tie(last.role, last.ballot, last.term_started) == std::tie(standing.role, standing.ballot, standing.term_started)) return;
    end_standing(node);
  }
  node.standing = facts_.standings.size();
  facts_.standings.push_back(standing);
}

void Chronicle::end_standing(Node& node) {
  if (node.standing) facts_.standings[*node.standing].span.to = now();
  node.standing.reset();
}

void Chronicle::follow_level(const std::string& name, Node& node, const paxos::Replica& replica) {
  const Level level{.at = now(),
                    .node = name,
                    .promised = replica.promised(),
                    .promised_synced = replica.synced_promised(),
                    .accepted = replica.last_accepted(),
                    .accepted_synced = replica.synced_last(),
                    .watermark = replica.watermark()};
  const auto values = [](const Level& of) {
    return std::tie(of.promised, of.promised_synced, of.accepted, of.accepted_synced, of.watermark);
  };
  if (node.level && values(facts_.levels[*node.level]) == values(level)) return;
  // Of one instant the last counts.
  if (node.level && facts_.levels[*node.level].at == level.at) {
    facts_.levels[*node.level] = level;
    return;
  }
  node.level = facts_.levels.size();
  facts_.levels.push_back(level);
}

// ---- What nodes say of themselves ----

void Chronicle::on_notice(const std::string& name, const engine::Notice& notice) {
  auto& node = this->node(name);
  if (const auto* stopped = std::get_if<engine::Stopped>(&notice); stopped && node.alive) {
    facts_.lives[*node.alive].stopped = now();
    facts_.lives[*node.alive].why = stopped->reason.message();
    end_standing(node);
  }
  const auto* applied = std::get_if<engine::AppliedEvents>(&notice);
  if (!applied || applied->upto <= seen_) return;
  seen_ = applied->upto;
  for (const auto& event : applied->events) std::visit([this](const auto& held) { on(held); }, event);
}

void Chronicle::on(const coordination::Granted& event) {
  const auto& grant = event.grant;
  if (!holdings_.try_emplace(grant.token, facts_.holdings.size()).second) return;
  facts_.holdings.push_back({.resource = event.resource.name,
                             .election = event.resource.kind == coordination::ResourceKind::election,
                             .owner = grant.owner_name,
                             .token = grant.token.value,
                             .slot = grant.slot,
                             .span = {now(), open_end}});
}

void Chronicle::on(const coordination::Ungranted& event) {
  const auto found = holdings_.find(event.token);
  if (found == holdings_.end() || facts_.holdings[found->second].span.to != open_end) return;
  facts_.holdings[found->second].span.to = now();
  facts_.holdings[found->second].ending = to_string(event.cause);
}

void Chronicle::on_remark(const std::string& node, const engine::Remark& remark) {
  facts_.remarks.push_back({.at = now(), .node = node, .level = remark.level, .text = remark.text});
}

// ---- Packets ----

void Chronicle::on_packet(const std::string& from, const std::string& to, const Packet& packet) {
  auto said = describe(packet);
  const auto place = facts_.journeys.size();
  facts_.journeys.push_back({.from = from,
                             .to = to,
                             .sent = now(),
                             .arrived = now(),
                             .fate = Fate::lost,
                             .kind = said.kind,
                             .routine = said.routine,
                             .text = std::move(said.text)});
  const auto hash = hash_of(packet);
  if (packet.kind == Packet::Kind::datagram) return datagrams_[hash].push_back(place);
  on_links_[packet.link].push_back({place, hash});
  if (packet.kind == Packet::Kind::frame) frames_[hash] = place;
}

// A stream keeps its order, so what arrives on a link is the oldest that waits there, damaged or not; unless it is a ghost.
void Chronicle::on_arrival(const std::string& /*to*/, const Packet& packet) {
  const auto hash = hash_of(packet);
  const auto arrive = [this](std::size_t place, Fate fate) {
    facts_.journeys[place].arrived = now();
    facts_.journeys[place].fate = fate;
  };
  const auto ghost = [this](std::size_t place) {
    auto again = facts_.journeys[place];
    again.arrived = now();
    again.fate = Fate::ghost;
    facts_.journeys.push_back(std::move(again));
  };
  if (packet.kind == Packet::Kind::datagram) {
    const auto found = datagrams_.find(hash);
    if (found == datagrams_.end()) return;  // damaged: it stands as lost
    auto& waiting = found->second;
    if (facts_.journeys[waiting.front()].fate == Fate::arrived && waiting.size() == 1) return ghost(waiting.front());
    if (facts_.journeys[waiting.front()].fate == Fate::arrived) waiting.pop_front();
    return arrive(waiting.front(), Fate::arrived);
  }
  auto& waiting = on_links_[packet.link];
  const bool expected = !waiting.empty() && waiting.front().hash == hash;
  const auto known = frames_.find(hash);
  if (!expected && known != frames_.end()) return ghost(known->second);
  if (waiting.empty()) return;
  arrive(waiting.front().journey, expected ? Fate::arrived : Fate::damaged);
  waiting.pop_front();
}

// ---- Disks, clocks, faults ----

void Chronicle::on_disk_work(const std::string& name) {
  auto& node = this->node(name);
  const bool waits = !world_->machine(name).disk.unacknowledged().empty();
  if (waits && !node.unsynced) {
    node.unsynced = facts_.unsynced.size();
    facts_.unsynced.push_back({.node = name, .span = {now(), open_end}});
  } else if (!waits && node.unsynced) {
    facts_.unsynced[*node.unsynced].span.to = now();
    node.unsynced.reset();
  }
  look_at_machine(name);
}

void Chronicle::on_clock_changed(const std::string& name) {
  (void)node(name);
  show_clock(name);
}

void Chronicle::show_clock(const std::string& name) {
  const auto& clock = world_->machine(name).clock;
  facts_.clocks.push_back({.node = name, .at = now(), .reading = clock.at(world_->now()).time_since_epoch(), .gains_ppm = clock.gains_ppm()});
}

void Chronicle::on_fault(const Words& words) {
  facts_.faults.push_back({.at = now(), .words = words});
  for (const auto& name : world_->names()) look_at_machine(name);
  look_at_routes();
}

void Chronicle::look_at_machine(const std::string& name) {
  auto wrong = wrong_with(world_->machine(name));
  const auto& node = this->node(name);
  if (node.alive && world_->runs(name)) {
    if (world_->process(name).paused()) wrong.insert("paused");
    const auto& replica = world_->engine(name).replica();
    if (replica && !replica->has_vote()) wrong.insert("has no vote");
  }
  set_conditions({name, {}}, wrong);
}

void Chronicle::look_at_routes() {
  auto& network = world_->network();
  for (const auto& from : world_->names())
    for (const auto& to : world_->names()) {
      if (from == to) continue;
      const auto links = wrong_with(network.route(from, to, Path::links));
      const auto gossip = wrong_with(network.route(from, to, Path::gossip));
      std::set<std::string> wrong;
      for (const auto& what : links) wrong.insert(gossip.contains(what) ? what : what + " (links)");
      for (const auto& what : gossip)
        if (!links.contains(what)) wrong.insert(what + " (gossip)");
      set_conditions({from, to}, wrong);
    }
}

void Chronicle::set_conditions(const Subject& subject, const std::set<std::string>& wrong) {
  auto& open = conditions_[subject];
  std::erase_if(open, [&](const auto& condition) {
    if (wrong.contains(condition.first)) return false;
    facts_.conditions[condition.second].span.to = now();
    return true;
  });
  for (const auto& what : wrong) {
    if (!open.try_emplace(what, facts_.conditions.size()).second) continue;
    facts_.conditions.push_back({.node = subject.first, .to = subject.second, .what = what, .span = {now(), open_end}});
  }
}

}  // namespace conclave::sim
