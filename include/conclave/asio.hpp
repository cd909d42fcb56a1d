/// \file
/// For programs that live in an `asio::io_context` already: every callback form as an Asio operation, with any completion
/// token (`use_awaitable`, `use_future`, a handler, ...); which calls are blocking only says conclave.hpp. The only public header with a name of somebody else in it;
/// nothing else includes it, and the library needs no particular version of Asio (standalone, 1.18 or later) for it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>

#include <conclave/result.hpp>

namespace conclave {

/// Of `async`: completes one operation, once, where its handler wants to run.
template <class T, class Handler>
class AsioCompletion {
 public:
  explicit AsioCompletion(Handler handler)
      : handler_(std::move(handler)), work_(asio::make_work_guard(asio::get_associated_executor(*handler_))) {}
  AsioCompletion(const AsioCompletion&) = delete;
  AsioCompletion& operator=(const AsioCompletion&) = delete;
  /// A node that has closed calls back no more, it lets go of the callback.
  ~AsioCompletion() {
    if (handler_) complete(errc::closed);
  }

  void complete(Result<T> result) {
    asio::post(work_.get_executor(), [handler = std::move(*std::exchange(handler_, std::nullopt)), result = std::move(result)]() mutable {
      std::move(handler)(std::move(result));
    });
  }

 private:
  std::optional<Handler> handler_;
  asio::executor_work_guard<asio::associated_executor_t<Handler>> work_;
};

/// Starts `call` with a callback that completes the operation described by `token`, whose signature is `void(Result<T>)`:
///
///     auto lock = co_await conclave::async<conclave::Lock>(
///         [&](auto done) { node.lock("jobs").acquire({}, std::move(done)); }, asio::use_awaitable);
///
/// `call` takes a `std::function<void(Result<T>)>`, the last parameter of every callback form, and runs at once. The handler
/// is posted to its associated executor, which is kept at work meanwhile, so that an `io_context` does not run dry; it
/// never runs on a thread of the node. Each operation completes once, on a closed node with `errc::closed`; so its executor
/// must outlive the node's close. What withdraws the call is its own (`AcquireOptions::stop`, `PendingAcquire::cancel`);
/// Asio's cancellation slots are not looked at.
template <class T, class Call, class Token>
auto async(Call&& call, Token&& token) {
  return asio::async_initiate<Token, void(Result<T>)>(
      []<class Handler>(Handler&& handler, auto started) {
        // Shared, for a std::function wants to be copied.
        auto completion = std::make_shared<AsioCompletion<T, std::decay_t<Handler>>>(std::forward<Handler>(handler));
        started(std::function<void(Result<T>)>(
            [completion = std::move(completion)](Result<T> result) { completion->complete(std::move(result)); }));
      },
      token, std::forward<Call>(call));
}

}  // namespace conclave
