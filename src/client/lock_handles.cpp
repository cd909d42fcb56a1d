// The public classes of lock.hpp over the client: each call is posted to the loop.
#include <conclave/lock.hpp>

#include <optional>
#include <utility>

#include "client/blocking.hpp"
#include "client/client.hpp"
#include "client/names.hpp"
#include "client/request.hpp"
#include "client/running_body.hpp"

namespace conclave {

using client::Client;

PendingAcquire Client::make_pending(std::shared_ptr<client::Request> request) { return PendingAcquire(std::move(request)); }
NamedLock Client::make_named_lock(std::string name) { return NamedLock(shared_from_this(), std::move(name)); }

// ---- Lock ----

Lock::Lock(std::shared_ptr<client::Grant> grant) : grant_(std::move(grant)) {}
Lock::Lock(Lock&&) noexcept = default;

Lock& Lock::operator=(Lock&& other) noexcept {
  if (this != &other) {
    Lock old(std::exchange(grant_, std::exchange(other.grant_, nullptr)));
  }
  return *this;
}

Lock::~Lock() {
  if (grant_ && !grant_->ended()) release([](const Result<void>&) {});
}

const std::string& Lock::name() const { return client::facts_of(grant_).resource.name; }
Token Lock::token() const { return client::facts_of(grant_).token; }
std::uint64_t Lock::version() const { return client::facts_of(grant_).version; }
bool Lock::held() const { return grant_ && grant_->held(); }
Instant Lock::deadline() const { return grant_ ? grant_->deadline() : Instant(); }
std::chrono::nanoseconds Lock::remaining() const { return grant_ ? grant_->remaining() : std::chrono::nanoseconds(0); }
std::stop_token Lock::stop_token() const { return client::stop_token_of(grant_); }

void Lock::on_lost(std::function<void(const Error&)> callback) {
  if (grant_) grant_->on_lost(std::move(callback));
}

namespace {

Error moved_away() { return {errc::invalid_argument, "this lock was moved away"}; }

}  // namespace

Result<void> Lock::release() {
  if (!grant_) return moved_away();
  const auto held_by = grant_->client().lock();
  if (!held_by) return errc::closed;
  return client::wait_for<void>(*held_by->host(), [&](client::Done<void> done) {
    held_by->host()->post([held_by, grant = grant_, done = std::move(done)]() mutable { held_by->release(grant, std::move(done)); });
  });
}

void Lock::release(std::function<void(Result<void>)> done) {
  if (!grant_) return done ? done(moved_away()) : void();
  const auto held_by = grant_->client().lock();
  if (!held_by) return;  // its node was closed, and calls back no more
  held_by->host()->post([held_by, grant = grant_, done = client::on_executor<void>(held_by->host(), std::move(done))]() mutable {
    held_by->release(grant, std::move(done));
  });
}

// ---- PendingAcquire ----

PendingAcquire::PendingAcquire() = default;
PendingAcquire::PendingAcquire(PendingAcquire&&) noexcept = default;
PendingAcquire& PendingAcquire::operator=(PendingAcquire&&) noexcept = default;
PendingAcquire::~PendingAcquire() = default;
PendingAcquire::PendingAcquire(std::shared_ptr<client::Request> request) : request_(std::move(request)) {}

void PendingAcquire::cancel() {
  if (request_) request_->cancel();
}

// ---- NamedLock ----

NamedLock::NamedLock(std::shared_ptr<Client> client, std::string name) : client_(std::move(client)), name_(std::move(name)) {}

const std::string& NamedLock::name() const { return name_; }

namespace {

std::shared_ptr<client::Request> request(const std::shared_ptr<Client>& client, const std::string& name, bool wait,
                                         AcquireOptions options, client::Done<Lock> done) {
  if (auto valid = client::check_resource(name, options.note); !valid) {
    done(valid.error());
    return nullptr;
  }
  if (auto valid = client::check_max_hold(options.max_hold); !valid) {
    done(valid.error());
    return nullptr;
  }
  auto made = std::make_shared<client::Request>(client, name, wait, std::move(options), std::move(done));
  client->host()->post([made] { made->start(); });
  return made;
}

/// The next grant is made when the body that holds the lock has ended: a body that waited for it would wait for itself.
std::optional<Error> deadlock(const std::shared_ptr<Client>& client, const std::string& name) {
  if (!client::RunningBody::holds_here(*client->host(), name)) return std::nullopt;
  return Error(errc::would_deadlock, "the body on this thread holds the lock '" + name + "' itself");
}

Result<Lock> acquire_and_wait(const std::shared_ptr<Client>& client, const std::string& name, bool wait, AcquireOptions options) {
  if (wait)
    if (auto own = deadlock(client, name)) return std::move(*own);
  return client::wait_for<Lock>(
      *client->host(), [&](client::Done<Lock> done) { request(client, name, wait, std::move(options), std::move(done)); });
}

}  // namespace

Result<Lock> NamedLock::try_acquire() { return acquire_and_wait(client_, name_, false, {}); }

Result<Lock> NamedLock::acquire(std::chrono::milliseconds timeout) {
  AcquireOptions options;
  options.timeout = timeout;
  return acquire(std::move(options));
}

Result<Lock> NamedLock::acquire(AcquireOptions options) { return acquire_and_wait(client_, name_, true, std::move(options)); }

void NamedLock::try_acquire(std::function<void(Result<Lock>)> done) {
  request(client_, name_, false, {}, client::on_executor<Lock>(client_->host(), std::move(done)));
}

PendingAcquire NamedLock::acquire(AcquireOptions options, std::function<void(Result<Lock>)> done) {
  return Client::make_pending(
      request(client_, name_, true, std::move(options), client::on_executor<Lock>(client_->host(), std::move(done))));
}

Result<void> NamedLock::run(std::function<void(Lock&)> body, AcquireOptions options) {
  if (!body) return Error(errc::invalid_argument, "the body for lock '" + name_ + "' is an empty function");
  if (auto own = deadlock(client_, name_)) return std::move(*own);
  auto lock = client::wait_for<Lock>(*client_->host(), [&](client::Done<Lock> done) {
    (void)request(client_, name_, true, std::move(options), [client = client_, done = std::move(done)](Result<Lock> granted) {
      if (granted) client->begin_body(*granted);  // in the step of the grant: a close that comes next waits for the body
      done(std::move(granted));
    });
  });
  if (!lock) return lock.error();
  const auto grant = Client::grant_of(*lock);  // the body may move the lock away
  const auto end_body = [client = client_, grant](client::Done<void> done) {
    client->host()->post([client, grant, done = std::move(done)]() mutable { client->end_body(grant, std::move(done)); });
  };
  try {
    const client::RunningBody here(*client_->host(), *grant);
    body(*lock);
  } catch (...) {
    end_body([](const auto&) {});
    throw;
  }
  // Given back only now that the body has ended: the next grant never falls between.
  return client::wait_for<void>(*client_->host(), end_body);
}

}  // namespace conclave
