#include "node/callbacks.hpp"

#include <future>
#include <utility>

namespace conclave::node {
namespace {

/// Marks the thread for as long as a callback runs there, also if that ends with an exception: then the executor's thread goes on.
class Visit {
 public:
  Visit(const Callbacks::Task& enter, const Callbacks::Task& leave) : leave_(leave) { enter(); }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;
  ~Visit() { leave_(); }

 private:
  const Callbacks::Task& leave_;
};

}  // namespace

Callbacks::Callbacks(Executor executor, Task enter, Task leave)
    : executor_(std::move(executor)),
      enter_(std::move(enter)),
      leave_(std::move(leave)),
      gate_(std::make_shared<Gate>()) {
  if (executor_) return;
  thread_ = std::make_unique<TaskThread>([] {});
  executor_ = [thread = thread_.get()](Task task) { thread->post(std::move(task)); };
}

Callbacks::~Callbacks() { shut(std::chrono::milliseconds(0)); }

void Callbacks::post(Task task) {
  executor_([gate = gate_, enter = enter_, leave = leave_, task = std::move(task)] {
    const std::lock_guard guard(gate->mutex);
    if (!gate->open) return;
    const Visit visit(enter, leave);
    task();
  });
}

void Callbacks::shut(std::chrono::milliseconds patience) {
  auto last = std::make_shared<std::promise<void>>();
  if (patience.count() > 0) try {
      post([last] { last->set_value(); });
      (void)last->get_future().wait_for(patience);
    } catch (...) {
      // The user's executor took nothing: there is nothing to wait for.
    }
  {
    const std::lock_guard guard(gate_->mutex);
    gate_->open = false;
  }
  if (thread_) thread_->stop();
}

}  // namespace conclave::node
