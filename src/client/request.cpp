#include "client/request.hpp"

#include <utility>

#include "client/outcome.hpp"

namespace conclave::client {

Request::Request(std::shared_ptr<Client> client, std::string name, bool wait, AcquireOptions options, Done<Lock> done)
    : client_(std::move(client)), name_(std::move(name)), wait_(wait), options_(std::move(options)), done_(std::move(done)) {}

void Request::start() {
  if (const auto refused = client_->refusal()) return finish(*refused);
  timer_ = client_->host()->set_timer(client_->host()->in(options_.timeout), [self = shared_from_this()] {
    self->withdraw(Error(errc::timeout, "lock '" + self->name_ + "' was not free in time"));
  });
  if (options_.stop.stop_possible())
    on_stop_.emplace(options_.stop, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->cancel();
    });
  wait_for_session();
}

void Request::wait_for_session() {
  if (phase_ == Phase::no_session) wait_id_ = client_->when_session([self = shared_from_this()] { self->ask(); });
}

void Request::cancel() {
  client_->host()->post([self = shared_from_this()] {
    self->withdraw(Error(errc::cancelled, "the request for lock '" + self->name_ + "' was withdrawn"));
  });
}

void Request::ask() {
  if (phase_ != Phase::no_session) return;
  phase_ = Phase::asking;
  client_->submit(
      coordination::Acquire{.resource = {.kind = coordination::ResourceKind::lock, .name = name_},
                            .wait = wait_,
                            .value = to_bytes(options_.note),
                            .max_hold = options_.max_hold},
      [self = shared_from_this()](const auto& outcome) { self->on_answer(outcome); },
      [self = shared_from_this()](SessionId session, Sequence sequence) {
        self->session_ = session;
        self->sequence_ = sequence;
        self->client_->await_grant(
            session, sequence,
            {.resource = {.kind = coordination::ResourceKind::lock, .name = self->name_},
             .on_granted = [self](const coordination::Granted& granted) { self->on_granted(granted); },
             .on_dropped = [self](const std::string& cause) { self->on_dropped(cause); }});
      });
}

void Request::on_answer(const Result<coordination::Outcome>& outcome) {
  if (phase_ != Phase::asking) return;
  const auto judged = as_void(outcome);
  if (judged) {
    phase_ = Phase::queued;
    return;
  }
  // The session ended under it: `on_dropped` asks again in the next.
  if (is_outcome_unknown(judged.error()) || judged.error() == errc::session_ended) return on_dropped(judged.error().detail);
  client_->forget_waiter(session_, sequence_);
  finish(judged.error());
}

void Request::on_granted(const coordination::Granted& granted) {
  if (phase_ == Phase::withdrawing || phase_ == Phase::done) return;  // the cancellation gives it back in its own step
  finish(Client::make_lock(client_->adopt(granted)));
}

void Request::on_dropped(const std::string& cause) {
  if (phase_ == Phase::done || phase_ == Phase::no_session) return;
  if (phase_ == Phase::withdrawing) return finish(reason_);  // its session is over, and the request with it
  if (!wait_) return finish(Error(errc::session_ended, cause));
  phase_ = Phase::no_session;
  wait_for_session();
}

void Request::withdraw(const Error& reason) {
  switch (phase_) {
    case Phase::no_session:
      return finish(reason);
    case Phase::asking:
    case Phase::queued:
      break;
    case Phase::withdrawing:
    case Phase::done:
      return;
  }
  phase_ = Phase::withdrawing;
  reason_ = reason;
  const auto host = client_->host();
  host->cancel_timer(timer_);
  timer_ = host->set_timer(host->in(options_.timeout), [self = shared_from_this()] {
    // The withdrawal itself goes on: no lock is left held by nobody.
    self->finish(Error(errc::outcome_unknown, "the withdrawal from lock '" + self->name_ + "' is not confirmed yet"));
  });
  client_->submit(coordination::Cancel{.sequence = sequence_},
                  [self = shared_from_this()](const auto& outcome) { self->on_withdrawn(outcome); });
}

void Request::on_withdrawn(const Result<coordination::Outcome>&) {
  // Removed from the queue, released in the very step, or gone with its session: in no case is anything held.
  client_->forget_waiter(session_, sequence_);
  finish(reason_);
}

void Request::finish(Result<Lock> result) {
  if (phase_ == Phase::done) return;
  phase_ = Phase::done;
  client_->host()->cancel_timer(timer_);
  client_->forget_wait(wait_id_);
  on_stop_.reset();
  std::exchange(done_, {})(std::move(result));
}

}  // namespace conclave::client
