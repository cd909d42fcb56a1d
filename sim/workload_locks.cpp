// Locks, and what they guard.
#include <utility>

#include "client/blocking.hpp"
#include "sim/workload.hpp"

namespace conclave::sim {
namespace {

/// How long whoever asks for a lock in order to use its token waits, and holds it.
constexpr BootClock::duration guard_patience = std::chrono::seconds(5);
constexpr BootClock::duration guard_hold = std::chrono::milliseconds(50);
/// How long an old token is kept before it is used once more: meanwhile others write.
constexpr BootClock::duration old_wait = std::chrono::milliseconds(300);

std::chrono::milliseconds milliseconds(BootClock::duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration);
}

BeliefKeeper::Subject holding(const std::string& node, const Lock& lock) { return {node, lock.name(), number(lock.token())}; }

}  // namespace

void Workload::acquire(const std::string& node, Arguments arguments) {
  take(node, arguments[0],
       {.wait = true,
        .patience = *parse_duration(arguments[2]),
        .then = [this, node, hold = *parse_duration(arguments[1])](std::shared_ptr<Lock> lock) {
          later(node, hold, [this, node, lock = std::move(lock)] { give_back(node, lock, {}); });
        }});
}

void Workload::try_acquire(const std::string& node, Arguments arguments) {
  take(node, arguments[0],
       {.wait = false, .then = [this, node, hold = *parse_duration(arguments[1])](std::shared_ptr<Lock> lock) {
          later(node, hold, [this, node, lock = std::move(lock)] { give_back(node, lock, {}); });
        }});
}

void Workload::acquire_and_die(const std::string& node, Arguments arguments) {
  take(node, arguments[0],
       {.wait = true, .patience = *parse_duration(arguments[1]), .then = [this, node](const std::shared_ptr<Lock>&) {
          // The callback does not return: nothing that comes behind it in its process runs.
          world_.timeline().after({}, [this, node, life = lives_[node]] {
            if (lives_[node] == life) world_.kill(node);
          });
        }});
}

void Workload::take(const std::string& node, const std::string& lock, Plan plan) {
  const auto id = begin({.client = node, .object = {.kind = Kind::lock, .key = lock}, .op = Op::acquire, .session = session_of(node)});
  open_.at(id).in_line = plan.wait;
  auto handle = world_.client(node).make_named_lock(lock);
  const bool wait = plan.wait;
  AcquireOptions options;
  options.timeout = milliseconds(plan.patience);
  auto done = [this, node, id, plan = std::move(plan)](Result<Lock> result) { taken(node, id, std::move(result), plan); };
  if (wait)
    (void)handle.acquire(std::move(options), std::move(done));
  else
    handle.try_acquire(std::move(done));
}

void Workload::taken(const std::string& node, std::uint64_t id, Result<Lock> result, const Plan& plan) {
  if (!result) return answer(id, {.status = status_of(result.error())});
  auto lock = std::make_shared<Lock>(std::move(*result));
  const auto& facts = client::Client::grant_of(*lock)->facts();
  recorder_.change_session(id, sim::name(facts.session));
  answer(id, {.status = Status::ok, .token = number(lock->token())});
  // What was lost before its callback ran is never believed.
  if (lock->held())
    recorder_.beliefs().begin(holding(node, *lock), sim::name(facts.session), [lock] { return lock->deadline(); });
  lock->on_lost([this, subject = holding(node, *lock)](const Error&) { recorder_.beliefs().end(subject); });
  plan.then(lock);
}

void Workload::give_back(const std::string& node, const std::shared_ptr<Lock>& lock, const std::function<void(bool ok)>& then) {
  const auto token = lock->token();
  const auto& facts = client::Client::grant_of(*lock)->facts();
  recorder_.beliefs().end(holding(node, *lock));
  const auto id = begin({.client = node, .object = {.kind = Kind::lock, .key = lock->name()},
                               .op = Op::release,
                               .session = sim::name(facts.session),
                               .token = number(token)});
  lock->release([this, id, lock, then](const Result<void>& result) {
    // Lost before: the client sent nothing, or the log had it back already.
    const auto status = result ? Status::ok : result.error() == errc::lock_lost ? Status::fail : status_of(result.error());
    answer(id, {.status = status});
    if (then) then(status == Status::ok);
  });
}

void Workload::revoke(const std::string& node, Arguments arguments) {
  const coordination::ResourceName resource{.kind = coordination::ResourceKind::lock, .name = arguments[0]};
  const auto* held = world_.engine(node).state().resource(resource);
  if (!held || !held->holder) return;
  const auto id = begin(node);
  const auto host = process(node);
  host->post([client = host->client(), resource, token = held->holder->token,
              done = client::on_executor<void>(host, [this, id](const Result<void>&) { finish(id); })] {
    client->revoke(resource, token, done);
  });
}

// ---- Guards ----

void Workload::guard_write(const std::string& node, Arguments arguments) {
  const auto use = [this, node, key = arguments[0], value = 'g' + fresh_name(node)](const std::shared_ptr<Lock>& lock) {
    write_guarded(node, {.key = key, .value = value, .token = lock->token(), .under = lock->name()}, {});
    later(node, guard_hold, [this, node, lock] { give_back(node, lock, {}); });
  };
  take(node, arguments[1], {.wait = true, .patience = guard_patience, .then = use});
}

void Workload::guard_old(const std::string& node, Arguments arguments) {
  const auto use = [this, node, key = arguments[0], value = 'g' + fresh_name(node)](const std::shared_ptr<Lock>& lock) {
    const Write old{.key = key, .value = value, .token = lock->token(), .under = lock->name()};
    give_back(node, lock, [this, node, old](bool given_back) {
      if (!given_back) return;
      write_guarded(node, old, [this, node, old](const Result<Bytes>& result) {
        if (result) complaints_.push_back(node + ": a command ran under lock " + old.under + " with a token that was given back");
        // Without a guard of ours it is the application's own that decides.
        later(node, old_wait, [this, node, old] { write_guarded(node, {.key = old.key, .value = old.value + '+', .token = old.token, .under = {}}, {}); });
      });
    });
  };
  take(node, arguments[1], {.wait = true, .patience = guard_patience, .then = use});
}

void Workload::write_guarded(const std::string& node, const Write& write, const std::function<void(Result<Bytes>)>& then) {
  const auto id = begin({.client = node, .object = {.kind = Kind::guard, .key = write.key}, .op = Op::write, .value = write.value, .token = number(write.token)});
  Command command{.id = write.value, .bytes = App::guarded_write(write.key, write.token, write.value), .done = {}};
  if (!write.under.empty()) command.locks = {{.lock = write.under, .token = write.token}};
  command.done = [this, id, then](const Result<Bytes>& result, Status status) {
    answer(id, {.status = status});
    if (then) then(result);
  };
  insist(node, command);
}

}  // namespace conclave::sim
