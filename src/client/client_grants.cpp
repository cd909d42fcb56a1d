// Grants, and who waits for one: from the log to the handles and back.
#include <algorithm>
#include <utility>

#include "client/campaigning.hpp"
#include "client/client.hpp"
#include "client/names.hpp"
#include "client/observing.hpp"
#include "client/outcome.hpp"
#include "client/request.hpp"
#include "client/user_machine.hpp"

namespace conclave::client {
namespace {

Error lost_by(coordination::Cause cause) { return {errc::lock_lost, coordination::to_string(cause)}; }

Leader leader_by(const coordination::Grant& grant) {
  return {.member = grant.owner, .member_name = grant.owner_name, .token = grant.token, .value = grant.value};
}

}  // namespace

// ---- Who waits ----

void Client::await_grant(SessionId session, Sequence sequence, Waiter waiter) {
  waiters_[{session, sequence}] = std::move(waiter);
}

void Client::forget_waiter(SessionId session, Sequence sequence) { waiters_.erase({session, sequence}); }

void Client::give_grant(const coordination::ResourceName& resource, const coordination::Grant& grant) {
  auto waiter = waiters_.extract({grant.request.session, grant.request.sequence});
  if (waiter) waiter.mapped().on_granted({.resource = resource, .grant = grant});
}

void Client::drop_waiter(const RequestKey& request, const std::string& cause) {
  auto waiter = waiters_.extract(request);
  if (waiter && waiter.mapped().on_dropped) waiter.mapped().on_dropped(cause);
}

void Client::on_event(const coordination::Granted& event) {
  if (event.resource.kind == coordination::ResourceKind::election) tell_observers(event.resource.name, leader_by(event.grant));
  give_grant(event.resource, event.grant);
}

void Client::on_event(const coordination::WaiterDropped& event) {
  drop_waiter({event.request.session, event.request.sequence}, coordination::to_string(event.cause));
}

// ---- What is held ----

std::shared_ptr<Grant> Client::adopt(const coordination::Granted& granted) {
  auto grant = std::make_shared<Grant>(weak_from_this(), host_,
                                       Grant::Facts{.resource = granted.resource,
                                                    .token = granted.grant.token,
                                                    .version = granted.grant.version,
                                                    .session = granted.grant.request.session},
                                       session_deadline_);
  held_[granted.grant.token] = {.grant = grant, .ended = {}};
  return grant;
}

void Client::on_grant_ended(const std::shared_ptr<Grant>& grant, std::function<void(const Error&)> ended) {
  const auto found = held_.find(grant->facts().token);
  if (found != held_.end()) found->second.ended = std::move(ended);
}

void Client::drop(const std::shared_ptr<Grant>& grant) { held_.erase(grant->facts().token); }

void Client::end_grant(Token token, const Error& reason) {
  auto held = held_.extract(token);
  if (!held) return;
  held.mapped().grant->end(reason);
  if (held.mapped().ended) held.mapped().ended(reason);
}

// S5: the holder stops at once and gives the grant back, so that the next one need not wait for the deadline.
void Client::surrender(Token token, const Error& reason) {
  const auto found = held_.find(token);
  if (found == held_.end()) return;
  const auto grant = found->second.grant;
  const bool given_back_elsewhere = found->second.ended != nullptr;
  end_grant(token, reason);
  if (given_back_elsewhere) return;
  // Behind the stop token: it has fired before anybody else holds the lock.
  host_->signal([self = shared_from_this(), grant] {
    self->host_->post([self, grant] { self->give_back(grant, [](const auto&) {}); });
  });
}

void Client::on_event(const coordination::Ungranted& event) {
  if (event.resource.kind == coordination::ResourceKind::election) tell_observers(event.resource.name, std::nullopt);
  end_grant(event.token, lost_by(event.cause));
}

void Client::on_event(const coordination::Ending& event) { surrender(event.token, lost_by(event.cause)); }

// ---- A gap in what was seen ----

void Client::on(const engine::StateReplaced& notice) {
  const auto& state = host_->state();
  user_machine_->replaced(notice.slot, notice.user);
  for (const auto& observing : std::vector(observers_)) observing->tell(leader_of(observing->election()));
  // A session that is over is told of by itself, and all that hung on it with it.
  if (!session_ || !state.session(*session_)) return;
  check_grants(state);
  for (const auto& [key, command] : std::map(commands_))
    if (auto outcome = state.answer(key.first, key.second))
      on_event(coordination::Answered{.session = key.first, .sequence = key.second, .outcome = *outcome});
  check_waiters(state);
}

void Client::check_grants(const coordination::State& state) {
  for (const auto& [token, held] : std::map(held_)) {
    const auto* resource = state.resource(held.grant->facts().resource);
    const auto* current = resource && resource->holder && resource->holder->token == token ? &*resource->holder : nullptr;
    if (current && current->ending) surrender(token, lost_by(*current->ending));
    if (current) continue;
    const auto* loss = state.loss_of(token);
    end_grant(token, loss ? lost_by(loss->cause) : Error(errc::lock_lost, "it ended while this node was cut off"));
  }
}

void Client::check_waiters(const coordination::State& state) {
  for (const auto& [key, waiter] : std::map(waiters_)) {
    const coordination::RequestId request{key.first, key.second};
    if (const auto* grant = state.grant_of(request)) {
      give_grant(waiter.resource, *grant);
      if (grant->ending) surrender(grant->token, lost_by(*grant->ending));
    } else if (!state.is_waiting(request) && state.next_sequence(key.first) > key.second) {
      drop_waiter(key, "it left the queue while this node was cut off");
    }
  }
}

// ---- Calls ----

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
  const auto& facts = grant->facts();
  if (session_ != facts.session) return done(Error(errc::lock_lost, "its session had ended"));
  submit(coordination::Release{.resource = facts.resource, .token = facts.token},
         [done = std::move(done)](const Result<coordination::Outcome>& outcome) {
           auto result = as_void(outcome);
           if (!result && result.error() == errc::not_owner) result = Error(errc::lock_lost, "it had been taken away");
           done(std::move(result));
         });
}

