// Commands for the user's state machine, and reads of it.
#include <algorithm>
#include <utility>

#include <conclave/config.hpp>

#include "client/client.hpp"
#include "client/outcome.hpp"
#include "client/user_machine.hpp"
#include "coordination/limits.hpp"

namespace conclave::client {

void Client::propose(Bytes command, ProposeOptions options, Done<Bytes> done) {
  if (!options_.state_machine)
    return done(Error(errc::not_supported, "this node was opened without Config::state_machine"));
  if (command.size() > command_bytes_max)
    return done(Error(errc::invalid_argument, "a command of " + std::to_string(command.size()) + " bytes; the limit is " +
                                                  std::to_string(command_bytes_max)));
  if (options.locks.size() + options.elections.size() > coordination::guards_max)
    return done(Error(errc::invalid_argument, std::to_string(options.locks.size() + options.elections.size()) +
                                                  " guards; the limit is " + std::to_string(coordination::guards_max)));
  if (const auto refused = refusal()) return done(*refused);
  coordination::Apply op{.payload = Payload(std::move(command)), .guards = {}};
  for (auto& guard : options.locks)
    op.guards.push_back({.resource = {.kind = coordination::ResourceKind::lock, .name = guard.lock}, .token = guard.token});
  for (auto& guard : options.elections)
    op.guards.push_back(
        {.resource = {.kind = coordination::ResourceKind::election, .name = guard.election}, .token = guard.token});
  submit_within(options.timeout, std::move(op), [done = std::move(done)](Result<coordination::Outcome> outcome) {
    done(as_bytes(std::move(outcome)));
  });
}

void Client::read(Consistency consistency, std::chrono::milliseconds timeout, std::function<void(const ReadPoint&)> body,
                  Done<ReadPoint> done) {
  if (const auto refused = refusal()) return done(*refused);
  const auto id = next_read_++;
  const auto timer = host_->set_timer(host_->in(timeout), [this, id] {
    give_up_read(id, Error(errc::timeout, "no majority confirmed the leader in time, or the state machine was busy"));
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

std::optional<Client::Reading> Client::take_reading(std::uint64_t id) {
  auto reading = reads_.extract(id);
  if (!reading) return std::nullopt;
  host_->cancel_timer(reading.mapped().timer);
  return std::move(reading.mapped());
}

void Client::finish_read(std::uint64_t id, const ReadPoint& point) {
  const auto found = reads_.find(id);
  if (found == reads_.end()) return;
  if (!found->second.body) return take_reading(id)->done(point);
  // Behind all that was given to the machine before, on its own thread.
  host_->run_state_machine([self = shared_from_this(), id, point, body = found->second.body, fate = found->second.fate] {
    auto expected = BodyFate::open;
    if (!fate->compare_exchange_strong(expected, BodyFate::runs)) return;
    body(point);
    self->host_->post([self, id, point] {
      if (const auto reading = self->take_reading(id)) reading->done(point);
    });
  });
}

void Client::give_up_read(std::uint64_t id, const Error& reason) {
  const auto found = reads_.find(id);
  if (found == reads_.end()) return;
  auto expected = BodyFate::open;
  if (!found->second.fate->compare_exchange_strong(expected, BodyFate::never)) return;
  take_reading(id)->done(reason);
}

}  // namespace conclave::client
