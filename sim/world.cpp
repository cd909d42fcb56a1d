#include "sim/world.hpp"

#include <algorithm>
#include <utility>

#include "sim/draw.hpp"

namespace conclave::sim {
namespace {

constexpr std::uint16_t port = 7400;
// How long a system tries to connect before it gives up.
constexpr auto dial_timeout = std::chrono::seconds(1);

/// What is drawn for: each draw has a key of its own (purpose, names, number), so that a machine, a fault or a packet more
/// leaves every other draw as it was.
enum class Draws : std::uint64_t { stream = 1, datagram, life, disk, boot };

Prng keyed(const Prng& seed, Draws purpose, std::string_view name) {
  return seed.fork(static_cast<std::uint64_t>(purpose)).fork(name);
}

}  // namespace

World::World(std::uint64_t seed) : prng_(seed), network_([this](transport::Packet packet) { carry(std::move(packet)); }) {}

World::~World() {
  for (auto& [name, slot] : machines_)
    if (slot.process) slot.process->kill();
}

// ---- Machines ----

Machine& World::add(const std::string& name) {
  auto& slot = machines_[name];
  slot.machine = std::make_unique<Machine>();
  auto& machine = *slot.machine;
  machine.name = name;
  machine.address = {.host = "node-" + name, .port = port};
  machine.disk = storage::MemoryDisk(keyed(prng_, Draws::disk, name).next());
  auto boots = keyed(prng_, Draws::boot, name);
  machine.boot = draw_id<Uuid>(boots);
  machine.config.name = name;
  machine.config.data_dir = "/disk";
  machine.config.listen = to_string(machine.address);
  return machine;
}

void World::found(std::size_t count) {
  std::vector<std::string> founders;
  for (std::size_t i = 1; i <= count; ++i) founders.push_back(to_string(add(std::to_string(i)).address));
  for (std::size_t i = 1; i <= count; ++i) machine(std::to_string(i)).config.founders = founders;
  for (std::size_t i = 1; i <= count; ++i) (void)start(std::to_string(i));
}

std::vector<std::string> World::names() const {
  std::vector<std::string> names;
  for (const auto& [name, slot] : machines_) names.push_back(name);
  return names;
}

std::string World::name_at(const Address& address) const {
  for (const auto& [name, slot] : machines_)
    if (slot.machine->address == address) return name;
  return to_string(address);
}

// ---- Lives ----

Result<void> World::start(const std::string& name) {
  auto& slot = machines_.at(name);
  const auto prng = keyed(prng_, Draws::life, name).fork(++slot.lives);
  slot.process = std::make_shared<Process>(timeline_, network_, *slot.machine, prng, onlooker);
  auto opened = slot.process->open();
  if (!opened) slot.process.reset();
  return opened;
}

void World::kill(const std::string& name) {
  auto& slot = machines_.at(name);
  if (!slot.process) return;
  slot.process->kill();
  slot.process.reset();
  slot.unread.clear();
}

void World::power_off(const std::string& name) {
  auto& slot = machines_.at(name);
  network_.cut(slot.machine->address);
  kill(name);
  slot.machine->disk.power_cut();
  ++slot.machine->boot.bytes[1];
}

void World::pause(const std::string& name) { process(name).pause(); }

void World::resume(const std::string& name) {
  auto& slot = machines_.at(name);
  slot.process->resume();
  for (auto& packet : std::exchange(slot.unread, {}))
    timeline_.after({}, [this, packet = std::move(packet)]() mutable { arrive(std::move(packet)); });
}

bool World::runs(const std::string& name) const {
  const auto& process = machines_.at(name).process;
  return process && !process->stopped();
}

// ---- Network ----

void World::partition(const std::vector<std::set<std::string>>& groups) {
  for (const auto& from : names())
    for (const auto& to : names())
      route(from, to).cut = std::ranges::none_of(groups, [&](const auto& group) { return group.contains(from) && group.contains(to); });
}

void World::heal() {
  for (auto& [pair, route] : routes_) route.cut = false;
  for (auto& [pair, packet] : std::exchange(held_, {})) deliver_in_order(pair, routes_[pair].latency, std::move(packet));
}

void World::carry(transport::Packet packet) {
  const Pair pair{name_at(packet.from), name_at(packet.to)};
  if (on_packet) on_packet(pair.first, pair.second, packet);
  const auto& route = routes_[pair];
  const bool datagram = packet.kind == transport::Packet::Kind::datagram;
  auto draws = keyed(prng_, datagram ? Draws::datagram : Draws::stream, pair.first)
                   .fork(pair.second)
                   .fork(++(datagram ? datagrams_ : frames_)[pair]);
  if (datagram && (route.cut || draws.chance(route.datagrams_lost_permille, 1000))) return network_.lose(packet);
  if (route.cut) {
    if (packet.kind == transport::Packet::Kind::dial) {
      timeline_.after(dial_timeout, [this, packet = std::move(packet)] { network_.lose(packet); });
      return;
    }
    held_.emplace_back(pair, std::move(packet));
    return;
  }
  const auto jitter = route.jitter.count() > 0 ? draws.below(static_cast<std::uint64_t>(route.jitter.count())) : 0;
  const auto delay = route.latency + std::chrono::nanoseconds(jitter);
  if (!datagram) return deliver_in_order(pair, delay, std::move(packet));
  timeline_.after(delay, [this, packet = std::move(packet)]() mutable { arrive(std::move(packet)); });
}

void World::arrive(transport::Packet packet) {
  const auto found = machines_.find(name_at(packet.to));
  // A stopped process reads nothing; its system keeps what comes.
  if (found != machines_.end() && found->second.process && found->second.process->paused())
    found->second.unread.push_back(std::move(packet));
  else
    network_.deliver(packet);
}

void World::deliver_in_order(const Pair& pair, BootClock::duration delay, transport::Packet packet) {
  auto& last = link_clock_[packet.link];
  last = std::max(last, now() + delay);
  timeline_.at(last, [this, pair, packet = std::move(packet)]() mutable {
    // A cut that came meanwhile holds what is on its way.
    if (routes_[pair].cut)
      held_.emplace_back(pair, std::move(packet));
    else
      arrive(std::move(packet));
  });
}

// ---- Time ----

void World::run_for(BootClock::duration duration) {
  const auto end = now() + duration;
  while (timeline_.next() <= end) timeline_.step();
  timeline_.skip_to(end);
}

bool World::run_until(const std::function<bool()>& done, BootClock::duration limit) {
  const auto end = now() + limit;
  while (!done()) {
    if (timeline_.next() > end) {
      timeline_.skip_to(end);
      return done();
    }
    timeline_.step();
  }
  return true;
}

std::optional<std::string> World::leader() {
  for (const auto& [name, slot] : machines_) {
    if (!slot.process || slot.process->stopped()) continue;
    const auto& replica = slot.process->engine().replica();
    if (replica && replica->term_started()) return name;
  }
  return std::nullopt;
}

}  // namespace conclave::sim
