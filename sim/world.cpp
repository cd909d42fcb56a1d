#include "sim/world.hpp"

#include <algorithm>
#include <utility>

#include "sim/draw.hpp"

namespace conclave::sim {
namespace {

constexpr std::uint16_t port = 7400;
/// In one run of so many the bytes of every frame are read.
constexpr std::uint64_t runs_to_a_reading = 10;

/// What is drawn for: each draw has a key of its own (purpose, names, number), so that a machine, a fault or a packet more
/// leaves every other draw as it was.
enum class Draws : std::uint64_t { network = 1, life, disk, boot, reading };

Prng keyed(const Prng& seed, Draws purpose, std::string_view name) {
  return seed.fork(static_cast<std::uint64_t>(purpose)).fork(name);
}

}  // namespace

World::World(std::uint64_t seed)
    : prng_(seed),
      network_(timeline_, prng_.fork(static_cast<std::uint64_t>(Draws::network)),
               [this](const std::string& to, transport::Packet packet) { arrive(to, std::move(packet)); }),
      nodes_read_bytes_(prng_.fork(static_cast<std::uint64_t>(Draws::reading)).below(runs_to_a_reading) == 0) {
  network_.on_packet = [this](const std::string& from, const std::string& to, transport::Packet& packet) {
    if (packet.kind == transport::Packet::Kind::frame) {
      const auto written = std::exchange(machine(from).leaving, nullptr);
      packet.note = nodes_read_bytes_ || !written ? read_frame(packet) : written;
    }
    for (auto* watcher : watchers_) watcher->on_packet(from, to, packet);
  };
}

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
  network_.add(name, machine.address);
  // Not from within a piece of the process's own work.
  machine.lose_power = [this, name] { timeline_.after({}, [this, name] { power_off(name); }); };
  machine.config.name = name;
  machine.config.data_dir = "/disk";
  machine.config.listen = to_string(machine.address);
  return machine;
}

void World::found(std::size_t count, const std::function<void(Machine&)>& prepare) {
  std::vector<std::string> founders;
  for (std::size_t i = 1; i <= count; ++i) founders.push_back(to_string(add(std::to_string(i)).address));
  // F6: one that founds alone says so.
  for (std::size_t i = 1; i <= count; ++i) {
    auto& config = machine(std::to_string(i)).config;
    config.single = count == 1;
    if (!config.single) config.founders = founders;
  }
  if (prepare)
    for (std::size_t i = 1; i <= count; ++i) prepare(machine(std::to_string(i)));
  for (std::size_t i = 1; i <= count; ++i) (void)start(std::to_string(i));
}

std::vector<std::string> World::names() const {
  std::vector<std::string> names;
  for (const auto& [name, slot] : machines_) names.push_back(name);
  return names;
}

// ---- Lives ----

Result<void> World::start(const std::string& name) {
  kill(name);  // one that stopped itself is still there
  auto& slot = machines_.at(name);
  if (slot.machine->make_state_machine) slot.machine->config.state_machine = slot.machine->make_state_machine();
  ++slot.lives;
  const auto prng = draws_of_life(name);
  slot.process = std::make_shared<Process>(timeline_, network_.hub(), *slot.machine, prng, watchers_);
  auto opened = slot.process->open();
  if (!opened) {
    slot.process.reset();
    return opened;
  }
  for (auto* watcher : watchers_) watcher->on_life_begun(name, slot.lives);
  return opened;
}

// By the time at which it begins: a crash less leaves the draws of later lives as they were.
Prng World::draws_of_life(const std::string& name) {
  auto& [at, many] = machines_.at(name).last_start;
  many = at == now() ? many + 1 : 1;
  at = now();
  const auto draws = keyed(prng_, Draws::life, name).fork(many);
  return at == Instant() ? draws : draws.fork(static_cast<std::uint64_t>(at.time_since_epoch().count()));
}

void World::close(const std::string& name, std::chrono::milliseconds timeout) {
  const auto life = machines_.at(name).lives;
  process(name).close(timeout, [this, name, life] {
    // Not from within a piece of the process's own work.
    timeline_.after({}, [this, name, life] {
      if (machines_.at(name).lives == life) end(name, Ending::closed);
    });
  });
}

void World::kill(const std::string& name) { end(name, Ending::killed); }

void World::end(const std::string& name, Ending ending) {
  auto& slot = machines_.at(name);
  if (!slot.process) return;
  slot.process->kill();
  slot.process.reset();
  slot.unread.clear();
  for (auto* watcher : watchers_) watcher->on_life_ended(name, ending);
}

void World::power_off(const std::string& name) {
  auto& slot = machines_.at(name);
  network_.hub().cut(slot.machine->address);
  end(name, Ending::power_lost);
  slot.machine->disk.power_cut();
  ++slot.machine->boot.bytes[1];
}

void World::pause(const std::string& name) { process(name).pause(); }

void World::resume(const std::string& name) {
  auto& slot = machines_.at(name);
  slot.process->resume();
  for (auto& packet : std::exchange(slot.unread, {}))
    timeline_.after({}, [this, name, packet = std::move(packet)]() mutable { arrive(name, std::move(packet)); });
}

bool World::runs(const std::string& name) const {
  const auto& process = machines_.at(name).process;
  return process && !process->stopped();
}

void World::arrive(const std::string& to, transport::Packet packet) {
  auto& slot = machines_.at(to);
  // A stopped process reads nothing; its system keeps what comes.
  if (slot.process && slot.process->paused()) return slot.unread.push_back(std::move(packet));
  if (slot.machine->slowness.count() == 0 && slot.last_arrival <= now()) return deliver(to, packet);
  slot.last_arrival = std::max(slot.last_arrival, now() + slot.machine->slowness);
  timeline_.at(slot.last_arrival, [this, to, packet = std::move(packet)] { deliver(to, packet); });
}

void World::deliver(const std::string& to, const transport::Packet& packet) {
  for (auto* watcher : watchers_) watcher->on_arrival(to, packet);
  auto& machine = *machines_.at(to).machine;
  if (!nodes_read_bytes_) machine.arriving = frame_of(packet);
  network_.hub().deliver(packet);
  machine.arriving.reset();
}

// ---- Clocks ----

void World::run_clock(const std::string& name, std::int64_t gained_ppm) {
  machine(name).clock.run_at(gained_ppm, now());
  clock_changed(name);
}

void World::jump_clock(const std::string& name, BootClock::duration by) {
  machine(name).clock.jump(by, now());
  clock_changed(name);
}

void World::clock_changed(const std::string& name) {
  if (const auto& process = machines_.at(name).process) process->clock_changed();
  for (auto* watcher : watchers_) watcher->on_clock_changed(name);
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

std::optional<std::string> World::meant(const std::string& word) {
  if (word == "leader") return leader();
  if (word != "follower") return machines_.contains(word) ? std::optional(word) : std::nullopt;
  const auto leads = leader();
  for (const auto& [name, slot] : machines_)
    if (runs(name) && name != leads) return name;
  return std::nullopt;
}

}  // namespace conclave::sim
