#include "sim/tenant.hpp"

#include <algorithm>
#include <utility>

#include "client/backing.hpp"
#include "sim/embedding.hpp"

namespace conclave::sim {

/// A node that is destroyed closes its process; one whose process has died has nothing to close.
class Tenant::Backing final : public client::Backing {
 public:
  explicit Backing(Tenant& tenant) : tenant_(tenant) {}

  Result<void> close(std::chrono::milliseconds) override {
    return Error(errc::would_deadlock, "in the simulator a node is closed by Environment::close");
  }
  void dispose(std::chrono::milliseconds) override { tenant_.close(); }

 private:
  Tenant& tenant_;
};

Tenant::Tenant(Embedding& embedding, std::string node, std::uint64_t life, std::shared_ptr<StateMachine> state_machine)
    : embedding_(embedding),
      node_(std::move(node)),
      life_(life),
      state_machine_(std::move(state_machine)),
      process_(embedding.world()->process(node_).shared_from_this()),
      prng_(embedding.draws_of(node_)),
      environment_(new Environment(*this)),
      handle_(client::Client::make_node(process_->client(), std::make_shared<Backing>(*this))) {}

Tenant::~Tenant() { end(); }

void Tenant::start(Application& application) { memory_ = application.start(*handle_, *environment_); }

void Tenant::end() {
  if (!process_) return;
  ended_at_ = process_->now();
  process_.reset();
  memory_.reset();
}

Instant Tenant::now() const { return process_ ? process_->now() : ended_at_; }

void Tenant::after(std::chrono::nanoseconds wait, std::function<void()> task) {
  if (!process_ || !task) return;
  process_->set_timer(process_->now() + std::clamp<std::chrono::nanoseconds>(wait, {}, longest_wait),
                      [this, task = std::move(task)]() mutable {
                        if (process_) process_->call_back(std::move(task));
                      });
}

std::uint64_t Tenant::random(std::string_view purpose, std::uint64_t below) {
  auto place = draws_.find(purpose);
  if (place == draws_.end()) place = draws_.emplace(purpose, prng_.fork(purpose)).first;
  return place->second.below(std::max<std::uint64_t>(below, 1));
}

void Tenant::close() {
  if (process_) embedding_.world()->close(node_);
}

// ---- The public class ----

Environment::Environment(Tenant& tenant) : tenant_(&tenant) {}
Environment::~Environment() = default;
const std::string& Environment::name() const { return tenant_->node(); }
std::uint64_t Environment::life() const { return tenant_->life(); }
Instant Environment::now() const { return tenant_->now(); }
void Environment::after(std::chrono::nanoseconds wait, std::function<void()> task) { tenant_->after(wait, std::move(task)); }
std::uint64_t Environment::random(std::string_view purpose, std::uint64_t below) { return tenant_->random(purpose, below); }
void Environment::close() { tenant_->close(); }
void Environment::fail(std::string sentence) {
  tenant_->embedding().fail("application", tenant_->node(), std::move(sentence));
}
void Environment::say(std::string_view line) { tenant_->embedding().say(tenant_->node(), line); }

}  // namespace conclave::sim
