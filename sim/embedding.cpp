#include "sim/embedding.hpp"

#include <exception>
#include <utility>

#include "sim/judged_machine.hpp"

namespace conclave::sim {
namespace {

/// Of the draws that the application makes.
constexpr std::uint64_t draws_of_application = 0x617070;

}  // namespace

Embedding::Embedding(const Options& options, std::uint64_t seed, const MakeApplication& make)
    : options_(options), prng_(Prng(seed).fork(draws_of_application)), cluster_(*this) {
  (void)guarded({}, [&] { application_ = make(); });
  if (!application_ && !over()) fail("application", {}, "the function that makes the application made none");
}

Embedding::~Embedding() = default;

// ---- Guest ----

void Embedding::enter(World& world) {
  world_ = &world;
  world.watch(*this);
}

void Embedding::prepare(Machine& machine) {
  machine.config.timing = options_.timing;
  const auto node = machine.name;
  machine.run_user = [this, node](const client::Task& task) { run_user(node, task); };
  machine.make_state_machine = [this, node]() -> std::shared_ptr<StateMachine> {
    auto& made = machines_[node];
    made.reset();
    if (!over()) (void)guarded(node, [&] { made = application_->make_state_machine(); });
    return made ? std::make_shared<JudgedMachine>(*this, node, made) : nullptr;
  };
}

bool Embedding::settled() {
  bool settled = false;
  return !over() && guarded({}, [&] { settled = application_->settled(cluster_); }) && settled;
}

void Embedding::finish() {
  (void)guarded({}, [this] { application_->finish(cluster_); });
}

void Embedding::leave() {
  world_->unwatch(*this);
  for (const auto& tenant : tenants_) tenant->end();
  present_.clear();
}

// ---- Lives ----

void Embedding::on_life_begun(const std::string& node, std::uint64_t life) {
  if (over()) return;
  auto* tenant = tenants_.emplace_back(std::make_unique<Tenant>(*this, node, life, machines_[node])).get();
  present_[node] = tenant;
  world_->process(node).call_back([this, tenant] { tenant->start(*application_); });
}

void Embedding::on_life_ended(const std::string& node, Ending) {
  auto tenant = present_.extract(node);
  if (tenant) tenant.mapped()->end();
}

void Embedding::on_remark(const std::string& node, const engine::Remark& remark) { say(node, remark.text); }

void Embedding::on_fault(const Words& words) { say({}, "fault: " + join(words)); }

void Embedding::run_user(const std::string& node, const client::Task& task) {
  if (over()) return;
  if (guarded(node, task) && !over()) (void)guarded({}, [this] { application_->check(cluster_); });
}

bool Embedding::guarded(const std::string& node, const std::function<void()>& call) {
  try {
    call();
    return true;
  } catch (const std::exception& thrown) {
    fail("exception", node, std::string("the application threw: ") + thrown.what());
  } catch (...) {
    fail("exception", node, "the application threw what is no std::exception");
  }
  return false;
}

// ---- For Environment and Cluster ----

const Tenant* Embedding::tenant(std::string_view node) const {
  const auto found = present_.find(node);
  return found == present_.end() ? nullptr : found->second;
}

void Embedding::fail(std::string_view check, const std::string& node, std::string sentence) {
  say(node, sentence);
  if (over()) return;
  const auto at = world_ ? world_->now().time_since_epoch() : TrueTime();
  failed_on_ = node;
  violations_.push_back({.check = check,
                         .subject = node.empty() ? "the application" : "the application on node " + node,
                         .from = at,
                         .to = at,
                         .events = {},
                         .sentence = std::move(sentence)});
}

void Embedding::say(const std::string& node, std::string_view line) {
  if (!options_.log) return;
  const auto at = world_ ? std::chrono::duration_cast<std::chrono::milliseconds>(world_->now().time_since_epoch()).count() : 0;
  options_.log(LogLevel::info, "t=" + std::to_string(at) + ' ' + node + (node.empty() ? "" : " ") + std::string(line));
}

// As those of the node itself: by the time at which its life begins.
Prng Embedding::draws_of(const std::string& node) const {
  return prng_.fork(node).fork(static_cast<std::uint64_t>(world_->now().time_since_epoch().count()));
}

void Embedding::compare(const std::string& node, std::pair<Slot, std::uint64_t> place, std::uint64_t digest) {
  const auto [known, is_new] = digests_.emplace(place, digest);
  if (is_new || known->second == digest) return;
  fail("state-machine-digest", node,
       "after the same commands up to slot " + std::to_string(place.first.value) +
           " the state machine has another digest than on the node, or in the life, that was there first");
}

// ---- The public classes ----

Cluster::Cluster(Embedding& embedding) : embedding_(&embedding) {}
Cluster::~Cluster() = default;

std::chrono::nanoseconds Cluster::now() const {
  return embedding_->world() ? embedding_->world()->now().time_since_epoch() : std::chrono::nanoseconds();
}
std::vector<std::string> Cluster::nodes() const { return embedding_->world()->names(); }
std::shared_ptr<void> Cluster::running(std::string_view node) const {
  const auto* tenant = embedding_->tenant(node);
  return tenant ? tenant->memory() : nullptr;
}
std::shared_ptr<StateMachine> Cluster::state_machine(std::string_view node) const {
  const auto* tenant = embedding_->tenant(node);
  return tenant ? tenant->state_machine() : nullptr;
}
void Cluster::fail(std::string sentence) { embedding_->fail("application", {}, std::move(sentence)); }

Application::~Application() = default;
std::shared_ptr<StateMachine> Application::make_state_machine() { return nullptr; }
void Application::check(Cluster&) {}
bool Application::settled(Cluster&) { return true; }
void Application::finish(Cluster&) {}

}  // namespace conclave::sim
