#include "node/task_thread.hpp"

#include <utility>

namespace conclave::node {

TaskThread::TaskThread(Task enter) : enter_(std::move(enter)), thread_([this] { run(); }) {}

TaskThread::~TaskThread() { stop(); }

void TaskThread::post(Task task) {
  {
    const std::lock_guard guard(mutex_);
    if (stopping_) return;
    tasks_.push_back(std::move(task));
  }
  wake_.notify_one();
}

void TaskThread::stop() {
  std::deque<Task> dropped;
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
    dropped.swap(tasks_);
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void TaskThread::run() {
  enter_();
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
    if (stopping_) return;
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    task = nullptr;  // what it holds is let go outside the lock
    lock.lock();
  }
}

}  // namespace conclave::node
