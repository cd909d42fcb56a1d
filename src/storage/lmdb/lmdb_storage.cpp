#include "storage/lmdb/lmdb_storage.hpp"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/invariant.hpp"
#include "storage/batch.hpp"
#include "storage/lmdb/environment.hpp"
#include "storage/lmdb/failure_mark.hpp"
#include "storage/lmdb/lock_file.hpp"

namespace conclave::storage {
namespace {

// Bounds how long the first of a group waits for the last, and the dirty pages that LMDB keeps.
constexpr std::size_t group_bytes_max = std::size_t{4} << 20;

class LmdbStorage final : public Storage {
 public:
  LmdbStorage(LmdbOptions options, LockFile lock, Environment environment)
      : folder_(std::move(options.folder)), lock_(std::move(lock)), environment_(std::move(environment)) {}
  ~LmdbStorage() override { stop(); }

  [[nodiscard]] Result<Opening> load(Loader& loader) override;
  void start(Listener& listener) override;
  void submit(Batch batch) override;
  void retry() override;
  void read_log(SlotRange range, std::size_t bytes_max, ReadDone done) override;
  void stop() override;

 private:
  struct Read {
    SlotRange range;
    std::size_t bytes_max;
    ReadDone done;
  };

  void run();
  [[nodiscard]] bool has_work() const;
  void take_group();
  void write_group();
  void fail(const Error& error);

  const std::filesystem::path folder_;
  const LockFile lock_;

  // The owner's thread.
  Listener* listener_ = nullptr;
  BatchId submitted_;
  std::thread thread_;

  // Between the two; the mutex is never held across a call to LMDB or a callback.
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Batch> waiting_;
  std::vector<Read> reads_;
  /// A write was undone; nothing is written until `retry`.
  bool held_ = false;
  /// The store lost its vote; nothing is written any more.
  bool failed_ = false;
  bool stopping_ = false;

  // The storage thread, once it runs.
  Environment environment_;
  /// What is being written, or was undone and waits to be written again.
  std::vector<Batch> group_;
  BatchId durable_;
};

Result<Opening> LmdbStorage::load(Loader& loader) {
  CONCLAVE_INVARIANT(listener_ == nullptr);
  if (const auto done = environment_.load(loader); !done) return done.error();
  return Opening{
      .failed_before = has_failure_mark(folder_), .lock_device = lock_.device(), .lock_inode = lock_.inode()};
}

void LmdbStorage::start(Listener& listener) {
  CONCLAVE_INVARIANT(listener_ == nullptr);
  listener_ = &listener;
  thread_ = std::thread([this] { run(); });
}

void LmdbStorage::submit(Batch batch) {
  check_batch(batch, submitted_);
  submitted_ = batch.id;
  {
    const std::lock_guard guard(mutex_);
    if (failed_) return;
    waiting_.push_back(std::move(batch));
  }
  wake_.notify_one();
}

void LmdbStorage::retry() {
  {
    const std::lock_guard guard(mutex_);
    held_ = false;
  }
  wake_.notify_one();
}

void LmdbStorage::read_log(SlotRange range, std::size_t bytes_max, ReadDone done) {
  {
    const std::lock_guard guard(mutex_);
    reads_.push_back({range, bytes_max, std::move(done)});
  }
  wake_.notify_one();
}

void LmdbStorage::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

bool LmdbStorage::has_work() const {
  return !reads_.empty() || (!failed_ && !held_ && (!group_.empty() || !waiting_.empty()));
}

void LmdbStorage::run() {
  // A file size limit must come back as an error number; its signal would kill the host.
  sigset_t file_size_limit;
  sigemptyset(&file_size_limit);
  sigaddset(&file_size_limit, SIGXFSZ);
  pthread_sigmask(SIG_BLOCK, &file_size_limit, nullptr);
  pthread_setname_np(pthread_self(), "conclave-store");

  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || has_work(); });
    if (stopping_) return;
    const auto reads = std::exchange(reads_, {});
    if (!failed_ && !held_ && group_.empty()) take_group();
    const bool writing = !failed_ && !held_ && !group_.empty();
    lock.unlock();
    for (const Read& read : reads) read.done(environment_.read_log(read.range, read.bytes_max));
    if (writing) write_group();
    lock.lock();
  }
}

// Group commit: everything that waits goes into one transaction, up to a bound.
void LmdbStorage::take_group() {
  for (std::size_t bytes = 0; !waiting_.empty(); waiting_.pop_front()) {
    bytes += batch_bytes(waiting_.front());
    if (!group_.empty() && bytes > group_bytes_max) return;
    group_.push_back(std::move(waiting_.front()));
  }
}

void LmdbStorage::write_group() {
  const Environment::Outcome outcome = environment_.store(group_);
  if (outcome.undone()) {
    {
      const std::lock_guard guard(mutex_);
      held_ = true;
    }
    return listener_->on_failed({FailureKind::undone, durable_.next(), outcome.error(folder_)});
  }
  if (!outcome.ok()) return fail(outcome.error(folder_));

  const bool forget = std::ranges::any_of(group_, &Batch::forget_failure);
  if (const int code = forget ? remove_failure_mark(folder_) : 0; code != 0)
    return fail({errc::disk_failed, "cannot remove the failure mark in \"" + folder_.string() + "\""});
  durable_ = group_.back().id;
  group_.clear();
  listener_->on_durable(durable_);
}

// P8: whatever the disk does later, this store has no vote, and a later run must know.
void LmdbStorage::fail(const Error& error) {
  leave_failure_mark(folder_, error.message());
  group_.clear();
  {
    const std::lock_guard guard(mutex_);
    failed_ = true;
    waiting_.clear();
  }
  listener_->on_failed({FailureKind::uncertain, durable_.next(), error});
}

}  // namespace

Result<std::unique_ptr<Storage>> open_lmdb_storage(LmdbOptions options) {
  if (const auto made = make_folder(options.folder); !made) return made.error();
  auto lock = LockFile::acquire(options.folder);
  if (!lock) return lock.error();
  auto environment = Environment::open(options.folder, options.map_bytes, options.reserve_bytes);
  if (!environment) return environment.error();
  return std::unique_ptr<Storage>(
      std::make_unique<LmdbStorage>(std::move(options), std::move(*lock), std::move(*environment)));
}

}  // namespace conclave::storage
