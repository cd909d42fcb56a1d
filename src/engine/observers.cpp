#include "engine/observers.hpp"

#include <algorithm>

namespace conclave::engine {

std::optional<ImagePart> ImageSource::part(std::uint32_t number) const {
  if (number >= image_->parts.size()) return std::nullopt;
  return ImagePart{.image = id_,
                   .slot = image_->slot,
                   .part = number,
                   .parts = static_cast<std::uint32_t>(image_->parts.size()),
                   .sha256 = image_->sha256,
                   .bytes = image_->parts[number]};
}

Observers::Follower& Observers::attach(LinkId link, MemberId member) {
  auto& follower = followers_[link];
  follower.member = member;
  return follower;
}

std::optional<MemberId> Observers::detach(LinkId link) {
  std::erase_if(routes_, [link](const auto& route) { return route.second == link; });
  std::erase_if(questions_, [link](const auto& question) { return question.second.link == link; });
  passed_.erase(link);
  const auto found = followers_.find(link);
  if (found == followers_.end()) return std::nullopt;
  const auto member = found->second.member;
  followers_.erase(found);
  return member;
}

std::optional<LinkId> Observers::route_of(SessionId session) const {
  const auto found = routes_.find(session);
  return found == routes_.end() ? std::nullopt : std::optional(found->second);
}

ReadIndex Observers::relay(LinkId link, const ReadIndex& question) {
  // A follower has one question open at a time; a newer one takes its place.
  std::erase_if(questions_, [link](const auto& open) { return open.second.link == link; });
  questions_[next_question_] = {.link = link, .id = question.id};
  return {.id = next_question_++};
}

std::optional<Observers::RelayedReply> Observers::relayed(const ReadIndexReply& reply) {
  const auto found = questions_.find(reply.id);
  if (found == questions_.end()) return std::nullopt;
  RelayedReply answer{.link = found->second.link, .reply = reply};
  answer.reply.id = found->second.id;
  questions_.erase(found);
  return answer;
}

Result<Attachment::Taken> Attachment::on_part(const ImagePart& part, Instant now) {
  if (following_ || opening_) return Taken{};
  if (part.parts == 0 || part.parts > image_parts_max || part.part >= part.parts)
    return Error(errc::protocol_violation, "an image part numbered " + std::to_string(part.part) + " of " +
                                               std::to_string(part.parts));
  if (part.part == 0 && (!collecting_ || collecting_->id != part.image))
    collecting_ = Collecting{.id = part.image,
                             .parts = part.parts,
                             .image = {.slot = part.slot, .sha256 = part.sha256, .parts = {}}};
  // A late copy, or what came behind one that was lost.
  if (!collecting_ || collecting_->id != part.image || collecting_->next() != part.part) return Taken{};
  if (part.parts != collecting_->parts || part.slot != collecting_->image.slot || part.sha256 != collecting_->image.sha256)
    return Error(errc::protocol_violation, "an image part that says another thing of the whole than the first");
  asked_at_ = now;
  collecting_->image.parts.push_back(part.bytes);
  Taken taken;
  if (collecting_->next() == collecting_->parts) {
    opening_ = collecting_->image.sha256;
    taken.whole = std::move(collecting_->image);
    collecting_.reset();
    return taken;
  }
  const auto window_end = std::min(collecting_->parts, collecting_->next() + image_window_parts);
  while (collecting_->asked < window_end && taken.ask.size() < image_parts_per_step)
    taken.ask.push_back({.image = collecting_->id, .part = collecting_->asked++});
  return taken;
}

std::optional<Message> Attachment::ask_again(Instant now, BootClock::duration patience) {
  if (following_ || opening_ || now - asked_at_ < patience) return std::nullopt;
  asked_at_ = now;
  if (!collecting_) return Attach{.applied = {}, .wants_image = true};
  // What was asked for behind the lost part is of no use any more.
  collecting_->asked = collecting_->next() + 1;
  return ImageRequest{.image = collecting_->id, .part = collecting_->next()};
}

}  // namespace conclave::engine
