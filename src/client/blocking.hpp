// The blocking form of a call is its callback form and a wait.
#pragma once

#include <future>
#include <memory>
#include <utility>

#include <conclave/result.hpp>

#include "client/host.hpp"

namespace conclave::client {

/// Calls `start` with a callback that takes a `Result<T>`, and waits for it to be called. `would_deadlock` on a thread that
/// has to run for that. A node that closes before it answers gives `closed`.
template <class T, class Start>
[[nodiscard]] Result<T> wait_for(const Host& host, Start start) {
  if (host.must_not_block())
    return Error(errc::would_deadlock, "use the callback form here, or call from another thread");
  auto promise = std::make_shared<std::promise<Result<T>>>();
  auto future = promise->get_future();
  start([promise = std::move(promise)](Result<T> result) { promise->set_value(std::move(result)); });
  try {
    return future.get();
  } catch (const std::future_error&) {  // the callback was dropped uncalled
    return errc::closed;
  }
}

/// Runs `done` where the user's callbacks run.
template <class T>
[[nodiscard]] std::function<void(Result<T>)> on_executor(std::shared_ptr<Host> host, std::function<void(Result<T>)> done) {
  return [host = std::move(host), done = std::move(done)](Result<T> result) {
    if (!done) return;
    auto shared = std::make_shared<Result<T>>(std::move(result));  // a task is copyable, a lock is not
    host->call_back([done, shared] { done(std::move(*shared)); });
  };
}

}  // namespace conclave::client
