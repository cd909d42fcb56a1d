/// \file
/// Locks: named, exclusive, first come first served, with a fencing token for each grant (C. Gray, D. Cheriton, "Leases",
/// SOSP 1989; M. Burrows, "The Chubby lock service", OSDI 2006, section 2.4 for sequencers).
///
/// Thread safety: every member function of every class here may be called from any thread. Blocking forms answer
/// `errc::would_deadlock` at once when called on the callback executor; callback forms may be called anywhere.
///
/// Bodies (`NamedLock::run`, `NamedElection::run`) and stop callbacks have threads on which a call may block: a body may
/// propose, read, acquire other locks and campaign. What would wait for the end of the very body that makes the call answers
/// `errc::would_deadlock` at once, and changes nothing: in the body of a lock, to acquire that lock by a blocking form; in the
/// body of an election, `cancel`, `resign` and `hand_over` of its own campaign; in any body, `Node::close`. So do those of a
/// campaign with a body on a stop callback, since no body is told to stop before that returns. Their callback forms, and the
/// destructors, wait for nothing and work there. What is not seen: a body that waits for another thread, or another body, which
/// waits for it.
///
/// Times to wait (every `timeout` of the library): zero or less waits for nothing that takes time; whatever is longer than
/// `longest_wait` (types.hpp), such as `milliseconds::max()`, counts as that.
///
/// Callbacks: `done` runs exactly once, on the callback executor and never within the call. The one exception is a node that is
/// closed (`Node::close`), or whose close comes first: then `done` may not run at all, and is destroyed. The blocking form
/// answers `errc::closed` there. (A handle that was moved away is of no node: see `Lock` and `Campaign`.)
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include <conclave/export.hpp>
#include <conclave/result.hpp>
#include <conclave/types.hpp>

namespace conclave {

namespace client {
class Client;
class Grant;
class Request;
}  // namespace client

/// A held lock. Moves, does not copy. The destructor releases in the background; `release()` waits.
///
/// It is held until `release`, or until it is lost: the session's lease ran out unrenewed, an operator revoked it, its
/// longest time to hold passed, or the node closed. Whichever comes, `held()` is false and `stop_token()` has fired before
/// anybody else can be granted the lock, provided that clock *rates* keep to `Timing::clock_drift_ppm`.
///
/// One that was moved away holds nothing: no name, token 0, a stop token that has fired, nobody to tell of a loss; `release`
/// answers `errc::invalid_argument`, and, as it belongs to no node, calls `done` within the call.
class CONCLAVE_API Lock {
 public:
  Lock(Lock&&) noexcept;
  Lock& operator=(Lock&&) noexcept;
  ~Lock();

  /// The lock's name.
  [[nodiscard]] const std::string& name() const;
  /// The fencing token of this grant: larger than that of every earlier grant of anything in the cluster. Hand it to
  /// whatever the lock guards, and let that refuse smaller ones.
  [[nodiscard]] Token token() const;
  /// How often this lock has changed hands.
  [[nodiscard]] std::uint64_t version() const;
  /// True while the lock is certainly held: not released, not lost, and `deadline()` not reached.
  [[nodiscard]] bool held() const;
  /// Until when the lock is certainly held if no renewal succeeds any more; moves on with every renewal. By
  /// CLOCK_BOOTTIME.
  [[nodiscard]] Instant deadline() const;
  /// How much is left until `deadline()`; zero when it has passed.
  [[nodiscard]] std::chrono::nanoseconds remaining() const;
  /// Fires when the lock is lost or released.
  [[nodiscard]] std::stop_token stop_token() const;
  /// Runs `callback` once on the callback executor when the lock is lost; not when it is released. At once if it already
  /// is. At most one callback; a later call replaces it.
  void on_lost(std::function<void(const Error& reason)> callback);

  /// Releases and waits until the release is chosen. `errc::lock_lost` if it was lost before; then nothing is released.
  Result<void> release();
  /// Releases; `done` runs on the callback executor.
  void release(std::function<void(Result<void>)> done);

 private:
  friend class client::Client;
  explicit Lock(std::shared_ptr<client::Grant> grant);

  std::shared_ptr<client::Grant> grant_;
};

/// An acquisition under way. Dropping it changes nothing; `cancel()` withdraws the request.
class CONCLAVE_API PendingAcquire {
 public:
  PendingAcquire();
  PendingAcquire(PendingAcquire&&) noexcept;
  PendingAcquire& operator=(PendingAcquire&&) noexcept;
  ~PendingAcquire();

  /// Withdraws the request. The callback then gets `errc::cancelled`, or the lock if the grant was faster and the caller
  /// had already been told.
  void cancel();

 private:
  friend class client::Client;
  explicit PendingAcquire(std::shared_ptr<client::Request> request);

  std::shared_ptr<client::Request> request_;
};

/// How to acquire.
struct AcquireOptions {
  /// How long to wait in the queue, at most. When it passes the request is withdrawn, and `errc::timeout` is reported once
  /// that is certain; `errc::outcome_unknown` if it cannot be made certain in another `timeout` (the withdrawal goes on in
  /// the background).
  std::chrono::milliseconds timeout{std::chrono::minutes(1)};
  /// Withdraws the request when it fires.
  std::stop_token stop{};
  /// The longest time to hold, by cluster time, after which the lock is revoked; at most 365 days. Zero: none.
  std::chrono::milliseconds max_hold{0};
  /// Shown to observers beside the holder; at most 1,024 bytes.
  std::string note{};
};

/// A lock by its name: a light handle, made by `Node::lock`, copied freely; moving copies. Each acquisition is a request of
/// its own: a second one from the same process waits like anyone's.
class CONCLAVE_API NamedLock {
 public:
  NamedLock(const NamedLock&) = default;
  NamedLock& operator=(const NamedLock&) = default;
  ~NamedLock() = default;

  /// Takes the lock if it is free now, else `errc::not_acquired`.
  [[nodiscard]] Result<Lock> try_acquire();
  /// Takes the lock, waiting in the queue for at most `timeout`.
  [[nodiscard]] Result<Lock> acquire(std::chrono::milliseconds timeout);
  [[nodiscard]] Result<Lock> acquire(AcquireOptions options);

  /// The callback forms; `done` runs once on the callback executor.
  void try_acquire(std::function<void(Result<Lock>)> done);
  PendingAcquire acquire(AcquireOptions options, std::function<void(Result<Lock>)> done);

  /// Acquires, runs `body` on the calling thread, waits for its end, and only then releases. The body should end soon
  /// after `lock.stop_token()` fires. `errc::lock_lost` if the lease ended before the body did: then the body's last steps
  /// ran without the lock, and only the fencing token protected what it wrote. An exception of the body reaches the caller, and
  /// the lock is released in the background. `errc::invalid_argument` for an empty function.
  ///
  /// The body may release the lock itself, in any form, also by moving it away into a handle that goes: then it is released at
  /// that moment, the rest of the body runs without it, and `run` is a success, for nothing was lost. A handle that outlives the
  /// body holds nothing.
  Result<void> run(std::function<void(Lock& lock)> body, AcquireOptions options = {});

  [[nodiscard]] const std::string& name() const;

 private:
  friend class client::Client;
  NamedLock(std::shared_ptr<client::Client> client, std::string name);

  std::shared_ptr<client::Client> client_;
  std::string name_;
};

}  // namespace conclave
