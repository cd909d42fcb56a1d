#include "bench/workers.hpp"

#include "bench/closed_loop.hpp"

namespace conclave::bench {
namespace {

constexpr std::chrono::seconds patience{30};

}  // namespace

nlohmann::json Workers::run(Operation operation) {
  operation_ = std::move(operation);
  began_ = Clock::now();
  for (std::size_t worker = 0; worker < many_; ++worker) begin(worker);
  all_done_.get_future().wait();
  if (failure_) throw std::runtime_error(failure_->message());
  return ClosedLoop::to_json(latencies_, Clock::now() - began_);
}

void Workers::begin(std::size_t worker) {
  operation_(worker, [this, worker, began = Clock::now()](const Result<void>& result) { end(worker, began, result); });
}

void Workers::end(std::size_t worker, Clock::time_point began, const Result<void>& result) {
  const auto now = Clock::now();
  if (result)
    latencies_.push_back(now - began);
  else
    failure_ = result.error();
  if (!failure_ && now - began_ < period_) return begin(worker);
  if (++idle_ == many_) all_done_.set_value();
}

Operation command_operation(Node& node) {
  return [&node](std::size_t, Done done) {
    node.propose(Bytes(payload_bytes), {.timeout = patience}, [done = std::move(done)](Result<Bytes> result) {
      done(result ? Result<void>() : Result<void>(result.error()));
    });
  };
}

Operation lock_operation(Node& node, std::string prefix, bool numbered) {
  return [&node, prefix = std::move(prefix), numbered](std::size_t worker, Done done) {
    auto lock = node.lock(numbered ? prefix + std::to_string(worker) : prefix);
    lock.acquire({.timeout = patience}, [done = std::move(done)](Result<Lock> held) mutable {
      if (!held) return done(held.error());
      held->release(std::move(done));
    });
  };
}

Operation read_operation(Node& node) {
  return [&node](std::size_t, Done done) {
    node.read(Consistency::linearizable, patience, {}, [done = std::move(done)](Result<ReadPoint> point) {
      done(point ? Result<void>() : Result<void>(point.error()));
    });
  };
}

}  // namespace conclave::bench
