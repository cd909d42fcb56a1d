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

namespace conclave::process {
namespace {

using namespace std::chrono_literals;

const std::array<std::string, 3> locks{"red", "green", "blue"};
constexpr unsigned lockers = 3;

std::int64_t boot_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

/// A thread that locks and proposes, or only proposes, and tells the history.
class Worker {
 public:
  Worker(Node& node, History& history, const std::atomic<bool>& stopping, std::string client, unsigned seed)
      : node_(node), history_(history), stopping_(stopping), client_(std::move(client)), random_(seed) {}

  void lock_and_propose() {
    while (!stopping_) {
      auto lock = node_.lock(locks[random_() % locks.size()]).acquire(10s);
      if (!lock) {
        judge("acquire", lock.error());
        continue;
      }
      // Most hold it for a moment, some long enough to outlive the next kill.
      const auto commands = random_() % 8 == 0 ? 50 : 1 + random_() % 5;
      for (unsigned done = 0; done < commands && look(*lock); ++done) propose({.locks = {{lock->name(), lock->token()}}});
      (void)look(*lock);
      if (auto released = lock->release(); !released) judge("release", released.error());
    }
  }

  void propose_only() {
    while (!stopping_) propose({});
  }

 private:
  /// The time is taken first: what is still held afterwards was held then.
  bool look(const Lock& lock) {
    const auto now = boot_ns();
    if (!lock.held()) return false;
    history_.held(lock.name(), lock.token().value, now);
    return true;
  }

  void propose(ProposeOptions options) {
    Record record{.id = {.client = client_, .number = ++number_}, .lock = "-"};
    if (!options.locks.empty()) record = {record.id, options.locks.front().lock, options.locks.front().token.value};
    options.timeout = 30s;
    history_.tried(record.id);
    const auto place = node_.propose(to_bytes(to_text(record)), std::move(options));
    if (place)
      history_.acknowledged(record.id, std::stoull(std::string(conclave::to_text(*place))));
    else if (!is_outcome_unknown(place.error()))
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

}  // namespace

int run_member(const MemberRole& role) {
  const std::filesystem::path folder(role.folder);
  History history(folder / (role.name + "." + role.life + ".history"));
  const auto journal = std::make_shared<Journal>();
  auto node = Node::open({.name = role.name,
                          .data_dir = folder / role.name,
                          .listen = role.listen,
                          .founders = role.founders,
                          .state_machine = journal,
                          .log = standard_error_log(LogLevel::warning),
                          .on_stopped = [&history](const Error& error) { history.trouble("stopped: " + error.message()); }});
  if (!node) {
    history.trouble("open: " + node.error().message());
    return 1;
  }
  if (auto ready = node->ready(60s); !ready) {
    history.trouble("ready: " + ready.error().message());
    return 1;
  }
  history.ready();

  std::atomic<bool> stopping{false};
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<std::thread> threads;
  for (unsigned at = 0; at <= lockers; ++at) {
    const auto client = role.name + "." + role.life + "." + std::to_string(at);
    workers.push_back(std::make_unique<Worker>(*node, history, stopping, client, role.seed + at));
    auto work = at < lockers ? &Worker::lock_and_propose : &Worker::propose_only;
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
