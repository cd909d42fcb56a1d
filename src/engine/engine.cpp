// The step: routes each event and each message to the part that it concerns. Links and genesis are in engine_links.cpp, the
// log in engine_log.cpp, sessions, reads and the way to the leader in engine_sessions.cpp, observers and their images in
// engine_observers.cpp, the status in engine_status.cpp.
#include "engine/engine.hpp"

#include <algorithm>
#include <utility>

#include <conclave/version.hpp>

#include "base/hash.hpp"
#include "base/invariant.hpp"

namespace conclave::engine {
namespace {

Genesis::Plan plan_of(const Options& options, const Recovered& recovered) {
  return {.self = recovered.identity.member,
          .founding_nonce = recovered.identity.founding_nonce,
          .name = options.name,
          .address = options.advertise,
          .cluster_name = options.cluster_name,
          .founders = options.founders,
          .single = options.single};
}

SessionKeeper::Tuning keeper_tuning(const Options& options, const Recovered& recovered) {
  return {.codec = options.codec,
          .owner = recovered.identity.member,
          .owner_name = options.name,
          .ephemeral = options.ephemeral,
          .pending_max = options.limits.pending_calls_max,
          .drift_ppm = options.timing.clock_drift_ppm};
}

}  // namespace

Engine::Engine(Options options, Recovered recovered, Prng prng, Instant now)
    : options_(std::move(options)),
      recovered_(std::move(recovered)),
      prng_(prng),
      now_(now),
      batch_(recovered_.opening_batch),
      genesis_(plan_of(options_, recovered_), recovered_.genesis),
      peers_(fork(Draws::peers)),
      state_(0),
      keeper_(keeper_tuning(options_, recovered_)),
      asker_(options_.timing.election_timeout_min),
      former_session_(recovered_.former_session) {
  for (const auto& record : recovered_.peers) peers_.restore(record);
  for (const auto& address : options_.founders)
    if (address != options_.advertise) peers_.want(address, std::nullopt);
  for (const auto& address : options_.join) peers_.want(address, std::nullopt);
}

Effects Engine::step(Event event, Instant now) {
  CONCLAVE_INVARIANT(now >= now_, now, now_);
  now_ = now;
  if (stopped_) return {};
  std::visit([this](auto& held) { on(held); }, event);
  drain_replica();
  judge();
  update_path();
  flush_sessions();
  flush_reads();
  want_round();
  drain_replica();
  publish_reads();
  flush_observers();
  report_progress();
  dial_due();
  seal_batch();
  return std::exchange(effects_, {});
}

namespace {

bool speaks(std::uint16_t version) { return version >= protocol_version_min && version <= protocol_version_max; }
std::string spoken_versions() { return std::to_string(protocol_version_min) + " to " + std::to_string(protocol_version_max); }

}  // namespace

void Engine::on(FrameReceived& event) {
  const auto from = peers_.member_of(event.link);
  const auto& header = event.frame.header;
  for (auto& message : event.frame.messages) {
    if (auto* hello = std::get_if<Hello>(&message)) {
      on_hello(event.link, *hello);
      continue;
    }
    if (auto* refusal = std::get_if<Refusal>(&message)) {
      on_refusal(event.link, header.sender, *refusal);
      continue;
    }
    // A Hello tells a range, and a refusal is understood in any version; for all else the header's is the one spoken.
    if (!speaks(header.version))
      return close(event.link, Error(errc::incompatible, "a frame of protocol version " + std::to_string(header.version) +
                                                             " came, this node speaks " + spoken_versions()));
    if (peers_.is_inquiry(event.link)) {
      if (std::holds_alternative<StatusRequest>(message)) send(event.link, StatusReply{.status = status(now_)});
      continue;
    }
    // I2, I3: what is not of this cluster, this lineage, or that member's present life is not heard. Before it belongs to a
    // cluster a node hears everybody that said Hello.
    const auto* peer = from ? peers_.find(*from) : nullptr;
    if (!peer || peer->link != event.link || header.sender != *from) continue;
    const auto mine = this->header();
    const bool same = mine.cluster.is_nil() || header.cluster.is_nil() ||
                      (header.cluster == mine.cluster && header.lineage == mine.lineage);
    const bool present = peer->hello.store_nonces.empty() || header.store_nonce == peer->hello.store_nonces.front();
    if (!same)
      return close(event.link, Error(errc::wrong_cluster, "a frame of cluster " + header.cluster.to_string() + ", lineage " +
                                                              std::to_string(header.lineage.number) +
                                                              " came over a link of cluster " + mine.cluster.to_string() +
                                                              ", lineage " + std::to_string(mine.lineage.number)));
    if (!present)
      return close(event.link, Error(errc::protocol_violation,
                                     "a frame of another opening of the store of '" + peer->hello.name + "' came"));
    on_message(event.link, *from, message);
  }
}

namespace {

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};

}  // namespace

