// Sessions and commands, from the opening to the end: how notices of the engine find the calls that wait for them.
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
      user_machine_(std::make_unique<UserMachine>(options_.state_machine, host_,
                                                  [this](const Error& reason) { on(engine::Stopped{.reason = reason}); })) {}

Client::~Client() = default;

void Client::start() { open_session(); }

void Client::on_notice(const engine::Notice& notice) {
  std::visit([this](const auto& held) { on(held); }, notice);
}

// ---- Sessions ----

void Client::open_session() {
  if (over_) return;
  opening_ = host_->draw_uuid();
  host_->step(engine::OpenSession{.nonce = *opening_, .ttl = options_.session_ttl});
}

Client::WaitId Client::when_session(Task task) {
  if (session_ || over_) {
    task();
    return 0;
  }
  when_session_.emplace(next_wait_, std::move(task));
  return next_wait_++;
}

void Client::on(const engine::SessionReady& notice) {
  if (notice.nonce != opening_) return;
  opening_.reset();
  session_ = notice.session;
  session_deadline_ = notice.deadline;
  if (is_ready()) finish_ready({});
  for (auto& [wait, task] : std::exchange(when_session_, {})) task();
}

void Client::on(const engine::SessionExtended& notice) {
  if (notice.session != session_) return;
  session_deadline_ = notice.deadline;
  for (const auto token : notice.ending) surrender(token, Error(errc::lock_lost, "it is being taken away"));  // S5
  for (auto& [token, held] : held_) held.grant->extend(notice.deadline);
}

void Client::on(const engine::SessionOver& notice) {
  if (closing_ && notice.session == closing_->session) return finish_close();
  if (notice.session != session_) return;
  end_session(Error(errc::session_ended, notice.cause));
  open_session();
}

void Client::end_session(const Error& reason) {
  session_.reset();
  // Every grant first: nobody may believe in a lock while an answer is being told.
  for (auto& [token, held] : held_) held.grant->end(reason);
  for (auto& [token, held] : std::exchange(held_, {}))
    if (held.ended) held.ended(reason);
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
  if (is_ready()) return done({});
  if (const auto refused = refusal()) return done(*refused);
  const auto id = next_readying_++;
  const auto timer = host_->set_timer(host_->in(timeout), [this, id] {
    auto late = readying_.extract(id);
    if (late) late.mapped().done(Error(errc::not_ready, waiting_for_ ? waiting_for_->detail : "a session is being opened"));
  });
  readying_[id] = {.done = std::move(done), .timer = timer};
  if (waiting_for_) on(engine::Progress{.waiting_for = waiting_for_});
}

void Client::finish_ready(const Result<void>& result) {
  for (auto& [id, readying] : std::exchange(readying_, {})) {
    host_->cancel_timer(readying.timer);
    readying.done(result);
  }
}

void Client::on(const engine::Progress& notice) {
  waiting_for_ = notice.waiting_for;
  if (is_ready()) finish_ready({});
  // Waiting does not mend it.
  if (waiting_for_ && (*waiting_for_ == errc::founders_disagree || *waiting_for_ == errc::wrong_cluster)) finish_ready(*waiting_for_);
}

void Client::on(const engine::LeaderChanged&) {}

void Client::on(const engine::Stopped& notice) {
  // A code of its own: that the disk failed would say of a request under way that nothing happened.
  if (!over_) end_all(notice.reason == errc::stopped ? notice.reason : Error(errc::stopped, notice.reason.message()));
  finish_close();
  host_->stop(notice.reason);
}

// ---- Commands ----

std::optional<Error> Client::refusal() const {
  if (over_) return over_;
  const auto waiting = tickets_.size() + commands_.size() + when_session_.size() + readying_.size() + reads_.size();
  if (waiting < options_.pending_calls_max) return std::nullopt;
  return Error(errc::overloaded, "Limits::pending_calls_max: " + std::to_string(waiting) + " calls wait for an answer already");
}

void Client::submit(coordination::Op op, OnOutcome outcome, OnNumber numbered) {
  if (const auto refused = refusal(); refused && (over_ || !coordination::gives_back(op))) return outcome(*refused);
  if (!session_) return outcome(Error(errc::not_ready, "there is no session at this moment"));
  const auto ticket = next_ticket_++;
  tickets_[ticket] = {.outcome = std::move(outcome), .numbered = std::move(numbered)};
  host_->step(engine::Submit{.ticket = ticket, .session = *session_, .op = std::move(op)});
}

void Client::submit_within(std::chrono::milliseconds timeout, coordination::Op op, OnOutcome outcome) {
  if (const auto refused = refusal()) return outcome(*refused);
  struct State {
    OnOutcome outcome;
    TimerId timer;
    WaitId wait{0};
    bool sent{false};
  };
  auto state = std::make_shared<State>(std::move(outcome));
  const auto finish = [this, state](Result<coordination::Outcome> result) {
    if (!state->outcome) return;
    host_->cancel_timer(state->timer);
    forget_wait(state->wait);
    std::exchange(state->outcome, {})(std::move(result));
  };
  state->timer = host_->set_timer(host_->in(timeout), [state, finish] {
    if (state->sent)
      finish(Error(errc::outcome_unknown, "no answer in time; the command goes on"));
    else
      finish(Error(errc::timeout, "there was no session to send the command in"));
  });
  state->wait = when_session([this, state, finish, op = std::move(op)]() mutable {
    if (!state->outcome) return;
    state->sent = true;
    submit(std::move(op), finish);
  });
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

void Client::on(const engine::SnapshotWanted&) { user_machine_->snapshot(); }

// ---- The end ----

void Client::end_all(const Error& reason) {
  over_ = reason;
  told_over_.store(true, std::memory_order_release);
  for (const auto& campaigning : std::set(campaigns_)) campaigning->abandon();
  end_session(reason);
  for (auto& [wait, task] : std::exchange(when_session_, {})) task();
  finish_ready(reason);
  for (const auto& [id, reading] : std::map(reads_)) give_up_read(id, reason);
  observers_.clear();
}

void Client::abandon() {
  if (!over_) end_all(Error(errc::closed, "its process has ended"));
  tickets_.clear();
  commands_.clear();
  waiters_.clear();
  held_.clear();
  reads_.clear();
  for (const auto& campaigning : std::exchange(campaigns_, {})) campaigning->let_go();
  bodies_.clear();
  closing_.reset();
}

void Client::close(std::chrono::milliseconds timeout, Task done) {
  const auto session = session_;
  if (!over_) end_all(Error(errc::closed, "the node was closed"));
  if (!session) return done();
  const auto timer = host_->set_timer(host_->in(timeout), [this] { finish_close(); });
  closing_ = {.session = *session, .done = std::move(done), .timer = timer};
  // Behind the stop tokens, as in `surrender`.
  host_->signal([self = shared_from_this()] {
    self->host_->post([self] {
      if (self->closing_) self->closing_->signalled = true;
      self->close_session();
    });
  });
}

void Client::close_session() {
  if (!closing_ || !closing_->signalled || closing_->asked || !campaigns_.empty() || !bodies_.empty()) return;
  closing_->asked = true;
  host_->step(engine::CloseSession{.session = closing_->session});
}

void Client::finish_close() {
  if (!closing_) return;
  const auto closing = *std::exchange(closing_, std::nullopt);
  host_->cancel_timer(closing.timer);
  closing.done();
}

}  // namespace conclave::client
