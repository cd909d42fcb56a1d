#include "process/kill/witness.hpp"

#include <time.h>

#include <conclave/node.hpp>

#include "client/client.hpp"
#include "process/kill/log_line.hpp"
#include "sim/checkers/json_lines.hpp"
#include "sim/recording/log_events.hpp"

namespace conclave::process {
namespace {

/// So that no two lives give the same id.
constexpr std::uint64_t ids_of_a_life = 10'000'000;

sim::TrueTime clock_of(clockid_t id) {
  timespec now{};
  ::clock_gettime(id, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

/// The log's events, as lines.
class LogLines {
 public:
  explicit LogLines(LineFile& file) : file_(file) {}
  void granted(sim::TrueTime at, const std::string& lock, const std::string& session, std::int64_t token) {
    write({.at = at, .what = LogLine::What::granted, .lock = lock, .session = session, .token = token});
  }
  void ungranted(sim::TrueTime at, std::int64_t token, bool with_session) {
    write({.at = at, .what = LogLine::What::ungranted, .token = token, .flag = with_session});
  }
  void ended(sim::TrueTime at, const std::string& session, bool expired) {
    write({.at = at, .what = LogLine::What::ended, .session = session, .flag = expired});
  }

 private:
  void write(const LogLine& line) { file_.write(to_text(line)); }

  LineFile& file_;
};

}  // namespace

sim::TrueTime true_now() { return clock_of(CLOCK_MONOTONIC); }

Witness::Witness(const std::filesystem::path& path, std::string node, std::uint64_t life)
    : node_(std::move(node)),
      life_(life),
      file_(path),
      recorder_(node_, {.now = &true_now,
                        .past = &truth_of,
                        .future = &truth_of,
                        .write = [this](const sim::Event& event) { write(event); },
                        .session_ttl = Config().timing.session_ttl,
                        .drift_ppm = Config().timing.clock_drift_ppm}) {
  recorder_.begin_life(life);
}

sim::TrueTime Witness::truth_of(Instant reading) {
  static const auto ahead = clock_of(CLOCK_BOOTTIME) - clock_of(CLOCK_MONOTONIC);
  return reading.time_since_epoch() - ahead;
}

node::Runtime::Tap Witness::tap() {
  return [this](const engine::Engine& engine, const engine::Notice& notice) {
    recorder_.on_step(engine);
    recorder_.on_notice(engine, notice);
    on_notice(notice);
  };
}

void Witness::on_notice(const engine::Notice& notice) {
  if (const auto* applied = std::get_if<engine::AppliedEvents>(&notice)) {
    LogLines lines(file_);
    for (const auto& event : applied->events) sim::tell(lines, true_now(), event);
  }
  const std::lock_guard guard(mutex_);
  if (const auto* ready = std::get_if<engine::SessionReady>(&notice)) session_ = sim::name(ready->session);
  // What waits goes on in the next session.
  if (const auto* over = std::get_if<engine::SessionOver>(&notice))
    for (const auto& [id, lock] : acquires_)
      file_.write(to_text(LogLine{.at = true_now(), .what = LogLine::What::left, .session = sim::name(over->session), .token = static_cast<std::int64_t>(id)}));
  if (std::holds_alternative<engine::SessionExtended>(notice) && term_ && term_->active())
    write(sim::Lead{.at = true_now(), .node = node_, .res = term_->election(), .epoch = sim::number(term_->token()), .until = truth_of(term_->deadline())});
}

std::uint64_t Witness::call(sim::Call call) {
  call.id = life_ * ids_of_a_life + ++ids_;
  {
    const std::lock_guard guard(mutex_);
    if (call.op == sim::Op::acquire) {
      call.session = session_;
      acquires_[call.id] = call.object.key;
    }
  }
  call.at = true_now();
  const auto id = call.id;
  write(std::move(call));
  return id;
}

void Witness::answer(sim::Return answer) {
  answer.at = true_now();
  const auto id = answer.id;
  write(answer);
  const std::lock_guard guard(mutex_);
  acquires_.erase(id);
}

void Witness::holds(const Lock& lock) {
  const auto at = true_now();
  const auto deadline = lock.deadline();
  if (!lock.held()) return;
  {
    const std::lock_guard guard(mutex_);
    auto& written = written_[lock.token()];
    if (deadline <= written) return;
    written = deadline;
  }
  write(sim::Hold{.at = at,
                  .node = node_,
                  .session = session_of(lock),
                  .res = lock.name(),
                  .token = sim::number(lock.token()),
                  .until = truth_of(deadline)});
}

void Witness::drops(const Lock& lock) {
  {
    const std::lock_guard guard(mutex_);
    if (written_.erase(lock.token()) == 0) return;
  }
  write(sim::Drop{.at = true_now(), .node = node_, .session = session_of(lock), .res = lock.name(), .token = sim::number(lock.token())});
}

void Witness::leads(const Term& term) {
  if (!term.active()) return;
  const std::lock_guard guard(mutex_);
  term_ = term;
  write(sim::Lead{.at = true_now(), .node = node_, .res = term.election(), .epoch = sim::number(term.token()), .until = truth_of(term.deadline())});
}

void Witness::leads_no_more(const Term& term) {
  const std::lock_guard guard(mutex_);
  if (!term_ || term_->token() != term.token()) return;
  term_.reset();
  write(sim::Unlead{.at = true_now(), .node = node_, .res = term.election(), .epoch = sim::number(term.token())});
}

std::string Witness::session_of(const Lock& lock) { return sim::name(client::Client::grant_of(lock)->facts().session); }

void Witness::write(const sim::Event& event) { file_.write(sim::to_line(event)); }

}  // namespace conclave::process