void Engine::on_message(LinkId link, MemberId from, Message& message) {
  if (attachment_ && attachment_->member() == from) attachment_->hear(now_);
  Genesis::Output genesis;
  std::visit(
      Overloaded{
          [&](paxos::Message& held) {
            // I5: the votes of a store that went back in time do not count, so they are not even heard.
            const auto* peer = peers_.find(from);
            remember_said(from, held);
            if (replica_ && !(peer && peer->vote_doubted)) replica_->on_message(from, std::move(held), now_, paxos_);
          },
          [&](LockIn& held) { genesis_.on_lock_in(from, held, genesis); },
          [&](LockedIn& held) { genesis_.on_locked_in(from, held, genesis); },
          [&](Commit& held) { genesis_.on_commit(held, genesis); },
          [&](Goodbye&) {
            if (replica_) replica_->goodbye(from, now_, paxos_);
            // I8: it does not come back, so it is forgotten before its link is seen to be closed.
            if (const auto* peer = peers_.find(from); peer && peer->hello.ephemeral) effects_.close.push_back(link);
          },
          [&](Forward& held) { on_forward(link, held); },
          [&](ForwardReply& held) { on_forward_reply(link, held); },
          [&](Renew& held) { on_renew(link, held); },
          [&](RenewAck& held) { on_renew_ack(held); },
          [&](EndFormer& held) { on_end_former(link, held); },
          [&](ReadIndex& held) { on_read_index(link, held); },
          [&](ReadIndexReply& held) { on_read_reply(held); },
          [&](Attach& held) { on_attach(link, from, held); },
          [&](ImageRequest& held) { on_image_request(link, held); },
          [&](ImagePart& held) { on_image_part(from, held); },
          [&](Freshness& held) { fresh_.on_freshness(from, held, follows(from), state_.applied(), now_); },
          [](auto&) {},  // not over this link: Hello and Refusal are handled before, inquiries have their own
      },
      message);
  take(genesis);
}

void Engine::on(DatagramReceived& event) {
  const auto& header = event.datagram.header;
  const auto mine = this->header();
  if (!gossip_) return;
  const auto drop = [&](const std::string& whose, const std::string& ours) {
    // Said once in a while: a stranger's gossip must not become a flood of lines.
    if (foreign_datagrams_++ % 1024 == 0)
      remark(LogLevel::warning, "a datagram of " + whose + ", from " + to_string(event.from) + " was dropped; this node " + ours);
  };
  if (!speaks(header.version))
    return drop("protocol version " + std::to_string(header.version), "speaks " + spoken_versions());
  if (event.datagram.cluster_name != options_.cluster_name)
    return drop("the cluster called '" + event.datagram.cluster_name + "'", "is of '" + options_.cluster_name + "'");
  if (header.cluster != mine.cluster || header.lineage != mine.lineage)
    return drop("cluster " + header.cluster.to_string() + ", lineage " + std::to_string(header.lineage.number),
                "is of cluster " + mine.cluster.to_string() + ", lineage " + std::to_string(mine.lineage.number));
  gossip::Effects out;
  gossip_->on_message(event.from, header.sender, event.datagram.message, now_, out);
  take(out);
}