void Client::begin_body(const Lock& lock) {
  bodies_.insert(grant_of(lock));
  on_grant_ended(grant_of(lock), [](const Error&) {});  // `end_body` gives it back
}

void Client::end_body(const std::shared_ptr<Grant>& grant, Done<void> done) {
  bodies_.erase(grant);
  close_session();
  if (!grant->ended()) return release(grant, std::move(done));
  give_back(grant, [given_up = grant->given_up(), name = grant->facts().resource.name,
                    done = std::move(done)](const Result<void>& result) {
    // The body's own release went ahead of this one, which found nothing left to do.
    if (given_up) return done(result || result.error() == errc::lock_lost ? Result<void>() : result);
    done(Error(errc::lock_lost, "the lock '" + name + "' ended before the body did"));
  });
}

void Client::revoke(coordination::ResourceName resource, Token token, Done<void> done) {
  submit(coordination::Revoke{.resource = std::move(resource), .token = token},
         [done = std::move(done)](const Result<coordination::Outcome>& outcome) { done(as_void(outcome)); });
}

void Client::revoke_lock(const std::string& name, Token token, std::chrono::milliseconds timeout, Done<void> done) {
  if (auto valid = check_resource(name, {}); !valid) return done(valid.error());
  submit_within(timeout,
                coordination::Revoke{.resource = {.kind = coordination::ResourceKind::lock, .name = name}, .token = token},
                [done = std::move(done)](const Result<coordination::Outcome>& outcome) { done(as_void(outcome)); });
}

// ---- Elections ----

void Client::enter(const std::shared_ptr<Campaigning>& campaigning) { campaigns_.insert(campaigning); }

void Client::leave(const std::shared_ptr<Campaigning>& campaigning) {
  campaigns_.erase(campaigning);
  close_session();
}

void Client::observe(const std::shared_ptr<Observing>& observing) {
  if (over_) return;
  observers_.push_back(observing);
  observing->tell(leader_of(observing->election()));
}

void Client::unobserve(const Observing* observing) {
  std::erase_if(observers_, [observing](const auto& held) { return held.get() == observing; });
}

void Client::tell_observers(const std::string& election, const std::optional<Leader>& leader) {
  // By the events, not by the state: that holds all which this batch of entries did, and batches differ from node to node.
  for (const auto& observing : std::vector(observers_))
    if (observing->election() == election) observing->tell(leader);
}

Result<MemberId> Client::candidate(const std::string& election, const std::string& member_name) const {
  std::optional<MemberId> found;
  if (const auto* resource = host_->state().resource({.kind = coordination::ResourceKind::election, .name = election}))
    for (const auto& waiter : resource->waiters) {
      if (waiter.owner_name != member_name) continue;
      if (found.value_or(waiter.owner) != waiter.owner)
        return Error(errc::invalid_argument, "candidates of two members called '" + member_name + "' wait for '" + election +
                                                 "': " + found->to_string() + " and " + waiter.owner.to_string());
      found = waiter.owner;
    }
  if (found) return *found;
  return Error(errc::not_found, "no candidate of member '" + member_name + "' waits for '" + election + "'");
}

std::optional<Leader> Client::leader_of(const std::string& election) const {
  const auto* resource = host_->state().resource({.kind = coordination::ResourceKind::election, .name = election});
  if (!resource || !resource->holder) return std::nullopt;
  return leader_by(*resource->holder);
}

void Client::leader(const std::string& election, std::chrono::milliseconds timeout, Done<std::optional<Leader>> done) {
  read(Consistency::linearizable, timeout, {},
       [this, election, done = std::move(done)](const Result<ReadPoint>& point) {
         if (!point) return done(point.error());
         done(leader_of(election));
       });
}

}  // namespace conclave::client
