#include "storage/lmdb/lmdb_storage.hpp"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/invariant.hpp"
#include "storage/batch.hpp"
#include "storage/lmdb/environment.hpp"
#include "storage/lmdb/doubt_mark.hpp"
#include "storage/lmdb/lock_file.hpp"
#include "storage/lmdb/mover.hpp"
#include "storage/lmdb/replay.hpp"

namespace conclave::storage {
namespace {

// Bounds how long the first of a group waits for the last.
constexpr std::size_t group_bytes_max = std::size_t{1} << 20;

class LmdbStorage final : public Storage {
 public:
  LmdbStorage(LmdbOptions options, LockFile lock, Environment environment, Replayed replayed)
      : folder_(std::move(options.folder)),
        lock_(std::move(lock)),
        environment_(std::move(environment)),
        journal_(std::move(replayed.journal)),
        last_(replayed.mark) {}
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
  void work(const std::vector<Read>& reads);
  void answer(const std::vector<Read>& reads);
  [[nodiscard]] bool can_write();
  [[nodiscard]] bool take_failed_move();
  void take_group();
  void write_group();
  [[nodiscard]] Outcome store_group();
  [[nodiscard]] Outcome turn_over();
  [[nodiscard]] Outcome move_all();
  [[nodiscard]] Outcome finish_move();
  void cannot(const Outcome& outcome);
  void fail(Error error);

  const std::filesystem::path folder_;
  const LockFile lock_;

  // The owner's thread.
  Listener* listener_ = nullptr;
  BatchId submitted_;
  std::thread thread_;

  // Between the threads; the mutex is never held across a call to the disk or a callback.
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Batch> waiting_;
  std::vector<Read> reads_;
  /// A write was undone; nothing is written until `retry`.
  bool held_ = false;
  /// The mover says that its move has failed.
  bool move_failed_ = false;
  /// The store lost its vote; nothing is written any more.
  bool failed_ = false;
  bool stopping_ = false;

  // The storage thread, once it runs. The environment is the mover's while a move is under way.
  Environment environment_;
  Journal journal_;
  std::unique_ptr<Mover> mover_;
  /// A move was undone, which the listener knows: it is tried again first.
  bool move_again_ = false;
  /// What this turn of the journal holds.
  std::vector<Batch> filled_;
  /// The last group that is stored.
  JournalMark last_;
  /// What is being written, or was undone and waits to be written again.
  std::vector<Batch> group_;
  /// This group goes to LMDB without the journal.
  bool straight_ = false;
  BatchId durable_;
};

Result<Opening> LmdbStorage::load(Loader& loader) {
  CONCLAVE_INVARIANT(listener_ == nullptr);
  if (const auto done = environment_.load(loader); !done) return done.error();
  return Opening{
      .doubt = read_doubt_mark(folder_), .lock_device = lock_.device(), .lock_inode = lock_.inode()};
}

void LmdbStorage::start(Listener& listener) {
  CONCLAVE_INVARIANT(listener_ == nullptr);
  listener_ = &listener;
  mover_ = std::make_unique<Mover>(environment_, [this] {
    {
      const std::lock_guard guard(mutex_);
      move_failed_ = true;
    }
    wake_.notify_one();
  });
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
  return !reads_.empty() || (!failed_ && !held_ && (move_failed_ || move_again_ || !group_.empty() || !waiting_.empty()));
}

void LmdbStorage::run() {
  take_no_file_size_signal();
  pthread_setname_np(pthread_self(), "conclave-store");

  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || has_work(); });
    if (stopping_) break;
    const auto reads = std::exchange(reads_, {});
    if (!failed_ && !held_ && group_.empty()) take_group();
    lock.unlock();
    work(reads);
    lock.lock();
  }
  const bool failed = failed_;
  lock.unlock();
  // A store that was closed has everything in LMDB. What finds no room now, the next opening moves, or says why not.
  if (!failed)
    if (const Outcome moved = move_all(); !moved.ok() && !moved.undone()) fail(moved.error(folder_));
  mover_.reset();
}

// Group commit: everything that waits becomes one group, up to a bound.
void LmdbStorage::take_group() {
  const std::size_t bytes_max = std::min(group_bytes_max, journal_.group_bytes_max());
  for (std::size_t bytes = 0; !waiting_.empty(); waiting_.pop_front()) {
    bytes += journal_bytes(waiting_.front());
    if (!group_.empty() && bytes > bytes_max) return;
    group_.push_back(std::move(waiting_.front()));
  }
}

