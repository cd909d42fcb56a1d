#include "sim/recording/log_keeper.hpp"

#include <algorithm>

namespace conclave::sim {
namespace {

/// Who calls where the log does something of itself.
constexpr std::string_view by_the_log = "log";

}  // namespace

void LogKeeper::see(const Event& event) {
  std::visit([this](const auto& held) { on(held); }, event);
}

void LogKeeper::on(const Call& call) {
  if (call.op != Op::release || !call.token) return;
  releases_[call.id] = *call.token;
  grants_[*call.token].covered = true;
}

void LogKeeper::on(const Return& answer) {
  if (answer.token) {
    grants_[*answer.token].told = true;
    return settle(answer.at, *answer.token);
  }
  const auto release = releases_.extract(answer.id);
  if (!release || answer.status != Status::fail) return;
  // It was found lost when it was given back.
  grants_[release.mapped()].covered = false;
  settle(answer.at, release.mapped());
}

void LogKeeper::on(const SessionFact& fact) {
  if (fact.what != What::grant && fact.what != What::keep) return;
  auto& session = sessions_[fact.session];
  session.node = fact.node;
  session.sent = std::max(session.sent, fact.at);
}

void LogKeeper::granted(TrueTime at, const std::string& lock, const std::string& session, std::int64_t token) {
  auto& grant = grants_[token];
  if (grant.granted) return;
  grant.lock = lock;
  grant.session = session;
  grant.granted = at;
  sessions_[session].locks.insert(lock);
  settle(at, token);
}

void LogKeeper::ungranted(TrueTime at, std::int64_t token, bool with_session) {
  if (with_session) return;
  grants_[token].over = true;
  settle(at, token);
}

void LogKeeper::ended(TrueTime at, const std::string& name, bool expired) {
  auto& session = sessions_[name];
  if (std::exchange(session.over, true)) return;
  if (!session.node.empty())  // else nobody was told of it
    write_(SessionFact{.at = at, .node = session.node, .session = name, .what = expired ? What::expire : What::close});
  for (const auto& lock : session.locks)
    // S1: its end was proposed after the last renewal that was acknowledged.
    write({.at = std::max(session.sent, TrueTime(1)), .client = std::string(by_the_log), .object = {.kind = Kind::lock, .key = lock}, .op = Op::expire, .session = name},
          at, Status::ok);
}

std::optional<std::string> LogKeeper::session_of(std::int64_t token) const {
  const auto grant = grants_.find(token);
  if (grant == grants_.end() || !grant->second.granted) return std::nullopt;
  return grant->second.session;
}

void LogKeeper::settle(TrueTime at, std::int64_t token) {
  auto& grant = grants_[token];
  if (!grant.told || !grant.over || grant.covered || grant.settled || !grant.granted) return;
  grant.settled = true;
  write({.at = *grant.granted, .client = std::string(by_the_log), .object = {.kind = Kind::lock, .key = grant.lock}, .op = Op::release, .session = grant.session, .token = token},
        at, Status::ok);
}

void LogKeeper::finish() {
  std::erase_if(left_behind_, [this](const auto& left) {
    const auto& [acquire, since] = left;
    const auto granted = std::ranges::any_of(grants_, [&](const auto& entry) {
      const auto& grant = entry.second;
      return !grant.told && grant.lock == acquire.object.key && grant.session == acquire.session;
    });
    if (granted) write(acquire, since, Status::lost);
    return granted;
  });
}

void LogKeeper::write(Call call, TrueTime answered, Status status) {
  call.id = next_id_();
  const Return answer{.at = answered, .id = call.id, .status = status};
  write_(std::move(call));
  write_(answer);
}

}  // namespace conclave::sim
