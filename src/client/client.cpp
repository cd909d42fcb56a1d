// Sessions, commands and grants: how notices of the engine find the calls that wait for them.
#include "client/client.hpp"

#include <algorithm>
#include <utility>

#include "client/campaigning.hpp"
#include "client/observing.hpp"
#include "client/outcome.hpp"
#include "client/request.hpp"
#include "client/user_machine.hpp"

namespace conclave::client {

Client::Client(Options options, std::shared_ptr<Host> host)
    : options_(std::move(options)),
      host_(std::move(host)),
      user_machine_(std::make_unique<UserMachine>(options_.state_machine, host_)) {}

Client::~Client() = default;

void Client::start() { open_session(); }

void Client::on_notice(const engine::Notice& notice) {
  std::visit([this](const auto& held) { on(held); }, notice);
}

// ---- Sessions ----

void Client::open_session() {
  if (closing_ || stopped_) return;
  opening_ = host_->draw_uuid();
  host_->step(engine::OpenSession{.nonce = *opening_, .ttl = options_.session_ttl});
}

void Client::when_session(Task task) {
  if (session_)
    task();
  else
    when_session_.push_back(std::move(task));
}

void Client::on(const engine::SessionReady& notice) {
  if (notice.nonce != opening_) return;
  opening_.reset();
  session_ = notice.session;
  session_deadline_ = notice.deadline;
  for (auto& task : std::exchange(when_session_, {})) task();
}

void Client::on(const engine::SessionExtended& notice) {
  if (notice.session != session_) return;
  session_deadline_ = notice.deadline;
  for (auto& [token, held] : held_) {
    if (std::ranges::find(notice.ending, token) != notice.ending.end()) held.grant->end_soon();  // S5
    held.grant->extend(notice.deadline);
  }
}

void Client::on(const engine::SessionOver& notice) {
  if (notice.session == last_session_ && on_session_closed_) return std::exchange(on_session_closed_, {})();
  if (notice.session != session_) return;
  end_session(Error(errc::session_ended, notice.cause));
  open_session();
}

void Client::end_session(const Error& reason) {
  session_.reset();
  // Every grant first: nobody may believe in a lock while an answer is being told.
  for (auto& [token, held] : held_) held.grant->end(reason);
  auto held = std::exchange(held_, {});
  for (auto& [token, entry] : held) {
    host_->cancel_timer(entry.end_timer);
    if (entry.ended) entry.ended(reason);
  }
  for (auto& [key, waiter] : std::exchange(waiters_, {}))
    if (waiter.on_dropped) waiter.on_dropped(reason.detail);
  fail_commands(reason);
}

void Client::fail_commands(const Error& reason) {
  for (auto& [key, command] : std::exchange(commands_, {}))
    command.outcome(Error(errc::outcome_unknown, "its session ended before the answer came: " + reason.detail));
  for (auto& [ticket, command] : std::exchange(tickets_, {})) command.outcome(reason);
}

void Client::ready(std::chrono::milliseconds timeout, Done<void> done) {
  struct State {
    Done<void> done;
    TimerId timer;
  };
  auto state = std::make_shared<State>(std::move(done));
  const auto finish = [this, state](Result<void> result) {
    if (!state->done) return;
    host_->cancel_timer(state->timer);
    std::exchange(state->done, {})(std::move(result));
  };
  if (stopped_) return finish(*stopped_);
  state->timer = host_->set_timer(host_->now() + timeout, [this, finish] {
    finish(Error(errc::not_ready, waiting_for_ ? waiting_for_->detail : std::string("a session is being opened")));
  });
  when_session([this, finish] {
    if (stopped_)
      finish(*stopped_);
    else
      finish({});
  });
}

void Client::on(const engine::Progress& notice) { waiting_for_ = notice.waiting_for; }

void Client::on(const engine::LeaderChanged&) {}

void Client::on(const engine::Stopped& notice) {
  if (stopped_) return;
  stopped_ = notice.reason;
  end_session(notice.reason);
  for (auto& task : std::exchange(when_session_, {})) task();
  for (auto& [id, reading] : std::exchange(reads_, {})) {
    host_->cancel_timer(reading.timer);
    reading.done(notice.reason);
  }
  host_->stop(notice.reason);
}

void Client::on(const engine::StateReplaced&) {
  // What happened in between was not seen: answers and grants are read from the state, and observers start anew.
  for (const auto& [key, command] : std::map(commands_))
    if (auto outcome = host_->state().answer(key.first, key.second))
      on_event(coordination::Answered{.session = key.first, .sequence = key.second, .outcome = *outcome});
  for (const auto& observing : observers_) observing->tell(leader_of(observing->election()));
}

// ---- Commands ----

void Client::submit(coordination::Op op, OnOutcome outcome, OnNumber numbered) {
  if (stopped_) return outcome(*stopped_);
  if (!session_) return outcome(Error(errc::not_ready, "there is no session at this moment"));
  if (tickets_.size() + commands_.size() >= options_.pending_calls_max)
    return outcome(Error(errc::overloaded, "pending_calls_max (" + std::to_string(options_.pending_calls_max) +
                                               ") calls wait for an answer already"));
  const auto ticket = next_ticket_++;
  tickets_[ticket] = {.outcome = std::move(outcome), .numbered = std::move(numbered)};
  host_->step(engine::Submit{.ticket = ticket, .session = *session_, .op = std::move(op)});
}

void Client::on(const engine::Numbered& notice) {
  const auto found = tickets_.find(notice.ticket);
  if (found == tickets_.end()) return;
  auto command = std::move(found->second);
  tickets_.erase(found);
  if (!notice.sequence) return command.outcome(notice.sequence.error());
  if (!session_) return command.outcome(Error(errc::outcome_unknown, "its session ended"));
  const RequestKey key{*session_, *notice.sequence};
  auto numbered = std::exchange(command.numbered, {});
  commands_[key] = std::move(command);
  if (numbered) numbered(key.first, key.second);
}

void Client::on_event(const coordination::Answered& event) {
  const auto found = commands_.find({event.session, event.sequence});
  if (found == commands_.end()) return;
  auto command = std::move(found->second);
  commands_.erase(found);
  answer_taken(event.session, event.sequence);
  command.outcome(event.outcome);
}

void Client::answer_taken(SessionId session, Sequence sequence) {
  // Answers may come out of order (a user command takes longer than a lock): all below the oldest open one are taken.
  const auto oldest = commands_.lower_bound({session, Sequence{0}});
  const bool open = oldest != commands_.end() && oldest->first.first == session;
  host_->step(engine::AnswersTaken{.session = session, .below = open ? oldest->first.second : sequence.next()});
}

void Client::on(const engine::AppliedEvents& notice) {
  for (const auto& event : notice.events) std::visit([this](const auto& held) { on_event(held); }, event);
  user_machine_->applied(notice.upto);
}

void Client::on_event(const coordination::UserCommand& event) { user_machine_->apply(event); }

// ---- Grants ----

void Client::await_grant(SessionId session, Sequence sequence, Waiter waiter) {
  waiters_[{session, sequence}] = std::move(waiter);
}

void Client::forget_waiter(SessionId session, Sequence sequence) { waiters_.erase({session, sequence}); }

void Client::on_event(const coordination::Granted& event) {
  if (event.resource.kind == coordination::ResourceKind::election) tell_observers(event.resource.name);
  const auto found = waiters_.find({event.grant.request.session, event.grant.request.sequence});
  if (found == waiters_.end()) return;
  auto waiter = std::move(found->second);
  waiters_.erase(found);
  waiter.on_granted(event);
}

void Client::on_event(const coordination::WaiterDropped& event) {
  const auto found = waiters_.find({event.request.session, event.request.sequence});
  if (found == waiters_.end()) return;
  auto waiter = std::move(found->second);
  waiters_.erase(found);
  if (waiter.on_dropped) waiter.on_dropped(coordination::to_string(event.cause));
}

std::shared_ptr<Grant> Client::adopt(const coordination::Granted& granted) {
  auto grant = std::make_shared<Grant>(weak_from_this(), host_,
                                       Grant::Facts{.resource = granted.resource,
                                                    .token = granted.grant.token,
                                                    .version = granted.grant.version,
                                                    .session = granted.grant.request.session},
                                       session_deadline_);
  held_[granted.grant.token] = {.grant = grant, .ended = {}, .end_timer = {}};
  return grant;
}

void Client::on_grant_ended(const std::shared_ptr<Grant>& grant, std::function<void(const Error&)> ended) {
  const auto found = held_.find(grant->facts().token);
  if (found != held_.end()) found->second.ended = std::move(ended);
}

void Client::drop(const std::shared_ptr<Grant>& grant) {
  const auto found = held_.find(grant->facts().token);
  if (found == held_.end()) return;
  host_->cancel_timer(found->second.end_timer);
  held_.erase(found);
}

void Client::end_grant(Token token, const Error& reason) {
  const auto found = held_.find(token);
  if (found == held_.end()) return;
  auto held = std::move(found->second);
  held_.erase(found);
  host_->cancel_timer(held.end_timer);
  held.grant->end(reason);
  if (held.ended) held.ended(reason);
}

void Client::on_event(const coordination::Ungranted& event) {
  if (event.resource.kind == coordination::ResourceKind::election) tell_observers(event.resource.name);
  end_grant(event.token, Error(errc::lock_lost, coordination::to_string(event.cause)));
}

void Client::on_event(const coordination::Ending& event) {
  const auto found = held_.find(event.token);
  if (found == held_.end()) return;
  // S5: the holder stops at once and gives the grant back, so that the next one need not wait for the deadline.
  const auto grant = found->second.grant;
  grant->end_soon();
  end_grant(event.token, Error(errc::lock_lost, coordination::to_string(event.cause)));
  submit(coordination::Release{.resource = event.resource, .token = event.token}, [](const auto&) {});
}

std::shared_ptr<Request> Client::acquire(const std::string& name, bool wait, AcquireOptions options, Done<Lock> done) {
  auto request = std::make_shared<Request>(shared_from_this(), name, wait, std::move(options), std::move(done));
  request->start();
  return request;
}

void Client::release(const std::shared_ptr<Grant>& grant, Done<void> done) {
  if (grant->ended()) return done(Error(errc::lock_lost, "the lock '" + grant->facts().resource.name + "' had ended"));
  grant->end(std::nullopt);
  give_back(grant, std::move(done));
}

void Client::give_back(const std::shared_ptr<Grant>& grant, Done<void> done) {
  drop(grant);
  submit(coordination::Release{.resource = grant->facts().resource, .token = grant->facts().token},
         [done = std::move(done)](const Result<coordination::Outcome>& outcome) { done(as_void(outcome)); });
}

void Client::revoke(coordination::ResourceName resource, Token token, Done<void> done) {
  when_session([this, resource = std::move(resource), token, done = std::move(done)]() mutable {
    submit(coordination::Revoke{.resource = std::move(resource), .token = token},
           [done = std::move(done)](const Result<coordination::Outcome>& outcome) { done(as_void(outcome)); });
  });
}

// ---- Elections ----

void Client::enter(const std::shared_ptr<Campaigning>& campaigning) { campaigns_.insert(campaigning); }

void Client::leave(const std::shared_ptr<Campaigning>& campaigning) { campaigns_.erase(campaigning); }

void Client::observe(const std::shared_ptr<Observing>& observing) {
  observers_.push_back(observing);
  observing->tell(leader_of(observing->election()));
}

void Client::unobserve(const Observing* observing) {
  std::erase_if(observers_, [observing](const auto& held) { return held.get() == observing; });
}

void Client::tell_observers(const std::string& election) {
  // The state already holds all that this batch of entries did: the observer hears of the newest leader, each once.
  for (const auto& observing : std::vector(observers_))
    if (observing->election() == election) observing->tell(leader_of(election));
}

std::optional<MemberId> Client::candidate(const std::string& election, const std::string& member_name) const {
  const auto* resource = host_->state().resource({.kind = coordination::ResourceKind::election, .name = election});
  if (!resource) return std::nullopt;
  for (const auto& waiter : resource->waiters)
    if (waiter.owner_name == member_name) return waiter.owner;
  return std::nullopt;
}

std::optional<Leader> Client::leader_of(const std::string& election) const {
  const auto* resource = host_->state().resource({.kind = coordination::ResourceKind::election, .name = election});
  if (!resource || !resource->holder) return std::nullopt;
  const auto& grant = *resource->holder;
  return Leader{.member = grant.owner, .member_name = grant.owner_name, .token = grant.token, .value = grant.value};
}

void Client::leader(const std::string& election, std::chrono::milliseconds timeout, Done<std::optional<Leader>> done) {
  read(Consistency::linearizable, timeout, {},
       [this, election, done = std::move(done)](const Result<ReadPoint>& point) {
         if (!point) return done(point.error());
         done(leader_of(election));
       });
}

// ---- User commands and reads ----

void Client::propose(Bytes command, ProposeOptions options, Done<Bytes> done) {
  if (!options_.state_machine)
    return done(Error(errc::not_supported, "this node was opened without Config::state_machine"));
  if (command.size() > command_bytes_max)
    return done(Error(errc::invalid_argument, "a command of " + std::to_string(command.size()) + " bytes; the limit is " +
                                                  std::to_string(command_bytes_max)));
  coordination::Apply op{.payload = Payload(std::move(command)), .guards = {}};
  for (auto& guard : options.locks)
    op.guards.push_back({.resource = {.kind = coordination::ResourceKind::lock, .name = guard.lock}, .token = guard.token});
  for (auto& guard : options.elections)
    op.guards.push_back(
        {.resource = {.kind = coordination::ResourceKind::election, .name = guard.election}, .token = guard.token});
  struct State {
    Done<Bytes> done;
    TimerId timer;
    bool sent{false};
  };
  auto state = std::make_shared<State>(std::move(done));
  const auto finish = [this, state](Result<Bytes> result) {
    if (!state->done) return;
    host_->cancel_timer(state->timer);
    std::exchange(state->done, {})(std::move(result));
  };
  state->timer = host_->set_timer(host_->now() + options.timeout, [state, finish] {
    if (state->sent)
      finish(Error(errc::outcome_unknown, "no answer in time; the command goes on"));
    else
      finish(Error(errc::timeout, "there was no session to send the command in"));
  });
  when_session([this, state, finish, op = std::move(op)]() mutable {
    if (!state->done) return;
    state->sent = true;
    submit(std::move(op), [finish](Result<coordination::Outcome> outcome) { finish(as_bytes(std::move(outcome))); });
  });
}

void Client::read(Consistency consistency, std::chrono::milliseconds timeout, std::function<void(const ReadPoint&)> body,
                  Done<ReadPoint> done) {
  if (stopped_) return done(*stopped_);
  const auto id = next_read_++;
  const auto timer = host_->set_timer(host_->now() + timeout, [this, id] {
    const auto found = reads_.find(id);
    if (found == reads_.end()) return;
    auto late = std::move(found->second.done);
    reads_.erase(found);
    late(Error(errc::timeout, "no majority confirmed the leader in time"));
  });
  reads_[id] = {.body = std::move(body), .done = std::move(done), .timer = timer};
  if (consistency == Consistency::linearizable) return host_->step(engine::AskRead{.id = id});
  const auto age = host_->staleness();
  finish_read(id, {.slot = user_machine_->given(),
                   .age = age ? std::chrono::ceil<std::chrono::milliseconds>(*age) : std::chrono::milliseconds::max()});
}

void Client::on(const engine::ReadReady& notice) {
  // The notice comes once the built-in state holds `slot`; the user's machine was given everything up to there before.
  finish_read(notice.id, {.slot = std::max(notice.slot, user_machine_->given()), .age = {}});
}

void Client::finish_read(std::uint64_t id, const ReadPoint& point) {
  const auto found = reads_.find(id);
  if (found == reads_.end()) return;
  if (!found->second.body) {
    auto reading = std::move(found->second);
    reads_.erase(found);
    host_->cancel_timer(reading.timer);
    return reading.done(point);
  }
  // Behind all that was given to the machine before, on its own thread.
  host_->run_state_machine([self = shared_from_this(), id, point, body = found->second.body] {
    body(point);
    self->host_->post([self, id, point] {
      const auto open = self->reads_.find(id);
      if (open == self->reads_.end()) return;
      auto reading = std::move(open->second);
      self->reads_.erase(open);
      self->host_->cancel_timer(reading.timer);
      reading.done(point);
    });
  });
}

// ---- The end ----

void Client::close(std::chrono::milliseconds timeout, Task done) {
  closing_ = true;
  for (const auto& campaigning : std::set(campaigns_)) campaigning->abandon();
  const auto session = session_;
  end_session(Error(errc::closed, "the node was closed"));
  for (auto& task : std::exchange(when_session_, {})) task();
  observers_.clear();
  if (!session) return done();
  struct State {
    Task done;
    TimerId timer;
  };
  auto state = std::make_shared<State>(std::move(done));
  const auto finish = [this, state] {
    if (!state->done) return;
    host_->cancel_timer(state->timer);
    std::exchange(state->done, {})();
  };
  state->timer = host_->set_timer(host_->now() + timeout, finish);
  last_session_ = session;
  on_session_closed_ = finish;
  host_->step(engine::CloseSession{.session = *session});
}

}  // namespace conclave::client
