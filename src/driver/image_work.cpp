#include "driver/image_work.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "wire/image.hpp"

namespace conclave::driver {
namespace {

Bytes encode(engine::SealImage work) {
  auto image = work.state.image();
  image.user = std::move(work.user);
  return wire::encode_image(image);
}

/// Each part is let go once it is copied: a large image lies in memory once.
Bytes join(std::vector<Payload> parts) {
  std::size_t size = 0;
  for (const auto& part : parts) size += part.size();
  Bytes whole;
  whole.reserve(size);
  for (auto& part : parts) {
    const auto bytes = part.view();
    whole.insert(whole.end(), bytes.begin(), bytes.end());
    part = {};
  }
  return whole;
}

Result<coordination::Image> decode(engine::SealedImage sealed) {
  const auto whole = join(std::move(sealed.parts));
  if (sha256(whole) != sealed.sha256)
    return Error(errc::protocol_violation, "an image of " + std::to_string(whole.size()) + " bytes fails its SHA-256");
  return wire::decode_image(whole);
}

Result<engine::OpenedImage> opened(engine::SealedImage sealed) {
  const auto slot = sealed.slot;
  auto image = decode(std::move(sealed));
  if (!image) return image.error();
  auto state = coordination::State::from_image(*image);
  if (!state) return state.error();
  if (state->applied() != slot) return Error(errc::protocol_violation, "it names another slot");
  engine::OpenedImage opened{.state = std::move(*state), .user = nullptr};
  if (image->user) opened.user = std::make_shared<const coordination::UserState>(std::move(*image->user));
  return opened;
}

}  // namespace

engine::ImageSealed seal(engine::SealImage work) {
  const auto kind = work.kind;
  auto sealed = std::make_shared<engine::SealedImage>();
  sealed->slot = work.state.applied();
  const auto whole = encode(std::move(work));
  sealed->sha256 = sha256(whole);
  sealed->parts.reserve(whole.size() / engine::image_part_bytes + 1);
  for (BytesView rest = whole; !rest.empty();) {
    const auto part = rest.first(std::min(rest.size(), engine::image_part_bytes));
    sealed->parts.emplace_back(Bytes(part.begin(), part.end()));
    rest = rest.subspan(part.size());
  }
  return {.kind = kind, .image = std::move(sealed)};
}

engine::ImageOpened open(engine::OpenImage work) {
  const auto digest = work.image.sha256;
  return {.sha256 = digest, .opened = opened(std::move(work.image))};
}

}  // namespace conclave::driver
