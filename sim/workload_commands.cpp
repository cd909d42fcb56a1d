// Commands for the user's state machine, reads of it, and questions to the node.
#include <algorithm>
#include <utility>

#include "client/blocking.hpp"
#include "sim/workload.hpp"

namespace conclave::sim {
namespace {

constexpr std::chrono::milliseconds read_patience = std::chrono::seconds(5);
/// How old a stale read may be and still be matched against the history: a longer one says next to nothing.
constexpr std::chrono::milliseconds age_max = std::chrono::seconds(5);
/// Before a command of unknown outcome is sent again.
constexpr BootClock::duration retry_wait = std::chrono::milliseconds(20);

std::optional<App::Answer> parse(const Result<Bytes>& result) { return result ? App::parse(*result) : std::nullopt; }

Status outcome_of(const Result<Bytes>& result) {
  if (!result) return sim::status_of(result.error());  // an Error is a Result, too
  const auto said = parse(result);
  return said && said->done ? Status::ok : Status::no;
}

}  // namespace

void Workload::propose(const std::string& node, Bytes command, ProposeOptions options, std::function<void(Result<Bytes>)> done) {
  const auto host = process(node);
  host->post([client = host->client(), command = std::move(command), options = std::move(options),
              done = client::on_executor<Bytes>(host, std::move(done))]() mutable {
    client->propose(std::move(command), std::move(options), std::move(done));
  });
}

// A client that is told nothing, or not enough, asks again with the same id: the state machine's own table says what became of
// the command. Its life ends the asking.
void Workload::insist(const std::string& node, const Command& command, unsigned attempt) {
  const auto tag = std::to_string(lives_[node]) + '.' + std::to_string(attempt);
  ProposeOptions options;
  options.locks = command.locks;
  propose(node, App::once(command.id, tag, command.bytes), std::move(options), [this, node, command, attempt](const Result<Bytes>& result) {
    const bool gone = !result && (result.error() == errc::closed || result.error() == errc::stopped);
    const auto status = outcome_of(result);
    // That a later attempt had no effect says nothing of those before.
    const bool unknown = status == Status::lost || (status == Status::fail && attempt > 1);
    if (!unknown) return command.done(result, status);
    // Nor will its lock come back.
    if (gone || (!result && result.error() == errc::guard_failed)) return command.done(result, Status::lost);
    later(node, retry_wait, [this, node, command, attempt] { insist(node, command, attempt + 1); });
  });
}

void Workload::read_app(const std::string& node, Consistency consistency, std::function<void(const App&)> look,
                        std::function<void(Result<ReadPoint>)> done) {
  const auto host = process(node);
  auto body = [app = std::static_pointer_cast<App>(world_.machine(node).config.state_machine), look = std::move(look)](
                  const ReadPoint&) { look(*app); };
  host->post([client = host->client(), consistency, body = std::move(body),
              done = client::on_executor<ReadPoint>(host, std::move(done))]() mutable {
    client->read(consistency, read_patience, std::move(body), std::move(done));
  });
}

// ---- Registers ----

void Workload::write(const std::string& node, Arguments arguments) {
  const auto id = begin({.client = node, .object = {.kind = Kind::reg, .key = arguments[0]}, .op = Op::write, .value = arguments[1]});
  insist(node, {.id = 'w' + fresh_name(node),
                .bytes = App::write(arguments[0], arguments[1]),
                .done = [this, id](const Result<Bytes>&, Status status) { answer(id, {.status = status}); }});
}

void Workload::cas(const std::string& node, Arguments arguments) {
  const auto old = arguments[1] == "-" ? std::nullopt : std::optional(arguments[1]);
  const auto id =
      begin({.client = node, .object = {.kind = Kind::reg, .key = arguments[0]}, .op = Op::cas, .old = old, .value = arguments[2]});
  insist(node, {.id = 'w' + fresh_name(node),
                .bytes = App::cas(arguments[0], old, arguments[2]),
                .done = [this, id](const Result<Bytes>&, Status status) { answer(id, {.status = status}); }});
}

void Workload::read(const std::string& node, Arguments arguments) { read_object(node, Kind::reg, arguments[0]); }
void Workload::guard_read(const std::string& node, Arguments arguments) { read_object(node, Kind::guard, arguments[0]); }

void Workload::read_object(const std::string& node, Kind kind, const std::string& key) {
  const auto id = begin({.client = node, .object = {.kind = kind, .key = key}, .op = Op::read});
  auto seen = std::make_shared<std::optional<std::string>>();
  const auto known = newest_known();
  read_app(
      node, Consistency::linearizable,
      [seen, kind, key](const App& app) { *seen = kind == Kind::reg ? app.value(key) : app.guarded_value(key); },
      // A read that was not answered has no effect, whatever became of it.
      [this, node, id, seen, known](const Result<ReadPoint>& point) {
        answer(id, point ? Return{.status = Status::ok, .value = *seen} : Return{.status = Status::fail});
        if (point && point->slot < known)
          complaints_.push_back(node + ": a linearizable read saw slot " + std::to_string(point->slot.value) + ", and slot " +
                                std::to_string(known.value) + " was known to be chosen when it was asked (R1)");
      });
}

Slot Workload::newest_known() {
  Slot newest;
  for (const auto& name : world_.names())
    if (world_.runs(name) && world_.engine(name).replica()) newest = std::max(newest, world_.engine(name).replica()->watermark());
  return newest;
}

// A state that is `age` old at most was the newest at some time since then: so it stands in the history as a read that began
// at that time.
void Workload::stale_read(const std::string& node, Arguments arguments) {
  const auto id = begin(node);
  struct Seen {
    std::optional<std::string> value;
    Instant at;
  };
  auto seen = std::make_shared<Seen>();
  const auto asked = world_.machine(node).clock.at(world_.now());
  read_app(
      node, Consistency::stale, [seen, key = arguments[0], this](const App& app) { *seen = {app.value(key), world_.now()}; },
      [this, id, node, seen, asked, key = arguments[0]](const Result<ReadPoint>& point) {
        finish(id);
        if (!point || point->age > age_max) return;
        const auto since = recorder_.truth_of(node, asked - point->age);
        const auto read = recorder_.next_id();
        recorder_.call(
            {.at = since, .id = read, .client = node, .object = {.kind = Kind::reg, .key = key}, .op = Op::read});
        recorder_.answer({.at = seen->at.time_since_epoch(), .id = read, .status = Status::ok, .value = seen->value});
      });
}

// ---- Counters ----

void Workload::apply(const std::string& node, Arguments arguments) {
  count(node, arguments[0], 'c' + fresh_name(node));
}

void Workload::count(const std::string& node, const std::string& key, const std::string& cmd) {
  const auto id = begin({.client = node, .object = {.kind = Kind::once, .key = key}, .op = Op::apply, .cmd = cmd});
  const auto done = [this, id, node, key, cmd](const Result<Bytes>& result, Status status) {
    const auto said = parse(result);
    answer(id, {.status = status, .n = said ? std::optional(said->n) : std::nullopt});
    if (const auto again = recounting_.find(node); again != recounting_.end() && again->second == cmd) recounting_.erase(again);
    // Its node has stopped: the next life asks.
    if (status == Status::lost) return (void)recounts_[node].emplace_back(key, cmd);
    if (!recounts_[node].empty()) later(node, retry_wait, [this, node] { recount(node); });
  };
  insist(node, {.id = cmd, .bytes = App::count(key), .done = done});
}

// What the life before asked and did not hear the end of. One at a time, for calls that all overlap can have had any order.
void Workload::recount(const std::string& node) {
  auto& waiting = recounts_[node];
  if (waiting.empty() || recounting_.contains(node)) return;
  const auto [key, cmd] = waiting.front();
  waiting.pop_front();
  recounting_[node] = cmd;
  count(node, key, cmd);
}

// ---- The node itself ----

void Workload::status(const std::string& node, Arguments) {
  const auto id = begin(node);
  const auto host = process(node);
  host->post([this, host = host.get(), node, id] {
    if (host->status().self_name != node) complaints_.push_back(node + ": its status is that of another node");
    finish(id);
  });
}

void Workload::ready(const std::string& node, Arguments arguments) {
  const auto id = begin(node);
  const auto host = process(node);
  const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(*parse_duration(arguments[0]));
  host->post([client = host->client(), patience,
              done = client::on_executor<void>(host, [this, id](const Result<void>&) { finish(id); })] {
    client->ready(patience, done);
  });
}

void Workload::close(const std::string& node, Arguments) { world_.close(node); }

}  // namespace conclave::sim
