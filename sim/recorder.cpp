#include "sim/recorder.hpp"

#include <algorithm>
#include <utility>

#include "sim/recording/log_events.hpp"

namespace conclave::sim {

HistoryRecorder::HistoryRecorder(World& world, Options options)
    : world_(world),
      history_{.meta = {.drift_ppm = options.drift_ppm}, .events = {}},
      beliefs_(world, history_),
      log_([this](Event event) { history_.events.push_back(std::move(event)); }, [this] { return next_id(); }) {
  world_.watch(*this);
}

History HistoryRecorder::finish() {
  for (auto& [name, node] : nodes_)
    if (world_.runs(name)) node.recorder.finish(world_.engine(name));
  log_.finish();
  auto history = history_;
  put_in_order(history);
  return history;
}

HistoryRecorder::Node& HistoryRecorder::node(const std::string& name) {
  const auto found = nodes_.find(name);
  if (found != nodes_.end()) return found->second;
  const auto& timing = world_.machine(name).config.timing;
  NodeRecorder recorder(name, {.now = [this] { return now(); },
                               .past = [this, name](Instant reading) { return truth_of(name, reading); },
                               .future =
                                   [this, name](Instant reading) {
                                     return world_.machine(name).clock.when(reading, world_.now()).time_since_epoch();
                                   },
                               .write = [this](Event event) { write(std::move(event)); },
                               .session_ttl = timing.session_ttl,
                               .drift_ppm = timing.clock_drift_ppm});
  auto& made = nodes_.emplace(name, Node{.clock = {}, .recorder = std::move(recorder)}).first->second;
  made.clock.turned(world_.machine(name).clock, world_.now());
  return made;
}

TrueTime HistoryRecorder::truth_of(const std::string& name, Instant reading) {
  return std::min(node(name).clock.truth_of(reading).time_since_epoch(), now());
}

void HistoryRecorder::write(Event event) {
  history_.events.push_back(event);
  log_.see(event);
}

// ---- Calls ----

void HistoryRecorder::call(Call call) {
  if (call.at == TrueTime{}) call.at = now();
  if (call.op == Op::acquire) acquires_[call.id] = history_.events.size();
  write(std::move(call));
}

void HistoryRecorder::answer(Return answer) {
  if (answer.at == TrueTime{}) answer.at = now();
  acquires_.erase(answer.id);
  write(std::move(answer));
}

void HistoryRecorder::change_session(std::uint64_t id, const std::string& session) {
  const auto found = acquires_.find(id);
  if (found != acquires_.end()) std::get<Call>(history_.events[found->second]).session = session;
}

// ---- Lives and clocks ----

void HistoryRecorder::on_life_begun(const std::string& name, std::uint64_t life) { node(name).recorder.begin_life(life); }

void HistoryRecorder::on_life_ended(const std::string& name, Ending ending) {
  node(name).recorder.end_life(ending == Ending::closed);
  beliefs_.forget(name);
}

void HistoryRecorder::on_clock_changed(const std::string& name) {
  node(name).clock.turned(world_.machine(name).clock, world_.now());
  beliefs_.review(name);
}

// ---- Steps and notices ----

void HistoryRecorder::on_step(const std::string& name) { node(name).recorder.on_step(world_.engine(name)); }

void HistoryRecorder::on_notice(const std::string& name, const engine::Notice& notice) {
  if (std::holds_alternative<engine::SessionExtended>(notice)) beliefs_.review(name);
  node(name).recorder.on_notice(world_.engine(name), notice);
  const auto* applied = std::get_if<engine::AppliedEvents>(&notice);
  if (!applied || applied->upto <= seen_) return;
  seen_ = applied->upto;
  // What a batch repeats of what others have seen is known by its ids.
  for (const auto& event : applied->events) tell(log_, now(), event);
}

}  // namespace conclave::sim
