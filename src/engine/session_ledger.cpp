#include "engine/session_ledger.hpp"

#include <algorithm>

namespace conclave::engine {

void SessionLedger::lead(const coordination::State& state, Instant now) {
  // Renewals that came before the term-start was applied were kept, and count from now on (S1).
  leads_ = true;
  for (const auto& [id, session] : state.sessions()) on_opened(id, session.ttl, now);
  for (const auto& ending : state.endings()) on_ending(ending);
}

void SessionLedger::step_down() { *this = SessionLedger(); }

SessionLedger::Verdict SessionLedger::admit(const coordination::Submission& submission, const coordination::State& state) {
  const auto found = sessions_.find(submission.session);
  if (found == sessions_.end()) return {.admission = Admission::unknown, .expected = {}};
  auto& next = found->second.next;
  if (!next) next = state.next_sequence(submission.session).value_or(Sequence{1});
  if (submission.sequence > *next) return {.admission = Admission::resend, .expected = *next};
  if (submission.sequence < *next) return {.admission = Admission::drop, .expected = *next};
  ++*next;
  return {.admission = Admission::propose, .expected = *next};
}

void SessionLedger::on_renew(Source from, const Renew::Item& item, const coordination::State& state, Instant now) {
  RenewAck::Item answer{.session = item.session, .number = item.number, .ending = {}};
  if (leads_) {
    const auto found = sessions_.find(item.session);
    if (found == sessions_.end() || found->second.condemned) return;
    schedule(item.session, found->second, now + found->second.ttl);
    answer.ending = state.ending_tokens(item.session);
  }
  renewals_.push_back({.from = from, .item = std::move(answer), .arrived = now});
}

void SessionLedger::on_round(Instant sent, const coordination::State& state, std::vector<Acknowledgement>& acknowledged,
                             std::vector<SessionId>& expired) {
  if (!leads_) return;
  std::erase_if(renewals_, [&](Renewal& renewal) {
    if (renewal.arrived > sent) return false;
    const auto found = sessions_.find(renewal.item.session);
    if (found == sessions_.end() || found->second.condemned) return true;
    // S5: what began to end meanwhile is named too.
    renewal.item.ending = state.ending_tokens(renewal.item.session);
    found->second.acknowledged = std::max(found->second.acknowledged, renewal.arrived);
    acknowledged.push_back({.to = renewal.from, .item = std::move(renewal.item)});
    return true;
  });
  std::erase_if(due_, [&](const auto& due) {
    if (due.second > sent) return false;
    expired.push_back(due.first);
    condemn(due.first);
    return true;
  });
}

void SessionLedger::on_tick(Instant now) {
  while (!by_expiry_.empty() && by_expiry_.begin()->first <= now) {
    due_.emplace(by_expiry_.begin()->second, now);
    by_expiry_.erase(by_expiry_.begin());
  }
}

void SessionLedger::on_opened(SessionId id, std::chrono::milliseconds ttl, Instant now) {
  if (!leads_) return;
  const auto [at, fresh] = sessions_.try_emplace(id);
  at->second.ttl = ttl;
  at->second.acknowledged = now;
  schedule(id, at->second, now + ttl);
}

void SessionLedger::on_ended(SessionId id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  by_expiry_.erase({found->second.expiry, id});
  due_.erase(id);
  sessions_.erase(found);
}

void SessionLedger::condemn(SessionId id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  found->second.condemned = true;
  by_expiry_.erase({found->second.expiry, id});
}

void SessionLedger::on_ending(const coordination::EndingGrant& ending) {
  const auto found = sessions_.find(ending.session);
  if (found == sessions_.end()) return;
  // S2: the deadline is counted from before that arrival.
  endings_.try_emplace(ending.token, found->second.acknowledged + found->second.ttl, ending.resource);
}

std::vector<coordination::Ended> SessionLedger::ended_grants(Instant now) {
  std::vector<coordination::Ended> ended;
  std::erase_if(endings_, [&](const auto& ending) {
    if (ending.second.first > now) return false;
    ended.push_back({.resource = ending.second.second, .token = ending.first});
    return true;
  });
  return ended;
}

void SessionLedger::schedule(SessionId id, Session& session, Instant expiry) {
  by_expiry_.erase({session.expiry, id});
  due_.erase(id);
  session.expiry = expiry;
  by_expiry_.emplace(expiry, id);
}

std::optional<Instant> SessionLedger::next_wakeup() const {
  std::optional<Instant> next;
  if (!by_expiry_.empty()) next = by_expiry_.begin()->first;
  for (const auto& [token, ending] : endings_) next = next ? std::min(*next, ending.first) : ending.first;
  return next;
}

}  // namespace conclave::engine
