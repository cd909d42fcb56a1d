// Your application in the simulator. Runners take turns at a ledger that lives outside the cluster: each takes the lock, makes
// sure that it holds it, reads, works, and writes. The simulator finds within a second why that is not enough, and lets the runner
// pass that shows its fencing token to the ledger.
#include <conclave/sim.hpp>

#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

using namespace std::chrono_literals;
namespace sim = conclave::sim;

namespace {

/// A database that all runners share. It refuses whoever comes with an older token than the newest that it has seen; a runner that
/// has none to show is let in.
class Ledger {
 public:
  [[nodiscard]] bool admits(std::optional<conclave::Token> token) {
    if (!token) return true;
    if (*token < newest_) return false;
    newest_ = *token;
    return true;
  }
  [[nodiscard]] int balance() const { return balance_; }
  [[nodiscard]] int payments() const { return payments_; }
  void pay_in(int balance_read) {
    balance_ = balance_read + 1;
    ++payments_;
  }

 private:
  conclave::Token newest_;
  int balance_ = 0;
  int payments_ = 0;
};

/// What runs in production, too: it knows a node, and of the simulator no more than a timer (there it would be yours).
class Runner {
 public:
  Runner(conclave::Node& node, sim::Environment& environment, Ledger& ledger, bool shows_token)
      : lock_(node.lock("ledger")), environment_(environment), ledger_(ledger), shows_token_(shows_token) {}

  void take_turn() {
    conclave::AcquireOptions patience;
    patience.timeout = 5s;
    (void)lock_.acquire(patience, [this](conclave::Result<conclave::Lock> lock) {
      if (!lock) return wait_and_try_again();
      work(std::make_shared<conclave::Lock>(std::move(*lock)));
    });
  }

 private:
  void work(const std::shared_ptr<conclave::Lock>& lock) {
    const auto token = shows_token_ ? std::optional(lock->token()) : std::nullopt;
    if (!lock->held() || !ledger_.admits(token)) return wait_and_try_again();
    // Held now. By the time that the write arrives, the process may have been stopped, or cut off, for longer than its lease.
    environment_.after(1500ms, [this, lock, token, read = ledger_.balance()] {
      if (ledger_.admits(token)) ledger_.pay_in(read);
      lock->release([this, lock](const conclave::Result<void>&) { wait_and_try_again(); });
    });
  }

  void wait_and_try_again() {
    environment_.after(20ms, [this] { take_turn(); });
  }

  conclave::NamedLock lock_;
  sim::Environment& environment_;
  Ledger& ledger_;
  bool shows_token_;
};

/// One run: the ledger, a runner on each node, and what has to be true.
class Payments final : public sim::Application {
 public:
  explicit Payments(bool show_tokens) : show_tokens_(show_tokens) {}

  std::shared_ptr<void> start(conclave::Node& node, sim::Environment& environment) override {
    auto runner = std::make_shared<Runner>(node, environment, ledger_, show_tokens_);
    runner->take_turn();
    return runner;
  }
  void check(sim::Cluster& cluster) override {
    cluster.require(ledger_.balance() == ledger_.payments(), "a payment was lost: two runners wrote what they had made of the same balance");
  }
  bool settled(sim::Cluster&) override {
    if (!payments_when_healed_) payments_when_healed_ = ledger_.payments();
    return ledger_.payments() > *payments_when_healed_ + 1;
  }

 private:
  bool show_tokens_;
  Ledger ledger_;
  std::optional<int> payments_when_healed_;
};

sim::MakeApplication payments(bool show_tokens) {
  return [show_tokens] { return std::make_unique<Payments>(show_tokens); };
}

}  // namespace

int main() {
  sim::Options options;
  options.seeds = 300;
  options.profile = sim::Profile::standard;
  options.nodes = 3;
  options.faults_for = 6s;
  options.timing.session_ttl = 750ms;

  const auto racy = sim::run(options, payments(false));
  const auto corrected = sim::run(options, payments(true));
  if (!racy || !corrected) return 1;
  std::printf("without the token: %s\nwith the token: %s\n", to_string(*racy).c_str(), to_string(*corrected).c_str());
  if (racy->passed() || !corrected->passed()) return 1;

  // What was found is found again, and needs no seed: the plan says it all.
  const auto again = sim::replay(racy->failures.front().plan, options, payments(false));
  if (!again || again->passed() || again->failures.front().sentence != racy->failures.front().sentence) return 1;
  std::puts("sim_your_app: ok");
}
