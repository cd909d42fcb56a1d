#include "bench/node_role.hpp"

#include <chrono>
#include <iostream>
#include <thread>

#include <conclave/conclave.hpp>

#include <nlohmann/json.hpp>

#include "bench/options.hpp"
#include "bench/workers.hpp"

namespace conclave::bench {
namespace {

using Clock = std::chrono::steady_clock;

/// The least that a state machine can be: it counts.
class Counter final : public StateMachine {
 public:
  [[nodiscard]] std::string name() const override { return "bench/1"; }
  Bytes apply(const Applied&, BytesView) override {
    ++applied_;
    return {};
  }
  void snapshot(const std::function<void(BytesView)>& write) const override {
    write(std::as_bytes(std::span(&applied_, 1)));
  }
  Result<void> restore(const std::function<BytesView()>& read) override {
    const auto chunk = read();
    if (chunk.size() != sizeof applied_) return Error(errc::data_damaged, "not a count");
    std::copy(chunk.begin(), chunk.end(), std::as_writable_bytes(std::span(&applied_, 1)).begin());
    return {};
  }
  [[nodiscard]] std::uint64_t digest() const override { return applied_; }

 private:
  std::uint64_t applied_{0};
};

void check(const Result<void>& result) {
  if (!result) throw std::runtime_error(result.error().message());
}

bool leads(Node& node) {
  const auto status = node.status();
  return status && status->leader == status->self;
}

/// Asks again as any caller would whom a retryable error tells so.
nlohmann::json grant(Node& node, const std::string& name) {
  while (true) {
    const auto lock = node.lock(name).acquire(std::chrono::seconds(10));
    const auto at = Clock::now().time_since_epoch();
    if (lock) return {{"at_ns", std::chrono::nanoseconds(at).count()}};
    if (!is_retryable(lock.error())) throw std::runtime_error(lock.error().message());
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

nlohmann::json obey(Node& node, const std::string& name, const nlohmann::json& order) {
  const std::string what = order.at("do");
  if (what == "ready") {
    check(node.ready(std::chrono::seconds(30)));
    return nlohmann::json::object();
  }
  if (what == "leads") return {{"leads", leads(node)}};
  if (what == "grant") return grant(node, order.at("lock"));
  Workers workers(order.at("in_flight"), std::chrono::milliseconds(order.at("ms").get<int>()));
  if (what == "commands") return workers.run(command_operation(node));
  if (what == "locks") return workers.run(lock_operation(node, "distinct/" + name + "/", true));
  if (what == "one_name") return workers.run(lock_operation(node, "one", false));
  if (what == "reads") return workers.run(read_operation(node));
  throw std::runtime_error("no such order: " + what);
}

}  // namespace

int node_role(const NodeRole& role) try {
  Config config;
  config.name = role.name;
  config.data_dir = role.folder;
  config.listen = role.listen;
  config.founders = role.founders;
  config.state_machine = std::make_shared<Counter>();
  auto node = Node::open(std::move(config));
  if (!node) throw std::runtime_error(node.error().message());
  for (std::string line; std::getline(std::cin, line);)
    std::cout << obey(*node, role.name, nlohmann::json::parse(line)) << std::endl;
  return 0;
} catch (const std::exception& error) {
  std::cout << nlohmann::json{{"error", error.what()}} << std::endl;
  return 1;
}

}  // namespace conclave::bench
