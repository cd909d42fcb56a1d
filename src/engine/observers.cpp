#include "engine/observers.hpp"

#include <algorithm>

namespace conclave::engine {

ImageSource::ImageSource(std::uint64_t id, Slot slot, Bytes whole)
    : id_(id), slot_(slot), sha256_(sha256(whole)), whole_(std::move(whole)) {}

std::optional<ImagePart> ImageSource::part(std::uint32_t number) const {
  const auto parts = static_cast<std::uint32_t>(std::max<std::size_t>(1, (whole_.size() + image_part_bytes - 1) / image_part_bytes));
  if (number >= parts) return std::nullopt;
  const auto first = number * image_part_bytes;
  const auto bytes = BytesView(whole_).subspan(first, std::min(image_part_bytes, whole_.size() - first));
  return ImagePart{.image = id_,
                   .slot = slot_,
                   .part = number,
                   .parts = parts,
                   .sha256 = sha256_,
                   .bytes = Payload(Bytes(bytes.begin(), bytes.end()))};
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

Result<Attachment::Taken> Attachment::on_part(const ImagePart& part) {
  if (following_) return Taken{};
  if (part.parts == 0 || part.parts > image_parts_max || part.part >= part.parts)
    return Error(errc::protocol_violation, "an image part numbered " + std::to_string(part.part) + " of " +
                                               std::to_string(part.parts));
  if (part.part == 0) {
    image_ = part.image;
    next_part_ = 0;
    collected_.clear();
  }
  if (part.image != image_ || part.part != next_part_) return Taken{};  // a late copy
  const auto bytes = part.bytes.view();
  collected_.insert(collected_.end(), bytes.begin(), bytes.end());
  ++next_part_;
  if (next_part_ < part.parts) return Taken{.ask = ImageRequest{.image = part.image, .part = next_part_}, .whole = {}, .slot = {}};
  if (sha256(collected_) != part.sha256)
    return Error(errc::protocol_violation, "an image of " + std::to_string(collected_.size()) + " bytes fails its SHA-256");
  return Taken{.ask = {}, .whole = std::move(collected_), .slot = part.slot};
}

}  // namespace conclave::engine
