// A store in use: batches go in, and what becomes of them comes out.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>

#include "storage/storage.hpp"

namespace conclave::powercut {

class Session final : public storage::Listener {
 public:
  /// `durable` (may be empty) is called on the store's thread, before anybody else knows.
  explicit Session(std::function<void(BatchId)> durable = {}) : tell_(std::move(durable)) {}

  void on_durable(BatchId upto) override {
    if (tell_) tell_(upto);
    change([&] { durable_ = upto; });
  }
  void on_failed(const storage::Failure& failure) override {
    change([&] { failure_ = failure; });
  }

  /// Waits until batch `id` is durable, or something has failed: that failure, once.
  [[nodiscard]] std::optional<storage::Failure> await(BatchId id) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return failure_ || durable_ >= id; });
    return std::exchange(failure_, std::nullopt);
  }

 private:
  template <class Step>
  void change(Step step) {
    const std::lock_guard lock(mutex_);
    step();
    changed_.notify_all();
  }

  const std::function<void(BatchId)> tell_;
  std::mutex mutex_;
  std::condition_variable changed_;
  BatchId durable_;
  std::optional<storage::Failure> failure_;
};

}  // namespace conclave::powercut
