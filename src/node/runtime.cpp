#include "node/runtime.hpp"

#include <sys/random.h>

#include <fstream>
#include <future>
#include <utility>

#include "base/bounded_wait.hpp"
#include "client/running_body.hpp"
#include "driver/recovery.hpp"
#include "node/settings.hpp"
#include "storage/lmdb/lmdb_storage.hpp"
#include "storage/memory_storage.hpp"
#include "transport/asio/asio_transport.hpp"
#include "wire/command.hpp"

namespace conclave::node {
namespace {

/// The runtime whose callback, loop or state machine runs on this thread.
thread_local const Runtime* running = nullptr;
/// The runtime whose stop callback or body runs on this thread: it may block, but the thread cannot end itself.
thread_local const Runtime* serving = nullptr;
/// The runtime whose stop callbacks run on this thread.
thread_local const Runtime* signalling = nullptr;

template <class T>
T draw() {
  T value{};
  // Never fails for so few bytes once the machine has booted.
  (void)!::getrandom(&value, sizeof value, 0);
  return value;
}

template <class Id>
Id draw_id() {
  Id id;
  id.bytes = draw<decltype(id.bytes)>();
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x40);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id;
}

/// S4: nil where the system does not tell.
Uuid machine_boot() {
  std::string text;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> text;
  return Uuid::parse(text).value_or(Uuid());
}

}  // namespace

Runtime::Runtime(Config config, Tap tap)
    : config_(std::move(config)),
      tap_(std::move(tap)),
      callbacks_(config_.executor, [this] { running = this; }, [] { running = nullptr; }),
      signals_([this] { serving = signalling = this; }),
      machine_([this] { running = this; }),
      aside_([] {}) {}

Runtime::~Runtime() = default;

Result<std::shared_ptr<Runtime>> Runtime::open(Config config, Tap tap) {
  std::shared_ptr<Runtime> runtime(new Runtime(std::move(config), std::move(tap)));
  // The port first: whoever cannot have it leaves no data folder behind.
  if (auto done = runtime->open_transport(); !done) return done.error();
  if (auto done = runtime->open_store(); !done) return done.error();
  if (auto done = runtime->begin(); !done) return done.error();
  return runtime;
}

Result<void> Runtime::open_store() {
  if (!config_.data_dir.empty()) {
    auto store = storage::open_lmdb_storage({.folder = config_.data_dir, .map_bytes = config_.limits.data_bytes_max});
    if (!store) return store.error();
    storage_ = std::move(*store);
    return {};
  }
  auto store = storage::MemoryStorage::open(memory_disk_, [this] { loop_.post([this] { run_memory_store(); }); });
  if (!store) return store.error();
  storage_ = std::move(*store);
  return {};
}

void Runtime::run_memory_store() {
  // An ephemeral node keeps nothing: what it stores is durable at once.
  auto& store = static_cast<storage::MemoryStorage&>(*storage_);
  while (store.next_work() != storage::MemoryStorage::Work::none) store.step();
}

Result<void> Runtime::open_transport() {
  transport::AsioOptions options;
  options.limits.queue_frames_max = config_.limits.send_queue_frames_max;
  options.limits.queue_bytes_max = config_.limits.send_queue_bytes_max;
  if (!config_.listen.empty()) options.listen = *Address::parse(config_.listen);
  auto transport = transport::open_asio_transport(loop_.context(), options);
  if (!transport) return transport.error();
  transport_ = std::move(*transport);
  auto advertise = advertised(config_, transport_->listening_on());
  if (!advertise) return advertise.error();
  advertise_ = *advertise;
  return {};
}

engine::Options Runtime::engine_options(std::string state_machine) const {
  return {.cluster_name = config_.cluster,
          .name = config_.name,
          .advertise = advertise_,
          .founders = *parse_all("founders", config_.founders),
          .single = config_.single,
          .join = *parse_all("join", config_.join),
          .ephemeral = config_.data_dir.empty(),
          .priority = static_cast<std::uint8_t>(config_.priority),
          .state_machine = std::move(state_machine),
          .timing = config_.timing,
          .limits = config_.limits,
          .codec = {.encode = &wire::encode_command, .decode = &wire::decode_command}};
}

