#include "process/kill/member.hpp"

#include <conclave/conclave.hpp>

#include <time.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <thread>

#include "process/kill/history.hpp"
#include "process/kill/journal.hpp"
#include "process/kill/witness.hpp"
#include "client/client.hpp"
#include "sim/recording/words.hpp"

namespace conclave::process {
namespace {

using namespace std::chrono_literals;

const std::array<std::string, 3> locks{"red", "green", "blue"};
constexpr unsigned lockers = 1;

std::int64_t boot_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

/// A thread that locks and proposes, and tells the history.
class Worker {
 public:
  Worker(Node& node, History& history, Witness& witness, const std::atomic<bool>& stopping, std::string client, unsigned seed)
      : node_(node), history_(history), witness_(witness), stopping_(stopping), client_(std::move(client)), random_(seed) {}

  void lock_and_propose() {
    while (!stopping_) {
      auto lock = take([](NamedLock named) { return named.acquire(10s); });
      if (!lock) continue;
      // Most hold it for a moment, some long enough to outlive the next kill.
      const auto commands = random_() % 16 == 0 ? 50 : 1 + random_() % 3;
      for (unsigned done = 0; done < commands && look(*lock); ++done) propose({.locks = {{lock->name(), lock->token()}}});
      (void)look(*lock);
      give_back(*lock);
    }
  }

  /// Without a guard; and locks that it does not wait for.
  void propose_and_try() {
    while (!stopping_) {
      propose({});
      for (int tried = 0; tried < 3 && !stopping_; ++tried)
        if (auto lock = take([](NamedLock named) { return named.try_acquire(); })) {
          (void)look(*lock);
          give_back(*lock);
        }
    }
  }

 private:
  template <class Acquire>
  Result<Lock> take(Acquire acquire) {
    const auto& name = locks[random_() % locks.size()];
    const auto id = witness_.call({.client = client_, .object = {sim::Kind::lock, name}, .op = sim::Op::acquire});
    auto lock = acquire(node_.lock(name));
    if (lock) {
      witness_.answer({.id = id, .status = sim::Status::ok, .token = sim::number(lock->token())});
      witness_.holds(*lock);
    } else {
      witness_.answer({.id = id, .status = sim::status_of(lock.error())});
      if (!(lock.error() == errc::not_acquired)) judge("acquire", lock.error());
    }
    return lock;
  }

  void give_back(Lock& lock) {
    witness_.drops(lock);
    const auto id = witness_.call({.client = client_, .object = {sim::Kind::lock, lock.name()},
                                   .op = sim::Op::release,
                                   .session = Witness::session_of(lock),
                                   .token = sim::number(lock.token())});
    const auto released = lock.release();
    // Lost before: nothing was sent, or the log had it back already.
    const bool lost = !released && released.error() == errc::lock_lost;
    witness_.answer({.id = id, .status = released ? sim::Status::ok : lost ? sim::Status::fail : sim::status_of(released.error())});
    if (!released) judge("release", released.error());
  }

  /// The time is taken first: what is still held afterwards was held then.
  bool look(const Lock& lock) {
    const auto now = boot_ns();
    if (!lock.held()) return false;
    history_.held(lock.name(), lock.token().value, now);
    witness_.holds(lock);
    return true;
  }

  void propose(ProposeOptions options) {
    Record record{.id = {.client = client_, .number = ++number_}, .lock = "-"};
    if (!options.locks.empty()) record = {record.id, options.locks.front().lock, options.locks.front().token.value};
    options.timeout = 30s;
    history_.tried(record.id);
    // The journal counts each command once.
    const auto id = witness_.call({.client = client_, .object = {sim::Kind::once, "journal"}, .op = sim::Op::apply, .cmd = client_ + '-' + std::to_string(number_)});
    const auto place = node_.propose(to_bytes(to_text(record)), std::move(options));
    if (!place) {
      witness_.answer({.id = id, .status = sim::status_of(place.error())});
    } else {
      const auto at = std::stoull(std::string(conclave::to_text(*place)));
      witness_.answer({.id = id, .status = sim::Status::ok, .n = static_cast<std::int64_t>(at) + 1});
      history_.acknowledged(record.id, at);
    }
    if (!place && !is_outcome_unknown(place.error()))
      history_.refused(record.id);
    if (!place) judge("propose", place.error());
  }

