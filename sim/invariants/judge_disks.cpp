// What becomes durable, and what a new life finds of it.
#include <algorithm>

#include "base/hash.hpp"
#include "sim/invariants/judge.hpp"

namespace conclave::sim {

PaxosModel::Value value_of(const paxos::Entry& entry) { return state_hash(entry); }

void Judge::opened(const std::string& node, const Reopening& reopening) {
  auto& store = stores_[node];
  store.reports.clear();
  if (reopening.damaged || reopening.stale) {
    const auto before = store.member;
    rebuild(store, reopening.records);
    if (before && store.member != before) lost_.insert(*before);
  }
  if (store.member) lost_.erase(*store.member);
  // Damage that a later life repairs stays damage (P9); only a store that went back to an older state may not know of it.
  if (reopening.stale) {
    store.barred.reset();
    store.vote_lost = std::ranges::any_of(
        reopening.records, [](const auto& record) { return std::holds_alternative<engine::VoteLostRecord>(record); });
  }
  if (reopening.damaged) store.barred = "damage-is-not-absence";
  if (store.vote_lost && !store.barred) store.barred = "a-lost-vote-stays-lost";
  if (reopening.failed && !store.barred) store.barred = "a-failed-sync-costs-the-vote";
}

void Judge::rebuild(Store& store, const std::vector<engine::Record>& records) {
  const auto former = store.member;
  store.member.reset();
  PaxosModel::Acceptor rest;
  for (const auto& record : records) {
    if (const auto* identity = std::get_if<engine::IdentityRecord>(&record)) store.member = identity->member;
    if (const auto* promise = std::get_if<engine::PromiseRecord>(&record)) rest.promised = promise->promised;
    if (const auto* watermark = std::get_if<engine::WatermarkRecord>(&record)) rest.watermark = watermark->watermark;
    if (const auto* accepted = std::get_if<engine::AcceptedRecord>(&record))
      rest.accepted[accepted->slot] = {accepted->ballot, value_of(accepted->entry)};
  }
  // Damage may hide who it is: it stays who it was, as long as anything is left.
  if (!store.member && !records.empty()) store.member = former;
  if (former && former != store.member) model_.forget(*former, {});
  if (store.member) model_.forget(*store.member, std::move(rest));
}

void Judge::synced(const std::string& node, std::span<const engine::Record> batch, Instant now) {
  auto& store = stores_[node];
  const auto is_vote = [](const auto& record) { return std::holds_alternative<engine::AcceptedRecord>(record); };
  for (const auto& record : batch)
    if (!is_vote(record) && !std::holds_alternative<engine::PromiseRecord>(record) &&
        !std::holds_alternative<engine::WatermarkRecord>(record))
      stored(node, store, record, now);
  // Votes of a batch are judged by the promise before it, and its promise by the votes in it; its watermark covers them.
  for (const auto& record : batch)
    if (is_vote(record)) stored(node, store, record, now);
  for (const auto& record : batch)
    if (std::holds_alternative<engine::PromiseRecord>(record) ||
        std::holds_alternative<engine::WatermarkRecord>(record))
      stored(node, store, record, now);
}

void Judge::stored(const std::string& node, Store& store, const engine::Record& record, Instant now) {
  if (const auto* identity = std::get_if<engine::IdentityRecord>(&record)) store.member = identity->member;
  if (const auto* generation = std::get_if<engine::GenerationRecord>(&record);
      generation && !generation->nonces.empty())
    store.nonce = generation->nonces.front();
  if (const auto* genesis = std::get_if<engine::GenesisRecord>(&record); genesis && genesis->committed) {
    std::vector<MemberId> founders;
    for (const auto& founder : genesis->founders) founders.push_back(founder.member);
    hear(node, now, model_.found(genesis->cluster, founders));
  }
  if (std::holds_alternative<engine::VoteLostRecord>(record)) store.vote_lost = true;
  if (!store.member) return;
  if (const auto* promise = std::get_if<engine::PromiseRecord>(&record))
    hear(node, now, model_.store_promise(*store.member, promise->promised, now));
  if (const auto* watermark = std::get_if<engine::WatermarkRecord>(&record))
    hear(node, now, model_.store_watermark(*store.member, watermark->watermark));
  if (const auto* accepted = std::get_if<engine::AcceptedRecord>(&record)) {
    hear(node, now,
         model_.store_vote(*store.member, accepted->slot, {accepted->ballot, value_of(accepted->entry)}, now));
    if (!accepted->ballot.is_none()) hear(node, now, model_.count_votes(accepted->slot, accepted->ballot));
  }
}

}  // namespace conclave::sim
