#include "sim/workload.hpp"

#include <algorithm>
#include <utility>

namespace conclave::sim {

namespace {

/// So long a machine goes on to ask though it knows of no leader, and though an answer is due.
constexpr BootClock::duration leaderless_patience = std::chrono::milliseconds(200);
constexpr BootClock::duration answer_patience = std::chrono::milliseconds(20);

bool lines_up(std::string_view call) { return call == "acquire" || call == "guard-write" || call == "guard-old"; }

}  // namespace

Workload::Workload(World& world, HistoryRecorder& recorder) : world_(world), recorder_(recorder) {
  world_.watch(*this);
  for (const auto& name : world_.names())
    if (world_.runs(name)) lives_[name] = 1;
}

Workload::~Workload() { world_.unwatch(*this); }

void Workload::prepare(Machine& machine) {
  machine.make_state_machine = [] { return std::make_shared<App>(); };
}

void Workload::perform(const Words& words) {
  static const std::map<std::string_view, Perform> performers{
      {"acquire", &Workload::acquire},
      {"try", &Workload::try_acquire},
      {"acquire-and-die", &Workload::acquire_and_die},
      {"revoke", &Workload::revoke},
      {"campaign", &Workload::campaign},
      {"resign", &Workload::resign},
      {"hand-over", &Workload::hand_over},
      {"observe", &Workload::observe},
      {"write", &Workload::write},
      {"cas", &Workload::cas},
      {"read", &Workload::read},
      {"stale-read", &Workload::stale_read},
      {"apply", &Workload::apply},
      {"guard-write", &Workload::guard_write},
      {"guard-old", &Workload::guard_old},
      {"guard-read", &Workload::guard_read},
      {"status", &Workload::status},
      {"ready", &Workload::ready},
      {"close", &Workload::close},
  };
  const auto node = world_.meant(words[0]);
  // A stopped process calls nothing, and what is closing takes no call.
  if (!node || !world_.runs(*node) || world_.process(*node).paused()) return;
  const auto leaderless = leaderless_.find(*node);
  if (leaderless != leaderless_.end() && world_.now() - leaderless->second > leaderless_patience) return;
  if (!world_.client(*node).session() || busy(*node, lines_up(words[1]))) return;
  (this->*performers.at(words[1]))(*node, Arguments(words).subspan(2));
}

// Who stands in line for a lock may do something else meanwhile, but stands in no other line, nor in one of half the cluster
// (unless all asked at the same time).
bool Workload::busy(const std::string& node, bool lines_up) const {
  std::size_t in_line = 0;
  for (const auto& [id, call] : open_) {
    if (!call.recorded) continue;
    if (call.in_line && world_.now() > call.since) ++in_line;
    if (call.node != node) continue;
    if (call.in_line ? lines_up && world_.now() > call.since : world_.now() - call.since > answer_patience) return true;
  }
  return lines_up && 2 * in_line >= world_.names().size();
}

std::size_t Workload::open() const {
  std::size_t count = 0;
  for (const auto& node : world_.names()) count += open(node);
  return count;
}

std::size_t Workload::open(const std::string& node) const {
  const auto asked = std::ranges::count_if(open_, [&](const auto& call) { return call.second.node == node; });
  const auto again = recounts_.find(node);
  const bool counts = again != recounts_.end() && world_.runs(node);
  return static_cast<std::size_t>(asked) + (counts ? again->second.size() : 0);
}

// ---- Lives ----

void Workload::on_life_begun(const std::string& node, std::uint64_t life) {
  lives_[node] = life;
  leaderless_.try_emplace(node, world_.now());
}

void Workload::on_life_ended(const std::string& node, Ending) {
  ++lives_[node];  // what waits for this life finds another
  recounting_.erase(node);
  std::erase_if(candidacies_, [&](const auto& entry) { return entry.first.first == node; });
  for (auto place = open_.begin(); place != open_.end();) {
    const auto& [id, call] = *place;
    if (call.node != node) {
      ++place;
      continue;
    }
    if (!call.cmd.empty()) recounts_[node].emplace_back(call.key, call.cmd);
    // A read has no effect, whether it was answered or not.
    if (call.recorded) recorder_.answer({.id = id, .status = call.reads ? Status::fail : Status::lost});
    place = open_.erase(place);
  }
}

// A request that waits is asked for again in the next session.
void Workload::on_notice(const std::string& node, const engine::Notice& notice) {
  if (const auto* changed = std::get_if<engine::LeaderChanged>(&notice)) {
    if (changed->leader)
      leaderless_.erase(node);
    else
      leaderless_.try_emplace(node, world_.now());
    return;
  }
  const auto* over = std::get_if<engine::SessionOver>(&notice);
  const auto* ready = std::get_if<engine::SessionReady>(&notice);
  if (!over && !ready) return;
  if (ready) recount(node);
  for (const auto& [id, call] : open_) {
    if (call.node != node || !call.in_line) continue;
    if (ready)
      recorder_.change_session(id, sim::name(ready->session));
    else
      recorder_.left_behind({.at = call.since.time_since_epoch(),
                             .client = node,
                             .object = {.kind = Kind::lock, .key = call.lock},
                             .op = Op::acquire,
                             .session = sim::name(over->session)});
  }
}

// ---- For all calls ----

std::string Workload::session_of(const std::string& node) {
  const auto session = world_.client(node).session();
  return session ? sim::name(*session) : "-";
}

void Workload::later(const std::string& node, BootClock::duration wait, std::function<void()> task) {
  world_.timeline().after(wait, [this, node, life = lives_[node], task = std::move(task)]() mutable {
    if (lives_[node] == life) world_.process(node).post(std::move(task));
  });
}

std::string Workload::fresh_name(const std::string& node) {
  auto& [at, many] = named_[node];
  many = at == world_.now() ? many + 1 : 0;
  at = world_.now();
  return node + '-' + std::to_string(at.time_since_epoch().count()) + (many > 0 ? '-' + std::to_string(many) : "");
}

std::uint64_t Workload::begin(Call call) {
  const auto id = recorder_.next_id();
  open_[id] = {.node = call.client,
               .since = world_.now(),
               .recorded = true,
               .reads = call.op == Op::read,
               .in_line = false,
               .lock = call.object.kind == Kind::lock ? call.object.key : std::string(),
               .key = call.object.kind == Kind::once ? call.object.key : std::string(),
               .cmd = call.cmd.value_or("")};
  call.id = id;
  recorder_.call(std::move(call));
  return id;
}

std::uint64_t Workload::begin(const std::string& node) {
  const auto id = recorder_.next_id();
  open_[id] = {.node = node, .since = world_.now(), .recorded = false};
  return id;
}

void Workload::answer(std::uint64_t id, Return result) {
  if (open_.erase(id) == 0) return;
  result.id = id;
  recorder_.answer(std::move(result));
}

}  // namespace conclave::sim
