#include "engine/peers.hpp"

#include <algorithm>

namespace conclave::engine {
namespace {

/// After a refusal a dial waits as after so many failures: about a second.
constexpr unsigned failures_of_a_refusal = 6;

std::string described(const Hello& hello) {
  return "'" + hello.name + "'" + (hello.address ? " at " + to_string(*hello.address) : "");
}

std::uint64_t present_nonce(const Hello& hello) { return hello.store_nonces.empty() ? 0 : hello.store_nonces.front(); }

// A voter, or a founder that is about to be one.
bool means_to_vote(const Hello& hello) { return hello.has_vote || !hello.founders.empty(); }

bool opened_before(const Hello& older, const Hello& newer) {
  return present_nonce(older) != present_nonce(newer) &&
         std::ranges::find(newer.store_nonces, present_nonce(older)) != newer.store_nonces.end();
}

}  // namespace

void Peers::on_opened(LinkId link, const Address& remote, bool dialled, Instant now) {
  auto& opened = opened_[link];
  opened = {.remote = remote, .dialled = dialled, .seen = seen_, .hello_due = now + tuning_.hello_within};
  if (!dialled) return;
  const auto wanted = wanted_.find(remote);
  if (wanted == wanted_.end()) return;
  opened.seen = std::move(wanted->second.seen);
  wanted->second.dialling = false;
  wanted->second.link = link;
}

std::optional<Error> Peers::refuse(const Hello& hello, const Hello& self) const {
  if (hello.version_min > self.version_max || hello.version_max < self.version_min)
    return Error(errc::incompatible, described(hello) + " speaks protocol versions " + std::to_string(hello.version_min) +
                                         " to " + std::to_string(hello.version_max) + ", '" + self.name + "' speaks " +
                                         std::to_string(self.version_min) + " to " + std::to_string(self.version_max) +
                                         "; upgrade the older one");
  if (hello.purpose == Purpose::inquiry) return std::nullopt;
  if (hello.cluster_name != self.cluster_name)
    return Error(errc::wrong_cluster, described(hello) + " belongs to the cluster called '" + hello.cluster_name + "', '" +
                                          self.name + "' to '" + self.cluster_name + "'; check the addresses");
  if (!hello.cluster.is_nil() && !self.cluster.is_nil() && hello.cluster != self.cluster)
    return Error(errc::wrong_cluster, described(hello) + " belongs to cluster " + hello.cluster.to_string() + ", '" +
                                          self.name + "' to " + self.cluster.to_string() +
                                          ", although both are called '" + self.cluster_name + "'");
  if (!hello.cluster.is_nil() && !self.cluster.is_nil() && hello.lineage != self.lineage)
    return Error(errc::wrong_cluster, described(hello) + " is of lineage " + std::to_string(hello.lineage.number) + ", '" +
                                          self.name + "' of " + std::to_string(self.lineage.number) +
                                          ": the cluster was recovered in between");
  // O4: an observer may do without, but whoever runs a machine runs the cluster's, which is the voters'.
  const auto cares = [](const Hello& one) { return means_to_vote(one) || !one.state_machine.empty(); };
  if (cares(hello) && cares(self) && hello.state_machine != self.state_machine)
    return Error(errc::incompatible, described(hello) + " runs the state machine '" + hello.state_machine + "', '" +
                                         self.name + "' runs '" + self.state_machine +
                                         "'; all voters need the same, and an observer the same or none");
  return std::nullopt;
}

bool Peers::doubts(const Hello& hello, const Seen& all) {
  const auto found = all.find(hello.member);
  if (found == all.end() || !hello.has_vote) return false;
  const auto& seen = found->second;
  // A longer gap than the list tells is judged by promise and slot alone (I5).
  const bool list_is_whole = hello.store_nonces.size() < 1024;
  const bool forgot_nonce = list_is_whole && std::ranges::find(hello.store_nonces, seen.nonce) == hello.store_nonces.end();
  return forgot_nonce || hello.promised < seen.promised || hello.last_slot < seen.last_slot;
}

bool Peers::keeps_old(const Peer& old, const Hello& hello, bool dialled, MemberId self) const {
  if (present_nonce(old.hello) != present_nonce(hello)) return opened_before(hello, old.hello);
  // Both dialled at once: both keep the link that the smaller member dialled. The same side again: the newer one, since a
  // side dials again only when it saw the older one closed.
  if (old.dialled == dialled) return false;
  return old.dialled == (self < hello.member);
}

Peers::Judgement Peers::on_hello(LinkId link, const Hello& hello, const Hello& self) {
  Judgement judgement;
  const auto opened = opened_.find(link);
  if (opened == opened_.end() || members_.contains(link)) return judgement;
  opened->second.hello_due.reset();
  if (hello.purpose == Purpose::member && hello.member == self.member) {
    if (present_nonce(hello) == present_nonce(self)) {
      judgement.close_quietly = true;  // we dialled ourselves
      unwant(opened->second.remote);
    } else {
      judgement.refusal = Error(errc::data_dir_in_use, "member '" + self.name +
                                                           "' runs twice: its data folder was copied; give the copy an "
                                                           "empty folder");
    }
    return judgement;
  }
  judgement.refusal = refuse(hello, self);
  if (judgement.refusal) return judgement;
  if (hello.purpose == Purpose::inquiry) {
    inquiries_[link] = true;
    judgement.accepted = true;
    return judgement;
  }
  const bool dialled = opened->second.dialled;
  if (const auto old = linked_.find(hello.member); old != linked_.end()) {
    if (keeps_old(old->second, hello, dialled, self.member)) {
      judgement.close_quietly = true;
      return judgement;
    }
    judgement.superseded = old->second.link;
    members_.erase(old->second.link);
  }
  judgement.vote_doubted = doubts(hello, opened->second.seen);
  judgement.accepted = true;
  if (!judgement.vote_doubted && hello.has_vote) {
    auto& seen = seen_[hello.member];
    seen = {.member = hello.member,
            .nonce = present_nonce(hello),
            .promised = std::max(seen.promised, hello.promised),
            .last_slot = std::max(seen.last_slot, hello.last_slot)};
    judgement.remember = seen;
  }
  members_[link] = hello.member;
  linked_[hello.member] = {.link = link, .hello = hello, .dialled = dialled, .vote_doubted = judgement.vote_doubted};
  if (const auto wanted = wanted_.find(opened->second.remote); dialled && wanted != wanted_.end()) {
    wanted->second.failures = 0;
    wanted->second.trouble.reset();
    wanted->second.member = hello.member;
  }
  return judgement;
}

void Peers::on_refused(LinkId link, const Error& why) {
  if (const auto opened = opened_.find(link); opened != opened_.end()) opened->second.refused = true;
  set_trouble(link, why);
}

void Peers::set_trouble(LinkId link, const Error& why) {
  for (auto& [address, wanted] : wanted_)
    if (wanted.link == link) wanted.trouble = why;
}

std::optional<MemberId> Peers::on_closed(LinkId link, Instant now) {
  const auto opened = opened_.extract(link);
  if (opened && opened.mapped().hello_due)
    set_trouble(link, {std::make_error_code(std::errc::connection_reset),
                       to_string(opened.mapped().remote) + " closed the link before it said who it is"});
  const bool refused = opened && opened.mapped().refused;
  inquiries_.erase(link);
  for (auto& [address, wanted] : wanted_) {
    if (wanted.link != link) continue;
    wanted.link.reset();
    // Its Hello had set the count back; what is wrong does not mend itself within milliseconds.
    if (refused) wanted.failures = std::max(wanted.failures, failures_of_a_refusal);
    plan_next(wanted, now);
  }
  const auto found = members_.find(link);
  if (found == members_.end()) return std::nullopt;
  const auto member = found->second;
  members_.erase(found);
  const auto peer = linked_.find(member);
  if (peer == linked_.end() || peer->second.link != link) return std::nullopt;
  const auto address = peer->second.hello.address;
  linked_.erase(peer);
  // Is the process gone, or only the link? The next dial tells, so it does not wait.
  if (address && !refused) hurry(*address, now);
  return member;
}

std::vector<LinkId> Peers::silent(Instant now) {
  std::vector<LinkId> links;
  for (auto& [link, opened] : opened_) {
    if (!opened.hello_due || *opened.hello_due > now) continue;
    opened.hello_due.reset();
    set_trouble(link, {std::make_error_code(std::errc::timed_out), to_string(opened.remote) + " does not say who it is"});
    links.push_back(link);
  }
  return links;
}

std::optional<LinkId> Peers::link_of(MemberId member) const {
  const auto* peer = find(member);
  return peer ? std::optional(peer->link) : std::nullopt;
}

std::optional<MemberId> Peers::member_of(LinkId link) const {
  const auto found = members_.find(link);
  return found == members_.end() ? std::nullopt : std::optional(found->second);
}

const Peers::Peer* Peers::find(MemberId member) const {
  const auto found = linked_.find(member);
  return found == linked_.end() ? nullptr : &found->second;
}

void Peers::saw(MemberId member, paxos::Ballot promised, Slot last_slot) {
  const auto peer = linked_.find(member);
  if (peer == linked_.end()) return;
  // Of a founder whose Hello is older than its cluster, and spoke of no vote, this is the first that is remembered.
  auto& seen = seen_.try_emplace(member, PeerRecord{.member = member, .nonce = present_nonce(peer->second.hello), .promised = {}, .last_slot = {}})
                   .first->second;
  seen.promised = std::max(seen.promised, promised);
  seen.last_slot = std::max(seen.last_slot, last_slot);
}

void Peers::want(const Address& address, std::optional<MemberId> member) {
  auto& wanted = wanted_[address];
  if (member) wanted.member = member;
}

void Peers::unwant(const Address& address) { wanted_.erase(address); }

void Peers::hurry(const Address& address, Instant now) {
  const auto found = wanted_.find(address);
  if (found == wanted_.end() || found->second.dialling) return;
  found->second.next_dial = now;
}

std::vector<Address> Peers::due(Instant now) {
  std::vector<Address> addresses;
  for (auto& [address, wanted] : wanted_) {
    if (wanted.dialling || wanted.link || wanted.next_dial > now) continue;
    if (wanted.member && linked_.contains(*wanted.member)) continue;
    wanted.dialling = true;
    wanted.seen = seen_;
    addresses.push_back(address);
  }
  return addresses;
}

std::optional<MemberId> Peers::on_dial_failed(const Address& address, const Error& why, Instant now) {
  const auto found = wanted_.find(address);
  if (found == wanted_.end()) return std::nullopt;
  found->second.dialling = false;
  found->second.trouble = why;
  plan_next(found->second, now);
  return found->second.member;
}

std::vector<Error> Peers::troubles() const {
  std::vector<Error> troubles;
  for (const auto& [address, wanted] : wanted_)
    if (wanted.trouble) troubles.push_back(*wanted.trouble);
  return troubles;
}

bool Peers::all_are_foreign() const {
  const auto is_foreign = [](const auto& wanted) { return wanted.second.trouble && *wanted.second.trouble == errc::wrong_cluster; };
  return !wanted_.empty() && std::ranges::all_of(wanted_, is_foreign);
}

void Peers::plan_next(Wanted& wanted, Instant now) {
  // Exponential backoff with full jitter, so that many nodes do not dial a returning one at the same moment.
  const auto ceiling = std::min(tuning_.longest, tuning_.first * (1 << std::min(wanted.failures, 16u)));
  ++wanted.failures;
  const auto wait = ceiling / 2 + std::chrono::nanoseconds(prng_.below(static_cast<std::uint64_t>(ceiling.count() / 2) + 1));
  wanted.next_dial = now + wait;
}

std::optional<Instant> Peers::next_wakeup() const {
  std::optional<Instant> next;
  for (const auto& [address, wanted] : wanted_) {
    if (wanted.dialling || wanted.link) continue;
    if (wanted.member && linked_.contains(*wanted.member)) continue;
    next = next ? std::min(*next, wanted.next_dial) : wanted.next_dial;
  }
  for (const auto& [link, opened] : opened_)
    if (opened.hello_due) next = next ? std::min(*next, *opened.hello_due) : *opened.hello_due;
  return next;
}

}  // namespace conclave::engine