void LmdbStorage::work(const std::vector<Read>& reads) {
  if (!reads.empty()) answer(reads);
  if (!can_write()) return;
  if (std::exchange(move_again_, false))
    mover_->again();
  else if (take_failed_move())
    if (const Outcome outcome = finish_move(); !outcome.ok()) return cannot(outcome);
  if (!group_.empty()) write_group();
}

bool LmdbStorage::can_write() {
  const std::lock_guard guard(mutex_);
  return !failed_ && !held_;
}

bool LmdbStorage::take_failed_move() {
  const std::lock_guard guard(mutex_);
  return std::exchange(move_failed_, false);
}

void LmdbStorage::answer(const std::vector<Read>& reads) {
  // What is durable and only in the journal shall be seen; a store that has failed shows what it can.
  if (can_write())
    if (const Outcome moved = move_all(); !moved.ok()) cannot(moved);
  for (const Read& read : reads) read.done(environment_.read_log(read.range, read.bytes_max));
}

void LmdbStorage::write_group() {
  const bool forget = std::ranges::any_of(group_, &Batch::forget_doubt);
  const BatchId upto = group_.back().id;
  if (const Outcome outcome = store_group(); !outcome.ok()) return cannot(outcome);
  if (const int code = forget ? remove_doubt_mark(folder_) : 0; code != 0)
    return fail({errc::disk_failed, "removing the mark of its doubt in \"" + folder_.string() + "\" failed; check the disk"});
  durable_ = upto;
  group_.clear();
  listener_->on_durable(durable_);
}

/// Into the journal; what does not fit there, or what its file system does not take, straight to LMDB.
Outcome LmdbStorage::store_group() {
  std::size_t bytes = 0;
  for (const Batch& batch : group_) bytes += journal_bytes(batch);
  straight_ = straight_ || bytes > journal_.group_bytes_max();
  if (!straight_) {
    if (!journal_.has_room(bytes))
      if (const Outcome outcome = turn_over(); !outcome.ok()) return outcome;
    const Outcome outcome = journal_.append(last_.moved + 1, group_);
    if (outcome.ok()) {
      ++last_.moved;
      std::ranges::move(group_, std::back_inserter(filled_));
    }
    if (!outcome.undone()) return outcome;
    straight_ = true;
  }
  if (const Outcome outcome = move_all(); !outcome.ok()) return outcome;
  const JournalMark mark{.journal = last_.journal, .moved = last_.moved + 1};
  const Outcome outcome = environment_.store(group_, mark);
  if (!outcome.ok()) return outcome;
  last_ = mark;
  straight_ = false;
  return outcome;
}

/// Gives this turn of the journal to the mover, and begins the other.
Outcome LmdbStorage::turn_over() {
  if (const Outcome outcome = finish_move(); !outcome.ok()) return outcome;
  mover_->begin({.batches = std::exchange(filled_, {}), .mark = last_});
  journal_.turn();
  return {};
}

/// Everything stored is in LMDB, and the mover rests.
Outcome LmdbStorage::move_all() {
  if (!filled_.empty())
    if (const Outcome outcome = turn_over(); !outcome.ok()) return outcome;
  return finish_move();
}

Outcome LmdbStorage::finish_move() {
  const Outcome outcome = mover_->finish();
  move_again_ = !outcome.ok();
  return outcome;
}

void LmdbStorage::cannot(const Outcome& outcome) {
  if (!outcome.undone()) return fail(outcome.error(folder_));
  {
    const std::lock_guard guard(mutex_);
    held_ = true;
  }
  listener_->on_failed({FailureKind::undone, durable_.next(), outcome.error(folder_)});
}

// P8: whatever the disk does later, this store has no vote, and a later run must know.
void LmdbStorage::fail(Error error) {
  write_down(error, folder_, journal_);
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
  auto replayed = replay_journal(options.folder, *environment, options.turn_bytes);
  if (!replayed) return replayed.error();
  return std::unique_ptr<Storage>(std::make_unique<LmdbStorage>(std::move(options), std::move(*lock),
                                                                std::move(*environment), std::move(*replayed)));
}

}  // namespace conclave::storage
