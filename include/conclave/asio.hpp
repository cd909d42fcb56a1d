/// \file
/// For programs that live in an `asio::io_context` already: any call's callback form as an Asio operation, with any
/// completion token (`use_awaitable`, `use_future`, a handler, ...). The only public header with a name of somebody else in it;
/// nothing else includes it, and the library needs no particular version of Asio (standalone, 1.18 or later) for it.
#pragma once

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>

#include <conclave/result.hpp>

namespace conclave {

/// Starts `call` with a callback that completes the operation described by `token`, whose signature is `void(Result<T>)`:
///
///     auto lock = co_await conclave::async<conclave::Lock>(
///         [&](auto done) { node.lock("jobs").acquire({}, std::move(done)); }, asio::use_awaitable);
///
/// `call` takes a `std::function<void(Result<T>)>`, the last parameter of every callback form, and runs at once. The handler
/// is posted to its associated executor, which is kept at work meanwhile, so that an `io_context` does not run dry; it
/// never runs on a thread of the node. Each call answers once, a closed node's with an error, so each operation completes.
/// What withdraws the call is its own (`AcquireOptions::stop`, `PendingAcquire::cancel`); Asio's cancellation slots are not
/// looked at.
template <class T, class Call, class Token>
auto async(Call&& call, Token&& token) {
  return asio::async_initiate<Token, void(Result<T>)>(
      []<class Handler>(Handler&& handler, auto started) {
        // In a std::function, which wants to be copied.
        auto kept = std::make_shared<std::decay_t<Handler>>(std::forward<Handler>(handler));
        auto work = asio::make_work_guard(asio::get_associated_executor(*kept));
        started(std::function<void(Result<T>)>([kept, work](Result<T> result) {
          asio::post(work.get_executor(), [kept, result = std::move(result)]() mutable {
            std::move (*kept)(std::move(result));
          });
        }));
      },
      token, std::forward<Call>(call));
}

}  // namespace conclave
