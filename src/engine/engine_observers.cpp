// Engine: observers, both sides (O1 to O4): who follows this node, and whom this node follows.
#include <algorithm>
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
  if (!attach.wants_image) {
    follower.image.reset();
    follower.awaits.reset();
    replica_->add_learner(from, attach.applied.next(), now_, paxos_);
    return;
  }
  if (follower.image) return send(link, *follower.image->part(0));  // it asks again
  const auto* peer = peers_.find(from);
  follower.awaits = !peer || peer->hello.state_machine.empty() ? ImageKind::built_in : ImageKind::with_user;
  make_image(*follower.awaits);
}

void Engine::make_image(ImageKind kind) {
  if (!making_.insert(kind).second) return;
  if (kind == ImageKind::built_in) return effects_.seal.push_back({.kind = kind, .state = state_, .user = {}});
  // Both run the user's machine, whose state is taken on its own thread.
  snapshotting_ = state_;
  effects_.notices.push_back(SnapshotWanted{});
}

void Engine::on(UserSnapshot& event) {
  if (!snapshotting_) return;
  auto state = *std::exchange(snapshotting_, std::nullopt);
  if (!event.state) return refuse_image(ImageKind::with_user, event.state.error());
  effects_.seal.push_back({.kind = ImageKind::with_user, .state = std::move(state), .user = std::move(*event.state)});
}

void Engine::refuse_image(ImageKind kind, const Error& why) {
  making_.erase(kind);
  for (auto& [link, follower] : observers_.followers()) {
    if (follower.awaits != kind) continue;
    follower.awaits.reset();
    send(link, Refusal{.code = static_cast<std::uint16_t>(errc::not_supported), .detail = why.detail});
    effects_.close.push_back(link);
  }
}

void Engine::on(ImageSealed& event) {
  making_.erase(event.kind);
  for (auto& [link, follower] : observers_.followers()) {
    if (follower.awaits != event.kind) continue;
    follower.awaits.reset();
    follower.image.emplace(++images_, event.image);
    send(link, *follower.image->part(0));
  }
}

void Engine::on_image_request(LinkId link, const ImageRequest& request) {
  const auto found = observers_.followers().find(link);
  if (found == observers_.followers().end() || !found->second.image || found->second.image->id() != request.image) return;
  // O2: who asks for more at once than a correct peer does gets it later, when it asks again.
  const auto is_part = [](const Outgoing& one) { return std::holds_alternative<ImagePart>(one.message); };
  if (std::ranges::count_if(effects_.send_now, is_part) >= image_parts_per_step) return;
  if (const auto part = found->second.image->part(request.part)) send(link, *part);
}

void Engine::on_image_part(MemberId from, const ImagePart& part) {
  if (!attachment_ || attachment_->member() != from) return;
  auto taken = attachment_->on_part(part, now_);
  if (!taken) return reject_image(taken.error());
  if (const auto link = peers_.link_of(from))
    for (const auto& request : taken->ask) send(*link, request);
  if (taken->whole) effects_.open.push_back({.image = std::move(*taken->whole)});
}

void Engine::on(ImageOpened& event) {
  // One from a member that was left meanwhile is of no use: another is on its way.
  if (!attachment_ || attachment_->following() || attachment_->opening() != event.sha256) return;
  if (!event.opened) return reject_image(event.opened.error());
  if (!options_.state_machine.empty() && !event.opened->user)
    return reject_image(Error(errc::not_supported, "it lacks the state of the machine '" + options_.state_machine + "'"));
  install(std::move(*event.opened));
}

void Engine::reject_image(const Error& why) {
  problem_ = Error(why.code, "an image of the state was refused: " + (why.detail.empty() ? why.message() : why.detail));
  remark(LogLevel::warning, problem_->message());
  attachment_.reset();
}

void Engine::install(OpenedImage image) {
  // A state never goes back (P11): nothing is taken from a member that has applied nothing. The log brings it all.
  if (image.state.applied() <= state_.applied()) return follow_log();
  state_ = std::move(image.state);
  begin_replica(state_.applied());
  follow_log();
  effects_.notices.push_back(StateReplaced{.slot = state_.applied(), .user = std::move(image.user)});
  find_sessions();
}

void Engine::follow_log() {
  attachment_->follow();
  if (const auto link = peers_.link_of(attachment_->member()))
    send(*link, Attach{.applied = state_.applied(), .wants_image = false});
}

void Engine::ask_again_for_image() {
  if (!attachment_) return;
  const auto link = peers_.link_of(attachment_->member());
  if (!link) return;
  if (auto question = attachment_->ask_again(now_, options_.timing.election_timeout_max)) send(*link, std::move(*question));
}

// This process's session may be in the image: asked for by way of another member, from which nothing came any more. It has
// no older one, for an image is taken before anything is applied.
void Engine::find_sessions() {
  SessionKeeper::Output out{.forward = {}, .renew = {}, .notices = effects_.notices};
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
  ask_again_for_image();
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
