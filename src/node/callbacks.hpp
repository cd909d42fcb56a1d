// Where the user's callbacks run: on his executor or on a thread of the library, one at a time, and none after the gate is
// shut.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

#include <conclave/config.hpp>

#include "node/task_thread.hpp"

namespace conclave::node {

class Callbacks {
 public:
  using Task = std::function<void()>;

  /// `executor` may be empty: then a thread of the library. `enter` marks the thread that runs a callback, `leave` unmarks it.
  Callbacks(Executor executor, Task enter, Task leave);
  ~Callbacks();

  void post(Task task);
  /// Waits, at most `patience`, until what was posted has run; then no callback starts any more, and none is running when this
  /// returns. Not from a callback.
  void shut(std::chrono::milliseconds patience);

 private:
  struct Gate {
    std::mutex mutex;
    bool open = true;
  };

  Executor executor_;
  Task enter_;
  Task leave_;
  std::shared_ptr<Gate> gate_;
  std::unique_ptr<TaskThread> thread_;
};

}  // namespace conclave::node
