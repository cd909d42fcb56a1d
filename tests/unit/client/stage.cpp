#include "unit/client/stage.hpp"

#include <algorithm>
#include <chrono>

namespace conclave::client {
namespace {

constexpr auto ttl = std::chrono::milliseconds(4000);
const Uuid other_nonce{.bytes = {0xff}};
const coordination::Term term{.round = 1, .member = {}};

}  // namespace

TimerId StageHost::set_timer(Instant at, Task task) {
  const auto timer = next_timer_;
  ++next_timer_;
  timers_[timer] = {at, std::move(task)};
  return timer;
}

StageHost::StageHost() {
  std::vector<coordination::Event> events;
  state_.term_start(Slot{1}, {}, term, events);
}

Uuid StageHost::draw_uuid() {
  Uuid id;
  id.bytes[0] = next_uuid_++;
  return id;
}

// ---- The engine's part ----

void StageHost::step(engine::Event event) {
  // Like the driver: what a notice leads to waits for the end of its step.
  events_.push_back(std::move(event));
  if (std::exchange(stepping_, true)) return;
  while (!events_.empty()) {
    auto next = std::move(events_.front());
    events_.pop_front();
    take(next);
  }
  stepping_ = false;
}

void StageHost::take(engine::Event& event) {
  if (const auto* open = std::get_if<engine::OpenSession>(&event)) {
    chosen_next_.emplace_back(
        coordination::OpenSession{.nonce = open->nonce, .owner = {}, .owner_name = "me", .ttl = open->ttl});
  } else if (auto* submit = std::get_if<engine::Submit>(&event)) {
    const auto sequence = ++numbers_[submit->session];
    chosen_next_.emplace_back(coordination::Submission{
        .session = submit->session, .sequence = sequence, .answered_below = Sequence{1}, .op = std::move(submit->op)});
    tell(engine::Numbered{.ticket = submit->ticket, .sequence = sequence});
  } else if (const auto* close = std::get_if<engine::CloseSession>(&event)) {
    chosen_next_.emplace_back(coordination::Submission{.session = close->session,
                                                       .sequence = ++numbers_[close->session],
                                                       .answered_below = Sequence{1},
                                                       .op = coordination::CloseSession{}});
  } else if (auto* results = std::get_if<engine::UserResults>(&event)) {
    std::vector<coordination::Event> events;
    for (auto& item : results->items) state_.user_result(item.session, item.sequence, std::move(item.result), events);
    publish(std::move(events));
  }
}

void StageHost::tell(const engine::Notice& notice) {
  const bool nested = std::exchange(stepping_, true);
  if (const auto node = client.lock()) node->on_notice(notice);
  stepping_ = nested;
  if (nested || events_.empty()) return;
  auto next = std::move(events_.front());
  events_.pop_front();
  step(std::move(next));
}

void StageHost::apply(const coordination::Command& command, std::vector<coordination::Event>& events) {
  state_.apply(state_.applied().next(), {}, command, events);
}

void StageHost::publish(std::vector<coordination::Event> events) {
  if (away_) return;
  for (const auto& event : events)
    if (const auto* opened = std::get_if<coordination::SessionOpened>(&event); opened && opened->nonce != other_nonce)
      tell(engine::SessionReady{.nonce = opened->nonce, .session = opened->session, .deadline = now_ + ttl});
  tell(engine::AppliedEvents{.upto = state_.applied(), .events = events});
  for (const auto& event : events)
    if (const auto* ended = std::get_if<coordination::SessionEnded>(&event))
      tell(engine::SessionOver{.session = ended->session, .cause = coordination::to_string(ended->cause)});
}

// ---- The test's part ----

void StageHost::choose_one() {
  std::vector<coordination::Event> events;
  apply(chosen_next_.front(), events);
  chosen_next_.pop_front();
  publish(std::move(events));
}

void StageHost::choose() {
  std::vector<coordination::Event> events;
  for (const auto& command : std::exchange(chosen_next_, {})) apply(command, events);
  publish(std::move(events));
}

void StageHost::choose(coordination::Command command) {
  std::vector<coordination::Event> events;
  apply(command, events);
  publish(std::move(events));
}

SessionId StageHost::open_other() {
  choose(coordination::OpenSession{.nonce = other_nonce, .owner = MemberId{other_nonce}, .owner_name = "other", .ttl = ttl});
  return SessionId{state_.applied().value};
}

void StageHost::install() {
  away_ = false;
  tell(engine::StateReplaced{.slot = state_.applied(), .user = {}});
}

void StageHost::expire_session() {
  const auto session = *client.lock()->session();
  queue(coordination::Judgement{.term = term, .verdict = coordination::EndSessions{.sessions = {session}}});
  tell(engine::SessionOver{.session = session, .cause = "its deadline passed"});
}

void StageHost::end_session_in_log() {
  const auto session = *client.lock()->session();
  choose(coordination::Judgement{.term = term, .verdict = coordination::EndSessions{.sessions = {session}}});
}

void StageHost::end_grant(const std::string& lock, Token token) {
  choose(coordination::Judgement{
      .term = term,
      .verdict = coordination::Ended{.resource = {.kind = coordination::ResourceKind::lock, .name = lock}, .token = token}});
}

void StageHost::run(std::deque<Task>& tasks, Thread on) {
  const auto before = std::exchange(thread, on);
  // What they lead to waits for its turn.
  for (auto& task : std::exchange(tasks, {})) task();
  thread = before;
}

void StageHost::run_body() {
  auto [body, done] = std::move(bodies_.front());
  bodies_.pop_front();
  const auto before = std::exchange(thread, Thread::body);
  body();
  thread = before;
  post(std::move(done));
}

void StageHost::settle() {
  while (!loop_.empty() || !callbacks_.empty() || !signals_.empty() || !machine_.empty()) {
    run_loop();
    run_machine();
    run_signals();
    run_callbacks();
  }
}

void StageHost::advance(std::chrono::nanoseconds duration) {
  now_ += duration;
  for (;;) {
    const auto due = std::ranges::find_if(timers_, [this](const auto& timer) { return timer.second.first <= now_; });
    if (due == timers_.end()) return;
    auto task = std::move(due->second.second);
    timers_.erase(due);
    const auto before = std::exchange(thread, Thread::loop);
    task();
    thread = before;
  }
}

void StageHost::clear() {
  // What is destroyed may post again.
  for (int i = 0; i < 3; ++i) {
    std::exchange(loop_, {});
    std::exchange(callbacks_, {});
    std::exchange(signals_, {});
    std::exchange(machine_, {});
    std::exchange(bodies_, {});
    std::exchange(timers_, {});
  }
}

Stage::Stage(Client::Options options, bool with_session) : client(std::make_shared<Client>(std::move(options), host)) {
  host->client = client;
  client->start();
  if (with_session) settle();
}

void Stage::settle() {
  do {
    host->settle();
    if (host->commands() > 0) host->choose();
    host->settle();
  } while (host->commands() > 0);
}

}  // namespace conclave::client