  /// A lock or session may be lost when others are killed; nothing else may go wrong.
  void judge(const std::string& what, const Error& error) {
    const bool expected = is_retryable(error) || is_outcome_unknown(error) || error == errc::timeout ||
                          error == errc::lock_lost || error == errc::guard_failed || error == errc::session_ended ||
                          error == errc::not_owner;
    if (!expected) history_.trouble(what + ": " + error.message());
  }

  Node& node_;
  History& history_;
  Witness& witness_;
  const std::atomic<bool>& stopping_;
  const std::string client_;
  std::mt19937 random_;
  std::uint64_t number_{0};
};

void dump(Node& node, const Journal& journal, const MemberRole& role, History& history) {
  const auto path = std::filesystem::path(role.folder) / (role.name + ".journal");
  const auto read = node.read(Consistency::linearizable, 30s, [&](const ReadPoint&) {
    std::ofstream file(path, std::ios::trunc);
    for (const auto& record : journal.records()) file << to_text(record) << '\n';
    file.close();
    history.dumped(journal.digest());
  });
  if (!read) history.trouble("read: " + read.error().message());
}

/// As `Node::open`, with the witness at its side.
Result<Node> open(Config config, node::Runtime::Tap tap) {
  if (auto valid = validate(config); !valid) return valid.error();
  auto runtime = node::Runtime::open(std::move(config), std::move(tap));
  if (!runtime) return runtime.error();
  auto client = (*runtime)->client();
  return client::Client::make_node(std::move(client), *std::move(runtime));
}

}  // namespace

int run_member(const MemberRole& role) {
  const std::filesystem::path folder(role.folder);
  History history(folder / (role.name + "." + role.life + ".history"));
  const auto journal = std::make_shared<Journal>();
  Witness witness(folder / (role.name + "." + role.life + ".jsonl"), role.name, std::stoull(role.life));
  auto node = open({.name = role.name,
                          .data_dir = folder / role.name,
                          .listen = role.listen,
                          .founders = role.founders,
                          .state_machine = journal,
                          .log = standard_error_log(LogLevel::warning),
                          .on_stopped = [&history](const Error& error) { history.trouble("stopped: " + error.message()); }}, witness.tap());
  if (!node) {
    history.trouble("open: " + node.error().message());
    return 1;
  }
  if (auto ready = node->ready(60s); !ready) {
    history.trouble("ready: " + ready.error().message());
    return 1;
  }
  history.ready();
  const auto campaign = node->election("chief").campaign(
      {}, {.on_elected = [&witness](const Term& term) { witness.leads(term); },
           .on_revoked = [&witness](const Term& term, const Error&) { witness.leads_no_more(term); }});
  if (!campaign) history.trouble("campaign: " + campaign.error().message());

  std::atomic<bool> stopping{false};
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<std::thread> threads;
  for (unsigned at = 0; at <= lockers; ++at) {
    const auto client = role.name + "." + role.life + "." + std::to_string(at);
    workers.push_back(std::make_unique<Worker>(*node, history, witness, stopping, client, role.seed + at));
    auto work = at < lockers ? &Worker::lock_and_propose : &Worker::propose_and_try;
    threads.emplace_back(work, workers.back().get());
  }
  for (std::string order; std::getline(std::cin, order);) {
    if (order == "dump") dump(*node, *journal, role, history);
    if (order != "stop") continue;
    stopping = true;
    for (auto& thread : threads) thread.join();
    threads.clear();
    history.stopped();
  }
  stopping = true;
  for (auto& thread : threads) thread.join();
  return 0;
}

}  // namespace conclave::process
