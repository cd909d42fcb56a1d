#include "storage/lmdb/mover.hpp"

#include <pthread.h>

#include <utility>

#include "base/invariant.hpp"
#include "storage/lmdb/file.hpp"

namespace conclave::storage {

Mover::Mover(Environment& environment, std::function<void()> failed)
    : environment_(environment), failed_(std::move(failed)), thread_([this] { run(); }) {}

Mover::~Mover() {
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Mover::begin(Turn turn) {
  {
    const std::lock_guard guard(mutex_);
    CONCLAVE_INVARIANT(!turn_);
    turn_ = std::move(turn);
    moving_ = true;
  }
  changed_.notify_all();
}

Outcome Mover::finish() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !moving_; });
  return outcome_;
}

void Mover::again() {
  {
    const std::lock_guard guard(mutex_);
    CONCLAVE_INVARIANT(turn_ && !moving_);
    moving_ = true;
  }
  changed_.notify_all();
}

void Mover::run() {
  take_no_file_size_signal();
  pthread_setname_np(pthread_self(), "conclave-lmdb");

  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || moving_; });
    if (!moving_) return;
    lock.unlock();
    const Outcome outcome = environment_.store(turn_->batches, turn_->mark);
    if (!outcome.ok()) failed_();
    lock.lock();
    outcome_ = outcome;
    if (outcome.ok()) turn_.reset();
    moving_ = false;
    changed_.notify_all();
  }
}

}  // namespace conclave::storage
