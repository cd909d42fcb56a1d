#include "client/grant.hpp"

#include <algorithm>
#include <utility>

namespace conclave::client {

Grant::Grant(std::weak_ptr<Client> client, std::shared_ptr<Host> host, Facts facts, Instant deadline)
    : client_(std::move(client)),
      host_(std::move(host)),
      facts_(std::move(facts)),
      deadline_ns_(deadline.time_since_epoch().count()) {}

Instant Grant::deadline() const { return Instant(std::chrono::nanoseconds(deadline_ns_.load(std::memory_order_acquire))); }

bool Grant::held() const { return !ended() && host_->now() < deadline(); }

std::chrono::nanoseconds Grant::remaining() const {
  if (ended()) return {};
  return std::max(deadline() - host_->now(), std::chrono::nanoseconds(0));
}

void Grant::on_lost(std::function<void(const Error&)> callback) {
  const std::lock_guard guard(mutex_);
  if (!reason_) {
    on_lost_ = std::move(callback);
    return;
  }
  host_->call_back([callback = std::move(callback), reason = *reason_] { callback(reason); });
}

void Grant::extend(Instant deadline) {
  if (ended()) return;
  deadline_ns_.store(std::max(deadline_ns_.load(), deadline.time_since_epoch().count()), std::memory_order_release);
}

void Grant::end(std::optional<Error> reason) {
  if (ended_.exchange(true, std::memory_order_acq_rel)) return;
  // A user's stop callback is user code: it never runs on the loop.
  host_->signal([self = shared_from_this()] { self->stop_.request_stop(); });
  const std::lock_guard guard(mutex_);
  reason_ = std::move(reason);
  if (reason_ && on_lost_)
    host_->call_back([callback = std::exchange(on_lost_, {}), why = *reason_] { callback(why); });
}

bool Grant::given_up() const {
  const std::lock_guard guard(mutex_);
  return ended() && !reason_;
}

const Grant::Facts& facts_of(const std::shared_ptr<Grant>& grant) {
  static const Grant::Facts none;
  return grant ? grant->facts() : none;
}

std::stop_token stop_token_of(const std::shared_ptr<Grant>& grant) {
  if (grant) return grant->stop_token();
  std::stop_source fired;
  fired.request_stop();
  return fired.get_token();
}

}  // namespace conclave::client
