#include <map>
#include <optional>

#include "sim/checkers/checks.hpp"

namespace conclave::sim {

namespace {

/// How long a TTL may be in true time by a clock that runs fast by the drift bound: ttl * (1 - drift) is just below
/// ttl / (1 + drift).
TrueTime shortest(TrueTime ttl, std::int64_t drift_ppm) {
  constexpr std::int64_t million = 1'000'000;
  // In two parts, for the product of a long TTL would not fit.
  return ttl - ttl / million * drift_ppm - ttl % million * drift_ppm / million;
}

/// What is known of one session.
struct Session {
  std::string node;
  TrueTime ttl{};
  /// When its node's own clock will say that it has run out; none: its node does not trust it.
  std::optional<TrueTime> trusted_until;
  /// Places in `History::events`: the last grant or keep, and the one that `trusted_until` is from.
  std::size_t renewed{0};
  std::size_t trusted{0};
  std::optional<std::size_t> expired;
};

/// Walks over the facts of all sessions: `on_expire(session, fact, index)` at the first time that each expires,
/// `on_late_keep` for what was sent after that.
template <class OnExpire, class OnLateKeep>
void walk(const History& history, OnExpire on_expire, OnLateKeep on_late_keep) {
  std::map<std::string, Session> sessions;
  const auto renew = [&](Session& session, const SessionFact& fact, std::size_t index) {
    if (session.expired) return on_late_keep(session, fact, index);
    if (fact.what == What::grant) session.node = fact.node;
    if (fact.ttl) session.ttl = *fact.ttl;
    session.renewed = index;
    if (fact.until && (!session.trusted_until || *fact.until > *session.trusted_until)) {
      session.trusted_until = fact.until;
      session.trusted = index;
    }
  };
  for (std::size_t i = 0; i < history.events.size(); ++i) {
    if (const auto* crash = std::get_if<Crash>(&history.events[i]))
      for (auto& [name, session] : sessions)
        if (session.node == crash->node) session.trusted_until.reset();
    const auto* fact = std::get_if<SessionFact>(&history.events[i]);
    if (!fact) continue;
    // Without its grant nothing is known of it.
    if (fact->what != What::grant && !sessions.contains(fact->session)) continue;
    auto& session = sessions[fact->session];
    if (fact->what == What::grant || fact->what == What::keep) renew(session, *fact, i);
    if (fact->what == What::lost || fact->what == What::close) session.trusted_until.reset();
    if (fact->what == What::expire && !session.expired) {
      on_expire(session, *fact, i);
      session.expired = i;
    }
  }
}

}  // namespace

Violations session_ttl(const History& history) {
  constexpr std::string_view name = "session-ttl";
  Violations found;
  const auto on_expire = [&](const Session& session, const SessionFact& fact, std::size_t index) {
    const auto sent = at(history.events[session.renewed]);
    const auto lived = fact.at - sent;
    if (lived >= shortest(session.ttl, history.meta.drift_ppm)) return;
    found.push_back(violation(name, fact.session, history, {session.renewed, index},
                              "it expired " + std::to_string(lived.count()) +
                                  " after its last renewal was sent; its TTL is " +
                                  std::to_string(session.ttl.count())));
  };
  const auto on_late_keep = [&](const Session& session, const SessionFact& fact, std::size_t index) {
    found.push_back(violation(name, fact.session, history, {*session.expired, index},
                              "a renewal that was sent after it had expired was acknowledged"));
  };
  walk(history, on_expire, on_late_keep);
  return found;
}

Violations session_trust(const History& history) {
  Violations found;
  const auto on_expire = [&](const Session& session, const SessionFact& fact, std::size_t index) {
    if (!session.trusted_until || *session.trusted_until <= fact.at) return;
    found.push_back(violation(
        "session-trust", fact.session, history, {session.trusted, index},
        "it expired while " + session.node + " trusts it until " + std::to_string(session.trusted_until->count())));
    found.back().from = fact.at;
    found.back().to = *session.trusted_until;
  };
  walk(history, on_expire, [](const Session&, const SessionFact&, std::size_t) {});
  return found;
}

}  // namespace conclave::sim
