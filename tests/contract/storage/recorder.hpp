// What a store told its owner, for tests: outcomes in order, and everything that `load` gave back.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/storage.hpp"

namespace conclave::storage {

/// Called on the store's thread, asked on the test's.
class Recorder final : public Listener {
 public:
  void on_durable(BatchId upto) override {
    change([&] { durable_.push_back(upto); });
  }
  void on_failed(const Failure& failure) override {
    change([&] { failures_.push_back(failure); });
  }
  void on_read(Result<LogRead> read) {
    change([&] { read_ = std::move(read); });
  }

  [[nodiscard]] std::vector<BatchId> durable() const { return guarded(durable_); }
  [[nodiscard]] std::vector<Failure> failures() const { return guarded(failures_); }
  [[nodiscard]] std::optional<Result<LogRead>> read() const { return guarded(read_); }
  /// The last batch that is durable; 0 before the first.
  [[nodiscard]] BatchId upto() const {
    const auto all = durable();
    return all.empty() ? BatchId() : all.back();
  }

  /// Sleeps until something new is recorded or `limit` has passed.
  void await_change(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, limit, [&] { return changes_ != seen_; });
    seen_ = changes_;
  }

 private:
  /// Notifies under the lock: whoever sees the change may destroy this at once.
  template <class Step>
  void change(Step step) {
    const std::lock_guard lock(mutex_);
    step();
    ++changes_;
    changed_.notify_all();
  }
  template <class T>
  [[nodiscard]] T guarded(const T& value) const {
    const std::lock_guard lock(mutex_);
    return value;
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t changes_ = 0;
  std::size_t seen_ = 0;
  std::vector<BatchId> durable_;
  std::vector<Failure> failures_;
  std::optional<Result<LogRead>> read_;
};

/// Everything in a store, in the order in which it came.
struct Contents final : Loader {
  std::vector<MetaRecord> meta;
  std::vector<LogRecord> log;
  std::vector<RecordKey> damaged;

  void on_meta(std::string_view key, BytesView value) override {
    meta.push_back({std::string(key), Bytes(value.begin(), value.end())});
  }
  void on_log(Slot slot, BytesView value) override { log.push_back({slot, Bytes(value.begin(), value.end())}); }
  void on_damaged(const RecordKey& key) override { damaged.push_back(key); }
};

[[nodiscard]] inline LogRecord entry(std::uint64_t slot, std::string_view text) { return {Slot(slot), to_bytes(text)}; }
[[nodiscard]] inline MetaRecord fact(std::string key, std::string_view text) {
  return {std::move(key), to_bytes(text)};
}

}  // namespace conclave::storage
