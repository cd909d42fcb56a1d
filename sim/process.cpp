#include "sim/process.hpp"

#include <utility>

#include "driver/recovery.hpp"
#include "sim/draw.hpp"
#include "wire/command.hpp"
#include "wire/frame.hpp"

namespace conclave::sim {
namespace {

// Draws of one life, each purpose its own.
enum class Draws : std::uint64_t { engine = 1, life, client };

std::vector<Address> parsed(const std::vector<std::string>& texts) {
  std::vector<Address> addresses;
  for (const auto& text : texts) addresses.push_back(*Address::parse(text));
  return addresses;
}

}  // namespace

Process::Process(Timeline& timeline, transport::MemoryNetwork& network, Machine& machine, Prng prng, const Watchers& watchers)
    : timeline_(timeline),
      network_(network),
      machine_(machine),
      prng_(prng),
      client_draws_(prng.fork(static_cast<std::uint64_t>(Draws::client))),
      watchers_(watchers),
      alive_(std::make_shared<bool>(true)) {}

Process::~Process() { kill(); }

engine::Options Process::options() const {
  const auto& config = machine_.config;
  return {.cluster_name = config.cluster,
          .name = machine_.name,
          .advertise = config.listen.empty() ? std::nullopt : std::optional(machine_.address),
          .founders = parsed(config.founders),
          .single = config.single,
          .join = parsed(config.join),
          .ephemeral = config.data_dir.empty(),
          .priority = static_cast<std::uint8_t>(config.priority),
          .state_machine = config.state_machine ? config.state_machine->name() : std::string(),
          .timing = config.timing,
          .limits = config.limits,
          .codec = {.encode = &wire::encode_command, .decode = &wire::decode_command}};
}

Result<void> Process::open() {
  auto storage = storage::MemoryStorage::open(machine_.disk, [this] { work_on_disk(); });
  if (!storage) return storage.error();
  storage_ = std::move(*storage);
  auto transport = network_.open(machine_.address, !machine_.config.listen.empty());
  if (!transport) return transport.error();
  transport_ = std::move(*transport);
  if (machine_.watch_storage) watched_storage_ = machine_.watch_storage(*storage_);
  if (machine_.watch_transport) watched_transport_ = machine_.watch_transport(*transport_);
  storage::Storage& disk = watched_storage_ ? *watched_storage_ : *storage_;
  transport::Transport& network = watched_transport_ ? *watched_transport_ : *transport_;
  auto draws = prng_.fork(static_cast<std::uint64_t>(Draws::life));
  auto recovery = driver::recover(disk, {.fresh_member = draw_id<MemberId>(draws),
                                         .fresh_founding_nonce = draw_id<Uuid>(draws),
                                         .store_nonce = draws.next(),
                                         .machine_boot = machine_.boot,
                                         .name = machine_.name,
                                         .cluster_name = machine_.config.cluster});
  if (!recovery) return recovery.error();
  driver_ = std::make_unique<driver::Driver>(
      engine::Engine(options(), std::move(recovery->recovered), prng_.fork(static_cast<std::uint64_t>(Draws::engine)), now()),
      disk, network,
      hooks());
  client_ = std::make_shared<client::Client>(client::Client::Options{.name = machine_.name,
                                                                     .session_ttl = machine_.config.timing.session_ttl,
                                                                     .pending_calls_max = machine_.config.limits.pending_calls_max,
                                                                     .state_machine = machine_.config.state_machine},
                                             shared_from_this());
  client_->start();
  driver_->start(std::move(recovery->opening));
  return {};
}

driver::Hooks Process::hooks() {
  return {.now = [this] { return now(); },
          .post = [this](client::Task task) { post(std::move(task)); },
          .aside = [this](client::Task task) { aside(std::move(task)); },
          .wake_at =
              [this](Instant at) {
                const auto tick = timers_.find(client::TimerId());
                if (tick == timers_.end() || tick->second.at != at) {
                  cancel_timer(client::TimerId());
                  timers_[client::TimerId()] = {at, [this] { driver_->tick(); }, {}};
                  set(client::TimerId());
                }
                for (auto* watcher : watchers_) watcher->on_step(machine_.name);
              },
          .notice =
              [this](const engine::Notice& notice) {
                client_->on_notice(notice);
                for (auto* watcher : watchers_) watcher->on_notice(machine_.name, notice);
              },
          .remark =
              [this](const engine::Remark& remark) {
                for (auto* watcher : watchers_) watcher->on_remark(machine_.name, remark);
              },
          .write_frame =
              [this](const engine::Frame& frame) {
                machine_.leaving = std::make_shared<const engine::Frame>(frame);
                return wire::encode(frame);
              },
          .read_frame = [this](BytesView body) { return machine_.arriving ? Result(*machine_.arriving) : wire::decode_frame(body); }};
}

void Process::close(std::chrono::milliseconds timeout, client::Task closed) {
  post([this, timeout, closed = std::move(closed)]() mutable {
    client_->close(timeout, [this, closed = std::move(closed)]() mutable {
      post([this, closed = std::move(closed)] {
        driver_->step(engine::Leave{});
        driver_->stop();
        transport_->stop();
        closed();
      });
    });
  });
}

void Process::kill() {
  if (!std::exchange(*alive_, false)) return;
  if (driver_) driver_->stop();
  if (client_) client_->abandon();
  if (transport_) transport_->stop();
  if (storage_) storage_->stop();
  driver_.reset();
  watched_transport_.reset();
  watched_storage_.reset();
  transport_.reset();
  storage_.reset();
  client_.reset();
}

// ---- Time ----

Instant Process::now() const { return machine_.clock.at(timeline_.now()); }

void Process::clock_changed() {
  for (const auto& [timer, alarm] : timers_) {
    if (alarm.ticket) timeline_.cancel(*alarm.ticket);
    set(timer);
  }
}

void Process::set(client::TimerId timer) {
  auto& alarm = timers_.at(timer);
  alarm.ticket.reset();
  const auto at = machine_.clock.when(alarm.at, timeline_.now());
  if (at == Instant::max()) return;  // not before the clock is changed
  alarm.ticket = timeline_.at(at, [this, alive = alive_, timer] {
    if (!*alive) return;
    auto task = std::move(timers_.extract(timer).mapped().task);
    run(std::move(task));
  });
}

void Process::run(client::Task task) {
  if (paused_)
    while_paused_.push_back(std::move(task));
  else
    task();
}

void Process::resume() {
  paused_ = false;
  for (auto& task : std::exchange(while_paused_, {})) post(std::move(task));
  work_on_disk();
}

void Process::post(client::Task task) {
  if (!*alive_) return;  // a handle may outlive its node, and even the world
  last_post_ = std::max(last_post_, timeline_.now() + machine_.slowness);
  timeline_.at(last_post_, [this, alive = alive_, task = std::move(task)]() mutable {
    if (*alive) run(std::move(task));
  });
}

client::Task Process::of_user(client::Task task) const {
  if (!machine_.run_user) return task;
  return [this, task = std::move(task)] { machine_.run_user(task); };
}

void Process::aside(client::Task task) {
  timeline_.after(machine_.image_latency, [this, alive = alive_, task = std::move(task)]() mutable {
    if (*alive) run(std::move(task));
  });
}

void Process::run_body(client::Task body, client::Task done) {
  post([this, body = of_user(std::move(body)), done = std::move(done)]() mutable {
    body();
    post(std::move(done));
  });
}

client::TimerId Process::set_timer(Instant at, client::Task task) {
  const auto timer = next_timer_;
  ++next_timer_;
  timers_[timer] = {at, std::move(task), {}};
  set(timer);
  return timer;
}

void Process::cancel_timer(client::TimerId timer) {
  const auto found = timers_.find(timer);
  if (found == timers_.end()) return;
  if (found->second.ticket) timeline_.cancel(*found->second.ticket);
  timers_.erase(found);
}

Uuid Process::draw_uuid() {
  return draw_id<Uuid>(client_draws_);
}

// ---- Disk ----

void Process::work_on_disk() {
  using Work = storage::MemoryStorage::Work;
  if (disk_busy_ || machine_.disk_stalled || !storage_ || storage_->next_work() == Work::none) return;
  disk_busy_ = true;
  const auto latency = storage_->next_work() == Work::sync ? machine_.disk_latency : BootClock::duration{};
  timeline_.after(latency, [this, alive = alive_] {
    if (!*alive) return;
    disk_busy_ = false;
    if (machine_.disk_stalled) return;
    storage_->step();
    for (auto* watcher : watchers_) watcher->on_disk_work(machine_.name);
    if (machine_.works_left > 0 && --machine_.works_left == 0) return machine_.lose_power();
    work_on_disk();
  });
}

void Process::stop(const Error& reason) {
  stopped_ = reason;
  driver_->stop();
  transport_->stop();
}

}  // namespace conclave::sim