void Engine::on(Tick&) {
  if (replica_) replica_->on_tick(now_, paxos_);
  if (gossip_ && gossip_->next_wakeup() <= now_) {
    gossip::Effects out;
    gossip_->on_tick(now_, out);
    take(out);
  }
  SessionKeeper::Output sessions{.forward = {}, .renew = {}, .notices = effects_.notices};
  keeper_.expire(now_, sessions);
  if (ledger_.leads()) ledger_.on_tick(now_);
  close_silent_links();
}

void Engine::on(Persisted& event) {
  std::optional<BatchId> replica;
  while (!replica_batches_.empty() && replica_batches_.front().first <= event.upto) {
    replica = replica_batches_.front().second;
    replica_batches_.pop_front();
  }
  if (replica_ && replica) replica_->on_persisted(*replica, now_, paxos_);
}

void Engine::on(DiskFailed& event) {
  // P8: whatever this store has said it keeps may be gone. It falls silent as a voter; the host is told.
  if (replica_) replica_->on_disk_failed(now_, paxos_);
  drain_replica();
  effects_.notices.push_back(Stopped{.reason = event.reason});
  stopped_ = true;
}

void Engine::on(DiskFull& event) {
  // P8: nothing is lost, and nothing that waits for this disk is said. A leader hands over.
  if (!disk_full_) remark(LogLevel::error, event.reason.message() + "; no new commands are taken until there is room");
  disk_full_ = std::move(event.reason);
  if (replica_) replica_->set_disk_healthy(false, now_, paxos_);
}

void Engine::on(DiskHasRoom&) {
  if (!std::exchange(disk_full_, std::nullopt)) return;
  remark(LogLevel::info, "the disk has room again: this node goes on");
  if (replica_) replica_->set_disk_healthy(true, now_, paxos_);
}

Instant Engine::next_wakeup() const {
  auto next = Instant::max();
  const auto consider = [&next](std::optional<Instant> at) {
    if (at) next = std::min(next, *at);
  };
  if (replica_) consider(replica_->next_wakeup());
  if (gossip_) consider(gossip_->next_wakeup());
  consider(peers_.next_wakeup());
  consider(keeper_.next_wakeup(can_send()));
  consider(ledger_.next_wakeup());
  if (can_send()) consider(asker_.next_wakeup());
  if (can_send() && former_session_ && former_asked_) consider(*former_asked_ + former_session_again);
  if (replica_ && replica_->term_started() && !tick_proposed_)
    if (const auto due = state_.next_timer_due())
      consider(stamp_base_at_ + std::chrono::milliseconds(due->value > stamp_base_.value ? due->value - stamp_base_.value : 0));
  if (!observers_.followers().empty() || attachment_) consider(freshness_sent_ + options_.timing.heartbeat);
  return std::max(next, now_);
}

Header Engine::header() const {
  Header header{.version = protocol_version_max,
                .cluster = {},
                .lineage = {},
                .sender = recovered_.identity.member,
                .store_nonce = recovered_.generation.nonces.empty() ? 0 : recovered_.generation.nonces.front()};
  if (genesis_.committed()) {
    header.cluster = genesis_.record()->cluster;
    header.lineage = genesis_.record()->lineage;
  }
  return header;
}

std::uint64_t Engine::state_hash() const {
  StateHasher hasher;
  hasher(now_, prng_, batch_, started_, stopped_, disk_full_, genesis_, peers_, gossip_);
  hasher(replica_, replica_batches_, state_, stamp_base_, stamp_base_at_, term_start_at_, tick_proposed_, early_, verdicts_);
  hasher(keeper_, ledger_, asker_, answerer_, reads_, observers_, images_, foreign_datagrams_);
  hasher(attachment_, making_, snapshotting_, fresh_, freshness_sent_, path_, told_leader_, leader_reason_);
  hasher(former_session_, former_asked_, replica_batch_, namesakes_told_, problem_, told_progress_, recovered_.vote_lost);
  return hasher.finish();
}

}  // namespace conclave::engine
