// One holding of a lock or an election, shared between the loop, which learns of its fate, and the user's threads, which
// ask for it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>

#include <conclave/error.hpp>
#include <conclave/types.hpp>

#include "client/host.hpp"
#include "coordination/command.hpp"

namespace conclave::client {

class Client;

class Grant : public std::enable_shared_from_this<Grant> {
 public:
  /// What the log says of the grant.
  struct Facts {
    coordination::ResourceName resource;
    Token token;
    std::uint64_t version{0};
    SessionId session;
  };

  /// `host` must outlive every call but those on a grant that has ended.
  Grant(std::weak_ptr<Client> client, std::shared_ptr<Host> host, Facts facts, Instant deadline);

  [[nodiscard]] const Facts& facts() const { return facts_; }
  [[nodiscard]] std::weak_ptr<Client> client() const { return client_; }

  // ---- From any thread ----
  /// Held for certain: not ended, and the deadline not reached.
  [[nodiscard]] bool held() const;
  [[nodiscard]] Instant deadline() const;
  [[nodiscard]] std::chrono::nanoseconds remaining() const;
  [[nodiscard]] std::stop_token stop_token() const { return stop_.get_token(); }
  void on_lost(std::function<void(const Error&)> callback);

  // ---- On the loop ----
  /// S2: moves the deadline on; never back, and never once the grant has ended.
  void extend(Instant deadline);
  /// Ends the grant; the first call counts. `reason` is nothing when it was given up. Fires the stop token on the host's
  /// signal thread, and the lost callback on the executor.
  void end(std::optional<Error> reason);
  [[nodiscard]] bool ended() const { return ended_.load(std::memory_order_acquire); }
  /// Ended by its holder's own wish, not lost.
  [[nodiscard]] bool given_up() const;

 private:
  std::weak_ptr<Client> client_;
  std::shared_ptr<Host> host_;
  const Facts facts_;
  std::atomic<std::int64_t> deadline_ns_;
  std::atomic<bool> ended_{false};
  std::stop_source stop_;

  mutable std::mutex mutex_;  // guards what follows
  std::function<void(const Error&)> on_lost_;
  std::optional<Error> reason_;
};

// ---- For a handle, which has no grant any more once it was moved away ----

/// Of none: no name, token 0.
[[nodiscard]] const Grant::Facts& facts_of(const std::shared_ptr<Grant>& grant);
/// Of none: one that has fired.
[[nodiscard]] std::stop_token stop_token_of(const std::shared_ptr<Grant>& grant);

}  // namespace conclave::client
