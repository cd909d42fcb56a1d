// Three nodes in this process that work while somebody misbehaves: a lock is held all the time, another goes round.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <conclave/conclave.hpp>

#include "process/support/eventually.hpp"
#include "process/support/ports.hpp"
#include "process/support/temp_folder.hpp"

namespace conclave::process {

class WorkingCluster {
 public:
  WorkingCluster() {
    std::vector<std::string> founders;
    for (std::uint16_t at = 0; at < 3; ++at) founders.push_back(ports_.address(at));
    for (std::uint16_t at = 0; at < 3; ++at) {
      const std::string name{static_cast<char>('a' + at)};
      nodes_.push_back(required(Node::open({.name = name,
                                            .data_dir = folder_.path() / name,
                                            .listen = founders[at],
                                            .founders = founders,
                                            .log = [this](LogLevel, std::string_view line) { log(line); },
                                            .on_stopped = [this](const Error&) { stopped_ = true; }})));
    }
    for (auto& node : nodes_)
      if (auto ready = node.ready(std::chrono::minutes(1)); !ready) throw std::runtime_error(ready.error().message());
    held_.emplace(required(nodes_[0].lock("held").acquire(std::chrono::minutes(1))));
    worker_ = std::jthread([this](const std::stop_token& stop) { go_round(stop); });
  }

  WorkingCluster(const WorkingCluster&) = delete;
  WorkingCluster& operator=(const WorkingCluster&) = delete;
  ~WorkingCluster() {
    worker_.request_stop();
    worker_.join();
    // The last ones cannot end their sessions without a majority: no need to wait for that.
    for (auto& node : nodes_) (void)node.close(std::chrono::milliseconds(10));
  }

  /// True once every node has taken the lock that goes round some times more, and nothing was lost meanwhile.
  [[nodiscard]] bool still_works() {
    const auto before = rounds_.load();
    const bool goes_on = eventually([&] { return rounds_ >= before + 3 || failed_; });
    return goes_on && !failed_ && !stopped_ && held_->held();
  }
  /// Whether a node has logged a line with `part` in it.
  [[nodiscard]] bool has_logged(const std::string& part) {
    const std::lock_guard guard(mutex_);
    return log_.find(part) != std::string::npos;
  }
  [[nodiscard]] std::uint16_t port(std::uint16_t at) const { return ports_.port(at); }
  [[nodiscard]] Node& node(std::size_t at) { return nodes_[at]; }

 private:
  template <class T>
  [[nodiscard]] static T required(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().message());
    return std::move(*result);
  }

  void go_round(const std::stop_token& stop) {
    for (Token last; !stop.stop_requested(); ++rounds_)
      for (auto& node : nodes_) {
        auto lock = node.lock("round").acquire(std::chrono::seconds(30));
        if (!lock || lock->token() <= last || !lock->release()) {
          failed_ = true;
          return;
        }
        last = lock->token();
      }
  }

  void log(std::string_view line) {
    const std::lock_guard guard(mutex_);
    (log_ += line) += '\n';
  }

  TempFolder folder_;
  Ports ports_;
  std::mutex mutex_;  // guards what follows
  std::string log_;

  std::atomic<bool> stopped_{false};
  std::atomic<bool> failed_{false};
  std::atomic<unsigned> rounds_{0};
  std::vector<Node> nodes_;
  std::optional<Lock> held_;
  std::jthread worker_;
};

}  // namespace conclave::process
