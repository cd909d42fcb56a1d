#include "engine/genesis.hpp"

#include <algorithm>

#include "base/sha256.hpp"

namespace conclave::engine {
namespace {

std::vector<Address> sorted(std::vector<Address> addresses) {
  std::ranges::sort(addresses);
  return addresses;
}

std::string listed(const std::vector<Address>& addresses) {
  std::string text;
  for (const auto& address : addresses) text += (text.empty() ? "" : ", ") + to_string(address);
  return text;
}

void append(Bytes& bytes, const Uuid& uuid) {
  for (const auto byte : uuid.bytes) bytes.push_back(std::byte{byte});
}

}  // namespace

ClusterId cluster_of(const std::string& cluster_name, const std::vector<Founder>& founders) {
  auto bytes = to_bytes(cluster_name);
  bytes.push_back(std::byte{0});
  for (const auto& founder : founders) {
    append(bytes, founder.member);
    append(bytes, founder.nonce);
  }
  const auto digest = sha256(bytes);
  ClusterId cluster;
  std::copy_n(digest.begin(), cluster.bytes.size(), cluster.bytes.begin());
  cluster.bytes[6] = static_cast<std::uint8_t>((cluster.bytes[6] & 0x0f) | 0x80);
  cluster.bytes[8] = static_cast<std::uint8_t>((cluster.bytes[8] & 0x3f) | 0x80);
  return cluster;
}

Genesis::Genesis(Plan plan, std::optional<GenesisRecord> stored) : plan_(std::move(plan)), record_(std::move(stored)) {
  plan_.founders = sorted(std::move(plan_.founders));
  if (plan_.address)
    known_[plan_.self] = {.member = plan_.self, .nonce = plan_.founding_nonce, .name = plan_.name, .address = *plan_.address};
}

void Genesis::start(Output& out) {
  if (record_ || !plan_.single) return;
  // F6: a single founder has nobody to ask. Without an address it is founder all the same.
  const Founder self{.member = plan_.self,
                     .nonce = plan_.founding_nonce,
                     .name = plan_.name,
                     .address = plan_.address.value_or(Address())};
  record_ = GenesisRecord{.committed = true,
                          .cluster = cluster_of(plan_.cluster_name, {self}),
                          .lineage = {},
                          .founders = {self},
                          .incarnation = paxos::Incarnation{1}};
  out.persist = record_;
}

std::optional<Error> Genesis::disagreement(const Hello& hello) const {
  const auto theirs = sorted(hello.founders);
  if (theirs == plan_.founders) return std::nullopt;
  return Error(errc::founders_disagree, "this node names the founders " + listed(plan_.founders) + ", but '" + hello.name +
                                            "' names " + (theirs.empty() ? "none" : listed(theirs)) +
                                            "; give all of them the same list");
}

void Genesis::on_hello(const Hello& hello, Output& out) {
  const bool they_belong = !hello.cluster.is_nil();
  if (committed()) {
    // F5: a founder that lost the Commit learns it from whoever has it, and so does a node that joins.
    const auto named = std::ranges::find(record_->founders, hello.member, &Founder::member);
    const bool founder = named != record_->founders.end() && named->nonce == hello.founding_nonce;
    if (!they_belong && (founder || hello.founders.empty()))
      out.send.emplace_back(hello.member, Commit{.cluster = record_->cluster, .founders = record_->founders});
    return;
  }
  if (hello.cluster_name != plan_.cluster_name) return;
  if (they_belong && !record_) {
    cluster_exists_ = true;
    if (!plan_.founders.empty())
      out.problem = Error(errc::founders_disagree,
                          "'" + hello.name + "' already belongs to a cluster called '" + plan_.cluster_name +
                              "', so this empty store cannot found one; start this node with --join instead of --founders");
    return;
  }
  if (plan_.founders.empty() || hello.ephemeral || !hello.address) return;
  if (record_) {
    // Locked in and the coordinator is back: it asks again, or, if it is us, we do.
    try_lock_in(out);
    return;
  }
  if (auto problem = disagreement(hello)) {
    out.problem = std::move(problem);
    return;
  }
  if (!std::ranges::binary_search(plan_.founders, *hello.address)) return;
  known_[hello.member] = {
      .member = hello.member, .nonce = hello.founding_nonce, .name = hello.name, .address = *hello.address};
  try_lock_in(out);
}

void Genesis::try_lock_in(Output& out) {
  if (committed() || cluster_exists_) return;
  if (!record_) {
    if (known_.begin()->first != plan_.self) return;
    std::vector<Founder> founders;
    std::vector<Address> addresses;
    for (const auto& [member, founder] : known_) {
      founders.push_back(founder);
      addresses.push_back(founder.address);
    }
    // F1: one is missing, or two members claim one address.
    if (sorted(addresses) != plan_.founders) return;
    record_ = GenesisRecord{.committed = false,
                            .cluster = cluster_of(plan_.cluster_name, founders),
                            .lineage = {},
                            .founders = std::move(founders),
                            .incarnation = paxos::Incarnation{1}};
    out.persist = record_;
  }
  if (record_->founders.front().member != plan_.self) return;
  locked_in_.insert(plan_.self);
  for (const auto& founder : record_->founders)
    if (!locked_in_.contains(founder.member))
      out.send.emplace_back(founder.member, LockIn{.cluster = record_->cluster, .founders = record_->founders});
  if (locked_in_.size() == record_->founders.size()) commit(out);
}

bool Genesis::agrees(const LockIn& message) const {
  if (message.cluster != cluster_of(plan_.cluster_name, message.founders)) return false;
  if (!std::ranges::is_sorted(message.founders, {}, &Founder::member)) return false;
  const auto self = std::ranges::find(message.founders, plan_.self, &Founder::member);
  if (self == message.founders.end() || self->nonce != plan_.founding_nonce) return false;
  std::vector<Address> addresses;
  for (const auto& founder : message.founders) addresses.push_back(founder.address);
  return sorted(addresses) == plan_.founders;
}

void Genesis::on_lock_in(MemberId from, const LockIn& message, Output& out) {
  if (message.founders.empty() || message.founders.front().member != from) return;
  if (committed()) {
    if (record_->cluster == message.cluster)
      out.send.emplace_back(from, Commit{.cluster = record_->cluster, .founders = record_->founders});
    return;
  }
  if (record_ && record_->cluster != message.cluster) {
    out.problem = Error(errc::founders_disagree,
                        "this store is locked in to cluster " + record_->cluster.to_string() +
                            ", but the founders now agree on another: one of them was wiped in between; wipe all founders' "
                            "data folders and start them again");
    return;  // F3
  }
  if (!record_) {
    if (cluster_exists_ || !agrees(message)) return;
    record_ = GenesisRecord{.committed = false,
                            .cluster = message.cluster,
                            .lineage = {},
                            .founders = message.founders,
                            .incarnation = paxos::Incarnation{1}};
  }
  out.persist = record_;
  out.send.emplace_back(from, LockedIn{.cluster = message.cluster});
}

void Genesis::on_locked_in(MemberId from, const LockedIn& message, Output& out) {
  if (!record_ || record_->committed || record_->cluster != message.cluster) return;
  if (std::ranges::find(record_->founders, from, &Founder::member) == record_->founders.end()) return;
  locked_in_.insert(from);
  if (locked_in_.size() == record_->founders.size()) commit(out);
}

void Genesis::commit(Output& out) {
  record_->committed = true;
  out.persist = record_;
}

void Genesis::on_commit(const Commit& message, Output& out) {
  const bool joins = plan_.founders.empty() && !plan_.single;
  if (!record_ && joins && !message.founders.empty() && message.cluster == cluster_of(plan_.cluster_name, message.founders)) {
    // F5: who joins adopts the cluster of the first member that it reaches, as an observer.
    record_ = GenesisRecord{.committed = true,
                            .cluster = message.cluster,
                            .lineage = {},
                            .founders = message.founders,
                            .incarnation = {}};
    out.persist = record_;
    return;
  }
  if (committed() || !record_ || record_->cluster != message.cluster || record_->founders != message.founders) return;
  record_->committed = true;
  out.persist = record_;
}

void Genesis::on_link_closed(MemberId member) {
  if (!record_ && member != plan_.self) known_.erase(member);
}

std::string Genesis::waiting_for() const {
  if (committed()) return {};
  if (record_) return "the other founders to confirm the founding";
  if (plan_.founders.empty()) return "a member of the cluster at one of the join addresses";
  std::vector<Address> missing;
  for (const auto& address : plan_.founders) {
    const auto is_here = [&](const auto& known) { return known.second.address == address; };
    if (std::ranges::none_of(known_, is_here)) missing.push_back(address);
  }
  return "the founders at " + listed(missing);
}

}  // namespace conclave::engine
