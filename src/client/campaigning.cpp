#include "client/campaigning.hpp"

#include <utility>

#include "client/outcome.hpp"
#include "client/running_body.hpp"

namespace conclave::client {

Campaigning::Campaigning(std::shared_ptr<Client> client, std::string election, CampaignOptions options,
                         CampaignCallbacks callbacks, Body body)
    : client_(std::move(client)),
      election_(std::move(election)),
      options_(std::move(options)),
      callbacks_(std::move(callbacks)),
      body_(std::move(body)) {}

std::optional<Term> Campaigning::term() const {
  const std::lock_guard guard(mutex_);
  if (!published_ || !published_->held()) return std::nullopt;
  return Client::make_term(published_);
}

std::optional<Error> Campaigning::deadlock() const {
  if (!body_) return std::nullopt;
  if (RunningBody::here(*this))
    return Error(errc::would_deadlock, "the body of this candidacy for '" + election_ +
                                           "' waits for its own end; use the callback form, or return from the body");
  if (client_->host()->runs_stop_callbacks())
    return Error(errc::would_deadlock, "no body is told to stop before this stop callback returns; use the callback form");
  return std::nullopt;
}

void Campaigning::publish(std::shared_ptr<Grant> grant) {
  const std::lock_guard guard(mutex_);
  published_ = std::move(grant);
}

void Campaigning::start() {
  if (client_->over()) return leave();
  client_->enter(shared_from_this());
  client_->when_session([self = shared_from_this()] { self->ask(); });
}

void Campaigning::ask() {
  if (phase_ != Phase::no_session || cancelled_ || client_->over()) return;
  phase_ = Phase::waiting;
  sequence_ = {};
  const coordination::ResourceName resource{.kind = coordination::ResourceKind::election, .name = election_};
  client_->submit(
      coordination::Acquire{.resource = resource,
                            .wait = true,
                            .value = to_bytes(options_.value),
                            .priority = static_cast<std::uint8_t>(options_.priority)},
      [self = shared_from_this()](const auto& outcome) { self->on_answer(outcome); },
      [self = shared_from_this(), resource](SessionId session, Sequence sequence) {
        self->session_ = session;
        self->sequence_ = sequence;
        self->client_->await_grant(
            session, sequence,
            {.resource = resource,
             .on_granted = [self](const coordination::Granted& granted) { self->on_granted(granted); },
             .on_dropped = [self](const std::string&) { self->on_dropped(); }});
      });
}

void Campaigning::on_answer(const Result<coordination::Outcome>& outcome) {
  if (phase_ != Phase::waiting || as_void(outcome)) return;
  on_dropped();
}

void Campaigning::on_dropped() {
  if (phase_ != Phase::waiting) return;
  phase_ = Phase::no_session;
  // Behind the loop's other work: the cause may be a full queue.
  client_->host()->set_timer(client_->host()->now() + std::chrono::milliseconds(10), [self = shared_from_this()] {
    self->client_->when_session([self] { self->ask(); });
  });
}

void Campaigning::on_granted(const coordination::Granted& granted) {
  if (phase_ != Phase::waiting || cancelled_) return;  // the cancellation gives it back in its own step
  grant_ = client_->adopt(granted);
  promote(grant_);
}

void Campaigning::promote(const std::shared_ptr<Grant>& grant) {
  phase_ = Phase::leading;
  client_->on_grant_ended(grant, [self = shared_from_this(), grant](const Error& reason) {
    if (self->grant_ == grant && self->phase_ == Phase::leading)
      // What was revoked is still this candidate's in the log, until it says that callbacks and body have ended.
      self->demote(reason, [self] { self->client_->give_back(self->grant_, [self](const auto&) { self->stand_again(); }); });
  });
  publish(grant);
  if (body_) {
    body_running_ = true;
    client_->host()->run_body(
        [self = shared_from_this(), body = body_, term = Client::make_term(grant)] {
          const RunningBody here(*self->client_->host(), *self);
          body(term);
        },
        [self = shared_from_this(), grant] { self->on_body_ended(grant); });
    return;
  }
  client_->host()->call_back([self = shared_from_this(), term = Client::make_term(grant)] {
    if (self->callbacks_.on_elected) self->callbacks_.on_elected(term);
  });
}

void Campaigning::demote(const Error& reason, Task then) {
  phase_ = Phase::demoting;
  grant_->end(reason);  // no longer active, and the stop token fires, before anybody is told
  publish(nullptr);
  after_demotion_ = std::move(then);
  if (body_) {
    if (!body_running_) finish_demotion();
    return;
  }
  client_->host()->call_back([self = shared_from_this(), term = Client::make_term(grant_), reason] {
    if (self->callbacks_.on_revoked) self->callbacks_.on_revoked(term, reason);
  });
  // By itself, so that it follows an exception too.
  client_->host()->call_back([self = shared_from_this()] {
    self->client_->host()->post([self] { self->finish_demotion(); });
  });
}

void Campaigning::finish_demotion() {
  if (const auto then = std::exchange(after_demotion_, {})) then();
}

void Campaigning::on_body_ended(const std::shared_ptr<Grant>& grant) {
  if (grant != grant_) return;
  body_running_ = false;
  if (phase_ == Phase::demoting) return finish_demotion();
  // The body returned of itself: the leadership is given back, and the candidate stands again.
  if (phase_ == Phase::leading) resign([](const auto&) {});
}

void Campaigning::stand_again() {
  if (grant_) client_->drop(grant_);
  grant_.reset();
  if (cancelled_ || client_->over()) return leave();
  phase_ = Phase::no_session;
  client_->when_session([self = shared_from_this()] { self->ask(); });
}

void Campaigning::leave() {
  phase_ = Phase::over;
  client_->leave(shared_from_this());
  for (const auto& done : std::exchange(on_left_, {})) done({});
}

void Campaigning::resign(Done<void> done) {
  if (phase_ != Phase::leading) return done(Error(errc::not_owner, "this candidate for '" + election_ + "' does not lead"));
  demote(Error(errc::cancelled, "the leadership was given back"), [self = shared_from_this(), done = std::move(done)] {
    self->client_->give_back(self->grant_, [self, done](Result<void> result) {
      self->stand_again();
      done(std::move(result));
    });
  });
}

void Campaigning::hand_over(const std::string& member_name, Done<void> done) {
  if (phase_ != Phase::leading) return done(Error(errc::not_owner, "this candidate for '" + election_ + "' does not lead"));
  const auto target = client_->candidate(election_, member_name);
  if (!target) return done(target.error());
  demote(Error(errc::cancelled, "the leadership was handed over to '" + member_name + "'"),
         [self = shared_from_this(), target = *target, done = std::move(done)] {
           const auto& facts = self->grant_->facts();
           self->client_->submit(
               coordination::HandOver{.resource = facts.resource, .token = facts.token, .target = target},
               [self, done](const Result<coordination::Outcome>& outcome) {
                 auto result = as_void(outcome);
                 if (result) {
                   self->stand_again();
                   return done({});
                 }
                 // The target withdrew meanwhile. What was given up stays so: the next in the queue leads.
                 self->client_->give_back(self->grant_, [self, done, result](const auto&) {
                   self->stand_again();
                   done(result);
                 });
               });
         });
}

void Campaigning::cancel(Done<void> done) {
  if (phase_ == Phase::over) return done({});
  on_left_.push_back(std::move(done));
  if (std::exchange(cancelled_, true)) return;
  switch (phase_) {
    case Phase::leading:
      return resign([](const auto&) {});
    case Phase::no_session:
      return leave();
    case Phase::demoting:  // its end finds `cancelled_`
    case Phase::over:
      return;
    case Phase::waiting:
      break;
  }
  client_->submit(coordination::Cancel{.sequence = sequence_}, [self = shared_from_this()](const auto&) {
    self->client_->forget_waiter(self->session_, self->sequence_);
    self->leave();
  });
}

void Campaigning::abandon() {
  cancelled_ = true;
  if (phase_ == Phase::no_session || phase_ == Phase::waiting) leave();
}

void Campaigning::let_go() {
  after_demotion_ = {};
  on_left_.clear();
}

}  // namespace conclave::client
