// Engine: observers, both sides (O1 to O4): who follows this node, and whom this node follows.
#include <utility>

#include "engine/engine.hpp"

namespace conclave::engine {

void Engine::on_attach(LinkId link, MemberId from, const Attach& attach) {
  if (!replica_) return;
  // O4: what holds no user results cannot stand for the cluster's state. A voter runs the cluster's machine, if it has one.
  if (attach.wants_image && replica_->role() == paxos::Role::observer && options_.state_machine.empty()) {
    send(link, Refusal{.code = static_cast<std::uint16_t>(errc::not_supported),
                       .detail = "'" + options_.name + "' runs no state machine and has no vote: it serves no image"});
    return effects_.close.push_back(link);
  }
  auto& follower = observers_.attach(link, from);
  follower.image.reset();
  if (!attach.wants_image) {
    replica_->add_learner(from, attach.applied.next(), now_, paxos_);
    return;
  }
  const auto* peer = peers_.find(from);
  if (!peer || peer->hello.state_machine.empty())
    return offer_image(link, follower, state_.applied(), options_.codec.encode_image(state_.image()));
  // P11: both run the user's machine, whose state is taken on its own thread. One snapshot serves all who wait for it.
  follower.awaits_snapshot = true;
  if (snapshotting_) return;
  snapshotting_ = state_;
  effects_.notices.push_back(SnapshotWanted{});
}

void Engine::on(UserSnapshot& event) {
  if (!snapshotting_) return;
  auto image = std::exchange(snapshotting_, std::nullopt)->image();
  Bytes encoded;
  if (event.state) {
    image.user = std::move(*event.state);
    encoded = options_.codec.encode_image(image);
  }
  for (auto& [link, follower] : observers_.followers()) {
    if (!std::exchange(follower.awaits_snapshot, false)) continue;
    if (event.state) {
      offer_image(link, follower, image.applied, encoded);
      continue;
    }
    send(link, Refusal{.code = static_cast<std::uint16_t>(errc::not_supported), .detail = event.state.error().detail});
    effects_.close.push_back(link);
  }
}

void Engine::offer_image(LinkId link, Observers::Follower& follower, Slot slot, Bytes image) {
  follower.image.emplace(++images_, slot, std::move(image));
  send(link, *follower.image->part(0));
}

void Engine::on_image_request(LinkId link, const ImageRequest& request) {
  const auto found = observers_.followers().find(link);
  if (found == observers_.followers().end() || !found->second.image || found->second.image->id() != request.image) return;
  if (const auto part = found->second.image->part(request.part)) send(link, *part);
}

void Engine::on_image_part(MemberId from, const ImagePart& part) {
  if (!attachment_ || attachment_->member() != from) return;
  auto taken = attachment_->on_part(part);
  if (!taken) {
    remark(LogLevel::warning, taken.error().message());
    attachment_.reset();
    return;
  }
  if (taken->ask)
    if (const auto link = peers_.link_of(from)) send(*link, *taken->ask);
  if (taken->whole) install(taken->slot, *taken->whole);
}

void Engine::install(Slot slot, const Bytes& bytes) {
  if (slot <= state_.applied()) {
    // From a member that is behind the one before: a state never goes back. The log takes it on from here.
    attachment_->follow();
    if (const auto link = peers_.link_of(attachment_->member()))
      send(*link, Attach{.applied = state_.applied(), .wants_image = false});
    return;
  }
  auto image = options_.codec.decode_image(bytes);
  auto state = image ? coordination::State::from_image(*image) : Result<coordination::State>(image.error());
  if (!state || state->applied() != slot) {
    remark(LogLevel::warning, "an image was refused: " + (state ? "it names another slot" : state.error().message()));
    attachment_.reset();
    return;
  }
  if (!options_.state_machine.empty() && !image->user) {
    remark(LogLevel::warning, "an image was refused: it lacks the state of the machine '" + options_.state_machine + "'");
    attachment_.reset();
    return;
  }
  state_ = std::move(*state);
  begin_replica(slot);
  attachment_->follow();
  if (const auto link = peers_.link_of(attachment_->member())) send(*link, Attach{.applied = slot, .wants_image = false});
  effects_.notices.push_back(StateReplaced{.slot = slot, .user = std::move(image->user)});
  reconcile_sessions();
}

// What became of this process's sessions in the part of the log that it did not see.
void Engine::reconcile_sessions() {
  SessionKeeper::Output out{.forward = {}, .renew = {}, .notices = effects_.notices};
  for (const auto id : keeper_.sessions()) {
    if (const auto next = state_.next_sequence(id))
      keeper_.on_applied(id, next->previous());
    else
      keeper_.on_ended(id, "it ended while this node was cut off", out);
  }
  for (const auto& [id, session] : state_.sessions())
    keeper_.on_opened({.nonce = session.nonce,
                       .session = id,
                       .owner = session.owner,
                       .owner_name = session.owner_name,
                       .ttl = session.ttl,
                       .ephemeral = session.ephemeral},
                      now_, out);
}

void Engine::flush_observers() {
  attach_if_needed();
  if (now_ - freshness_sent_ < options_.timing.heartbeat) return;
  freshness_sent_ = now_;
  for (const auto& [link, follower] : observers_.followers())
    if (const auto member = peers_.member_of(link)) send(link, freshness_for(*member));
  if (!attachment_) return;
  if (const auto link = peers_.link_of(attachment_->member())) send(*link, freshness_for(attachment_->member()));
}

Freshness Engine::freshness_for(MemberId member) const {
  return fresh_.tell(member, replica_->watermark(), staleness(now_), replica_->leader(), now_);
}

bool Engine::follows(MemberId member) const {
  if (attachment_) return attachment_->member() == member;
  return replica_ && replica_->leader() == member;
}

// O1: the voter after the one that went silent, so that a hanging one is not asked again and again.
const Peers::Peer* Engine::next_to_follow() const {
  const Peers::Peer* first = nullptr;
  for (const auto& [member, peer] : peers_.linked()) {
    if (!votes(peer)) continue;
    if (!attachment_ || attachment_->member() < member) return &peer;
    if (!first && member != attachment_->member()) first = &peer;
  }
  return first;
}

void Engine::attach_if_needed() {
  if (!replica_ || replica_->role() != paxos::Role::observer) return;
  if (attachment_ && now_ - attachment_->heard() < options_.timing.election_timeout_max) return;
  const auto* peer = next_to_follow();
  if (!peer) return;
  // A node with a store replays the log; one without takes the state as an image (O2), once: what it has applied it
  // keeps when it changes its member, who may be behind it (P11).
  const bool wants_image = options_.ephemeral && state_.applied() == Slot{0};
  attachment_.emplace(peer->hello.member, now_);
  if (!wants_image) attachment_->follow();
  send(peer->link, Attach{.applied = replica_->watermark(), .wants_image = wants_image});
}

}  // namespace conclave::engine
