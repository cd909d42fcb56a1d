// One acquisition of a lock, from the call to the lock or the reason why not. It survives sessions: while it waits it is
// asked for again in the next one, since a request that was never granted cannot have had any effect.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include <conclave/lock.hpp>

#include "client/client.hpp"

namespace conclave::client {

class Request : public std::enable_shared_from_this<Request> {
 public:
  Request(std::shared_ptr<Client> client, std::string name, bool wait, AcquireOptions options, Done<Lock> done);

  /// Begins; on the loop.
  void start();
  /// Withdraws; from any thread.
  void cancel();

 private:
  enum class Phase { no_session, asking, queued, withdrawing, done };

  void wait_for_session();
  void ask();
  void on_answer(const Result<coordination::Outcome>& outcome);
  void on_granted(const coordination::Granted& granted);
  void on_dropped(const std::string& cause);
  void withdraw(const Error& reason);
  void on_withdrawn(const Result<coordination::Outcome>& outcome);
  void finish(Result<Lock> result);

  std::shared_ptr<Client> client_;
  const std::string name_;
  const bool wait_;
  const AcquireOptions options_;
  Done<Lock> done_;
  Phase phase_{Phase::no_session};
  SessionId session_;
  Sequence sequence_;
  TimerId timer_;
  Client::WaitId wait_id_{0};
  /// Why it is being withdrawn: what the caller hears once that is certain.
  Error reason_;
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

}  // namespace conclave::client
