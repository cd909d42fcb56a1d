// A thread that runs the tasks it is given, one at a time and in order.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace conclave::node {

class TaskThread {
 public:
  using Task = std::function<void()>;

  /// `enter` runs first on the new thread.
  explicit TaskThread(Task enter);
  /// Calls `stop`.
  ~TaskThread();
  TaskThread(const TaskThread&) = delete;
  TaskThread& operator=(const TaskThread&) = delete;

  /// From any thread; dropped after `stop`.
  void post(Task task);
  /// Waits for the task that runs now, drops the others, ends the thread. Not from the thread itself.
  void stop();

 private:
  void run();

  Task enter_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> tasks_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace conclave::node