Result<void> Runtime::begin() {
  // Asked once more: what it answers from now on is its own affair.
  auto state_machine = state_machine_name(config_);
  if (!state_machine) return state_machine.error();
  auto recovery = driver::recover(*storage_, {.fresh_member = draw_id<MemberId>(),
                                              .fresh_founding_nonce = draw_id<Uuid>(),
                                              .store_nonce = draw<std::uint64_t>(),
                                              .machine_boot = machine_boot(),
                                              .name = config_.name,
                                              .cluster_name = config_.cluster});
  if (!recovery) return recovery.error();
  engine::Engine engine(engine_options(std::move(*state_machine)), std::move(recovery->recovered), Prng(draw<std::uint64_t>()), boot_time());
  driver_ = std::make_unique<driver::Driver>(
      std::move(engine), *storage_, *transport_,
      driver::Hooks{.now = &boot_time,
                    .post = [this](client::Task task) { loop_.post(std::move(task)); },
                    .aside = [this](client::Task task) { aside_.post(std::move(task)); },
                    .wake_at = [this](Instant at) { loop_.wake_at(at, [this] { driver_->tick(); }); },
                    .notice =
                        [this](const engine::Notice& notice) {
                          if (tap_) tap_(driver_->engine(), notice);
                          client_->on_notice(notice);
                        },
                    .remark = [this](const engine::Remark& remark) { log(remark.level, remark.text); }});
  client_ = std::make_shared<client::Client>(client::Client::Options{.name = config_.name,
                                                                     .session_ttl = config_.timing.session_ttl,
                                                                     .pending_calls_max = config_.limits.pending_calls_max,
                                                                     .state_machine = config_.state_machine},
                                             shared_from_this());
  loop_.start([this] { running = this; });
  loop_.post([this, opening = std::move(recovery->opening)]() mutable {
    client_->start();
    driver_->start(std::move(opening));
  });
  return {};
}

void Runtime::run_body(client::Task body, client::Task done) {
  const std::lock_guard guard(bodies_mutex_);
  const auto number = next_body_++;
  bodies_.emplace(number, [this, number, body = std::move(body), done = std::move(done)]() mutable {
    serving = this;
    body();
    // The last that this thread does: the loop joins it at once, so that ended ones do not gather.
    post([this, number, done = std::move(done)] {
      join_body(number);
      done();
    });
  });
}

void Runtime::join_body(std::uint64_t number) {
  std::unique_lock guard(bodies_mutex_);
  auto body = bodies_.extract(number);
  guard.unlock();
  if (body) body.mapped().join();
}

bool Runtime::must_not_block() const { return running == this; }

bool Runtime::runs_stop_callbacks() const { return signalling == this; }

bool Runtime::must_not_close() const {
  return running == this || serving == this || client::RunningBody::here(*this);
}

Uuid Runtime::draw_uuid() { return draw_id<Uuid>(); }

void Runtime::stop(const Error& reason) {
  log(LogLevel::error, reason.message());
  driver_->stop();
  transport_->stop();
  if (config_.on_stopped) call_back([told = config_.on_stopped, reason] { told(reason); });
}

void Runtime::log(LogLevel level, const std::string& text) const {
  if (!config_.log) return;
  try {
    config_.log(level, text);
  } catch (...) {
    // A line is lost; that is no reason for a node to end, nor for what it was doing to stay half done.
  }
}

void Runtime::call_back(client::Task task) {
  try {
    callbacks_.post(std::move(task));
  } catch (...) {
    // Whoever is not told of a loss might go on as if he held the lock, so nothing more is held. Once: that is told, too.
    if (executor_failed_.exchange(true)) return;
    loop_.post([this] {
      client_->on_notice(engine::Stopped{.reason = Error(errc::stopped, "Config::executor threw instead of taking a task")});
    });
  }
}

void Runtime::dispose(std::chrono::milliseconds timeout) {
  if (!must_not_close()) return (void)close(timeout);
  // A thread cannot wait for itself: another one ends it, and holds the node until then.
  std::thread([runtime = shared_from_this(), timeout] { (void)runtime->close(timeout); }).detach();
}

Result<void> Runtime::close(std::chrono::milliseconds timeout) {
  if (must_not_close())
    return Error(errc::would_deadlock, "close the node from another thread than those of its callbacks and bodies");
  const std::lock_guard closing(closing_mutex_);  // whoever comes later waits for the first
  if (std::exchange(closed_, true)) return {};
  auto ended = std::make_shared<std::promise<void>>();
  auto wait = ended->get_future();
  timeout = bounded(timeout);
  loop_.post([this, ended, timeout] { client_->close(timeout, [ended] { ended->set_value(); }); });
  // The session's own timeout runs on the loop; the margin covers a loop that is busy.
  (void)wait.wait_for(timeout + std::chrono::seconds(1));
  std::map<std::uint64_t, std::thread> bodies;
  {
    const std::lock_guard guard(bodies_mutex_);
    bodies.swap(bodies_);
  }
  for (auto& [number, body] : bodies) body.join();
  callbacks_.shut(timeout);
  auto left = std::make_shared<std::promise<void>>();
  auto leaving = left->get_future();
  loop_.post([this, left] {
    driver_->step(engine::Leave{});
    driver_->stop();
    transport_->stop();
    left->set_value();
  });
  (void)leaving.wait_for(std::chrono::seconds(1));
  loop_.stop();
  machine_.stop();
  aside_.stop();
  signals_.stop();
  // The client holds its host, and calls left open hold the client: nothing of that keeps the node alive.
  client_->abandon();
  client_.reset();
  storage_->stop();
  storage_.reset();
  return {};
}

}  // namespace conclave::node
