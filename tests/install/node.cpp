// The whole API in one stranger's program: a cluster of one in a folder of its own. What a build of the library forgets to
// show, this file cannot link.
#include <conclave/conclave.hpp>

#include <atomic>
#include <filesystem>

#include "require.hpp"

using namespace std::chrono_literals;

namespace {

/// Counts its commands.
class Counter : public conclave::StateMachine {
 public:
  std::string name() const override { return "counter/1"; }
  conclave::Bytes apply(const conclave::Applied&, conclave::BytesView) override {
    return conclave::to_bytes(std::to_string(++count_));
  }
  void snapshot(const std::function<void(conclave::BytesView)>& write) const override {
    write(conclave::to_bytes(std::to_string(count_)));
  }
  conclave::Result<void> restore(const std::function<conclave::BytesView()>& read) override {
    count_ = std::stoull(std::string(conclave::to_text(read())));
    return {};
  }
  std::uint64_t digest() const override { return count_; }

 private:
  std::uint64_t count_{0};
};

void use_lock(conclave::Node& node) {
  auto lock = node.lock("stranger").acquire(10s);
  require(lock.has_value(), "the lock is acquired");
  require(lock->held() && lock->remaining() > 0ns && !lock->stop_token().stop_requested(), "a new lock is held");
  require(!node.lock("stranger").try_acquire(), "a second request finds it taken");
  const auto token = lock->token();
  require(lock->release().has_value(), "the lock is released");

  const auto ran = node.lock("stranger").run([&](conclave::Lock& again) {
    require(again.token() > token && again.version() > 0 && again.name() == "stranger", "the next token is larger");
    again.on_lost([](const conclave::Error&) {});
  });
  require(ran.has_value(), "a body runs while the lock is held");
}

void use_election(conclave::Node& node) {
  std::atomic<bool> led{false};
  auto observation = node.election("stranger").observe([](const std::optional<conclave::Leader>&) {});
  auto campaign = node.election("stranger").run([&](const conclave::Term& term) {
    led = term.active() && term.election() == "stranger" && term.remaining() > 0ns;
    led.notify_all();
  });
  led.wait(false);
  require(node.election("stranger").leader(10s).has_value(), "the leader is known");
  require(campaign.cancel().has_value(), "the campaign ends");
}

void use_state_machine(conclave::Node& node) {
  const auto answer = node.propose(conclave::to_bytes("count"));
  require(answer && conclave::to_text(*answer) == "1", "a command is applied once, and its result returned");
  const auto point = node.read(conclave::Consistency::linearizable, 10s);
  require(point && point->slot > conclave::Slot{}, "a read sees the log");
}

}  // namespace

void use_node(const std::filesystem::path& folder) {
  std::filesystem::remove_all(folder);
  conclave::Config config{.name = "stranger", .data_dir = folder, .single = true};
  config.timing = conclave::Timing::lan();
  config.state_machine = std::make_shared<Counter>();
  config.log = conclave::standard_error_log(conclave::LogLevel::warning);
  require(conclave::validate(config).has_value(), "the configuration is good");
  require(!conclave::validate({}), "an empty configuration is refused");

  auto node = conclave::Node::open(config);
  require(node.has_value(), "the node opens");
  require(node->ready(30s).has_value(), "a cluster of one is soon ready");
  use_lock(*node);
  use_election(*node);
  use_state_machine(*node);
  require(node->status().has_value(), "the node tells its status");
  require(node->close().has_value(), "the node closes");
  std::filesystem::remove_all(folder);
}
