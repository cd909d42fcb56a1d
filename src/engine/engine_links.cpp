// Engine: genesis, links and gossip. Who this node is, whom it hears, whom it dials.
#include <algorithm>
#include <utility>

#include <conclave/version.hpp>

#include "engine/engine.hpp"

namespace conclave::engine {

// ---- Who this node is ----

Hello Engine::hello() const {
  const auto mine = header();
  const auto& record = genesis_.record();
  return {.version_min = protocol_version_min,
          .version_max = protocol_version_max,
          .purpose = Purpose::member,
          .cluster_name = options_.cluster_name,
          .cluster = mine.cluster,
          .lineage = mine.lineage,
          .member = self(),
          .name = options_.name,
          .address = options_.advertise,
          .ephemeral = options_.ephemeral,
          .has_vote = replica_ && replica_->has_vote() && replica_->role() != paxos::Role::observer,
          .incarnation = record ? record->incarnation : paxos::Incarnation{},
          .boot_epoch = recovered_.generation.boot_epoch,
          .store_nonces = recovered_.generation.nonces,
          .promised = replica_ ? replica_->synced_promised() : recovered_.promised,
          .last_slot = replica_ ? replica_->synced_last() : Slot{},
          .priority = options_.priority,
          .state_machine = options_.state_machine,
          .founders = genesis_.committed() ? std::vector<Address>() : options_.founders,
          .founding_nonce = recovered_.identity.founding_nonce};
}

// ---- Genesis ----

void Engine::take(Genesis::Output& out) {
  if (out.persist) effects_.persist.emplace_back(*out.persist);
  for (auto& [member, message] : out.send)
    if (const auto link = peers_.link_of(member)) send_after(*link, std::move(message));  // F2, F4: synced first
  if (out.problem) {
    if (problem_ != out.problem) remark(LogLevel::warning, out.problem->message());
    problem_ = out.problem;
  }
  if (out.persist && genesis_.committed()) found(*genesis_.record());
}

void Engine::found(const GenesisRecord& record) {
  if (replica_) return;
  problem_.reset();
  state_ = coordination::State(record.lineage.number);
  begin_replica(Slot{0});
  remark(LogLevel::info, "member " + self().to_string() + " of cluster " + record.cluster.to_string() + " ('" +
                             options_.cluster_name + "', " + std::to_string(record.founders.size()) + " founders)");
  if (recovered_.vote_lost)
    remark(LogLevel::error, "this store has no vote and only observes: " + *recovered_.vote_lost);
  // F5: who is linked already, a founder that is locked in or a node that joins, hears of it from whoever knows first.
  for (const auto& [member, peer] : peers_.linked()) {
    Genesis::Output out;
    genesis_.on_hello(peer.hello, out);
    take(out);
  }
  // Voters keep a link to each other; whatever else was dialled was only the way in.
  for (const auto& founder : record.founders)
    if (founder.member != self() && founder.address.port != 0) peers_.want(founder.address, founder.member);
  if (options_.advertise && !options_.ephemeral) {
    auto seeds = options_.join;
    for (const auto& founder : record.founders) seeds.push_back(founder.address);
    const bool votes = replica_->role() != paxos::Role::observer;
    gossip_.emplace(gossip::Identity{.member = self(),
                                     .name = options_.name,
                                     .address = *options_.advertise,
                                     .boot_epoch = gossip::BootEpoch{recovered_.generation.boot_epoch},
                                     .role = votes ? Role::voter : Role::observer},
                    std::move(seeds), gossip::Tuning{.period = options_.timing.gossip_period}, fork(Draws::gossip), now_);
  }
}

void Engine::begin_replica(Slot image) {
  // F7: the genesis configuration governs from slot 1.
  paxos::Configuration configuration{.id = paxos::ConfigurationId{1}, .replaces = paxos::ConfigurationId{0}, .voters = {}};
  for (const auto& founder : genesis_.record()->founders)
    configuration.voters.push_back({.member = founder.member, .incarnation = paxos::Incarnation{1}});
  paxos::Recovered recovered{.promised = recovered_.promised,
                             .accepted = {},
                             .watermark = recovered_.watermark,
                             .image = image,
                             .configurations = {{.slot = Slot{0}, .configuration = std::move(configuration)}}};
  for (auto& entry : recovered_.log)
    recovered.accepted.push_back({.slot = entry.slot, .ballot = entry.ballot, .entry = std::move(entry.entry)});
  recovered_.log.clear();
  // What an earlier one asked for is still on its way to the disk; the new one knows nothing of it.
  paxos_ = {};
  replica_batches_.clear();
  replica_batch_.reset();
  replica_.emplace(paxos::Identity{.self = self(),
                                   .incarnation = genesis_.record()->incarnation,
                                   .has_vote = !options_.ephemeral && !recovered_.vote_lost,
                                   .boot_nonce = recovered_.generation.nonces.empty() ? 0 : recovered_.generation.nonces.front(),
                                   .priority = options_.priority},
                   paxos::Tuning{.heartbeat = options_.timing.heartbeat,
                                 .election_timeout_min = options_.timing.election_timeout_min,
                                 .election_timeout_max = options_.timing.election_timeout_max},
                   std::move(recovered), fork(Draws::replica), now_);
  for (const auto& [member, peer] : peers_.linked())
    if (!peer.hello.ephemeral) replica_->link_up(member, now_, paxos_);
}

// ---- Links ----

void Engine::on(LinkOpened& event) {
  if (!started_) start();
  peers_.on_opened(event.link, event.remote, event.dialled, now_);
  send(event.link, hello());
}

void Engine::on_hello(LinkId link, const Hello& theirs) {
  const auto judged = peers_.on_hello(link, theirs, hello());
  if (judged.refusal) {
    // F6: to be told of the cluster is news even for a node that cannot talk to it.
    problem_ = *judged.refusal;
    peers_.on_refused(link, *judged.refusal);
    return close(link, *judged.refusal);
  }
  if (judged.close_quietly) return effects_.close.push_back(link);
  if (!judged.accepted) return;
  if (judged.superseded) {
    on_member_unlinked(theirs.member);
    effects_.close.push_back(*judged.superseded);
  }
  if (theirs.purpose == Purpose::inquiry) return;
  if (judged.remember && !options_.ephemeral) effects_.persist.emplace_back(*judged.remember);
  if (judged.vote_doubted) {
    const Error doubt(errc::vote_lost, "the store of '" + theirs.name +
                                           "' is older than what this member has seen of it: it was restored or copied; its "
                                           "votes do not count until it is admitted again");
    remark(LogLevel::error, doubt.message());
    send(link, Refusal{.code = static_cast<std::uint16_t>(errc::vote_lost), .detail = doubt.detail});
  }
  warn_of_namesake(theirs.member, theirs.name);
  if (replica_ && !theirs.ephemeral) replica_->link_up(theirs.member, now_, paxos_);
  Genesis::Output out;
  genesis_.on_hello(theirs, out);
  take(out);
}

void Engine::on_member_unlinked(MemberId member) {
  if (replica_) {
    replica_->link_down(member, now_, paxos_);
    replica_->remove_learner(member);
  }
  namesakes_told_.erase(member);
  genesis_.on_link_closed(member);
  fresh_.on_link_closed(member);
  if (attachment_ && attachment_->member() == member) attachment_.reset();
}

void Engine::on(LinkClosed& event) {
  observers_.detach(event.link);
  if (const auto member = peers_.on_closed(event.link, now_)) on_member_unlinked(*member);
}

void Engine::close_silent_links() {
  for (const auto link : peers_.silent(now_))
    close(link, Error(errc::protocol_violation, "no Hello came over it"));

}

void Engine::on(DialFailed& event) {
  const auto member = peers_.on_dial_failed(event.address, event.why, now_);
  if (!event.refused || !member || peers_.link_of(*member)) return;
  // The link is closed and nobody listens any more: the process is gone.
  if (replica_) replica_->link_refused(*member, now_, paxos_);
  if (!gossip_) return;
  gossip::Effects out;
  gossip_->on_refused(*member, now_, out);
  take(out);
}

void Engine::on_refusal(LinkId link, MemberId from, const Refusal& refusal) {
  const auto code = static_cast<errc>(refusal.code);
  const Error error(code, "a peer refused this node: " + refusal.detail);
  remark(LogLevel::warning, error.message());
  if (code != errc::vote_lost) {
    problem_ = error;
    peers_.on_refused(link, error);
    return;  // the peer closes
  }
  // I5: only a voter that is linked can know.
  const auto* peer = peers_.find(from);
  if (peer && peer->link == link && votes(*peer)) lose_vote(refusal.detail);
}

// I5: what a store said it has synced it must still have when it comes back.
void Engine::remember_said(MemberId from, const paxos::Message& message) {
  if (const auto* peer = peers_.find(from); peer == nullptr || !votes(*peer)) return;
  if (const auto* accepted = std::get_if<paxos::Accepted>(&message))
    peers_.saw(from, accepted->ballot, accepted->upto);
  else if (const auto* promise = std::get_if<paxos::Promise>(&message))
    peers_.saw(from, promise->ballot, {});
}

bool Engine::votes(const Peers::Peer& peer) const {
  if (peer.hello.has_vote || !peer.hello.cluster.is_nil() || !genesis_.committed()) return peer.hello.has_vote;
  // A Hello from before its cluster was founded could not speak of the vote that came with it.
  return std::ranges::find(genesis_.record()->founders, peer.hello.member, &Founder::member) !=
         genesis_.record()->founders.end();
}

void Engine::lose_vote(const std::string& reason) {
  if (recovered_.vote_lost || !replica_ || !replica_->has_vote()) return;
  recovered_.vote_lost = reason;
  effects_.persist.emplace_back(VoteLostRecord{.reason = reason});
  remark(LogLevel::error, "this store has no vote from now on and only observes: " + reason);
  replica_->lose_vote(reason, now_, paxos_);
}

void Engine::close(LinkId link, const Error& why) {
  remark(LogLevel::warning, "a link is closed: " + why.message());
  send(link, Refusal{.code = static_cast<std::uint16_t>(why.code.value()), .detail = why.detail});
  effects_.close.push_back(link);
}

void Engine::dial_due() {
  if (!started_) start();
  for (auto& address : peers_.due(now_)) effects_.dial.push_back(std::move(address));
}

void Engine::start() {
  started_ = true;
  if (genesis_.committed()) return found(*genesis_.record());
  Genesis::Output out;
  genesis_.start(out);
  take(out);
}

void Engine::on(Leave& event) {
  for (const auto& [member, peer] : peers_.linked()) send(peer.link, Goodbye{.restarting = event.restarting});
  if (!gossip_) return;
  gossip::Effects out;
  gossip_->leave(now_, out);
  take(out);
}

// ---- Gossip ----

void Engine::take(gossip::Effects& out) {
  for (auto& datagram : out.send) effects_.datagrams.push_back({.to = datagram.to, .message = std::move(datagram.message)});
  for (const auto& event : out.events) {
    if (const auto* clone = std::get_if<gossip::CloneSeen>(&event)) {
      remark(LogLevel::error, "member " + clone->member.to_string() + " runs at " + to_string(clone->known.address) + " and at " +
                                  to_string(clone->other.address) +
                                  ": a data folder was copied; give one of them an empty folder");
    } else if (const auto* alive = std::get_if<gossip::MemberAlive>(&event)) {
      warn_of_namesake(alive->member.member, alive->member.name);
    } else if (const auto* dead = std::get_if<gossip::MemberDead>(&event)) {
      namesakes_told_.erase(dead->member);
    } else if (const auto* left = std::get_if<gossip::MemberLeft>(&event)) {
      namesakes_told_.erase(left->member);
    } else if (const auto* moved = std::get_if<gossip::AddressChanged>(&event)) {
      // An address is a mere attribute: who votes stays who it is.
      const auto& configured = genesis_.record()->founders;
      const auto founder = std::ranges::find(configured, moved->member, &Founder::member);
      if (founder != configured.end() && founder->member != self()) peers_.want(moved->to, moved->member);
    }
  }
}

}  // namespace conclave::engine
