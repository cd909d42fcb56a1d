// Images as runs of bytes.
#include "wire/image.hpp"

#include "wire/image_codec.hpp"
#include "wire/limits.hpp"

namespace conclave::wire {

Bytes encode_image(const coordination::Image& image) {
  // A session without answers, a resource without waiters; what is more is found while writing, at the price of a copy.
  constexpr std::size_t usual = 256;
  const auto parts = image.sessions.size() + image.resources.size() + image.free.size() + image.losses.size();
  std::size_t user = 0;
  if (image.user)
    for (const auto& chunk : image.user->chunks) user += sizeof(std::uint64_t) * 2 + chunk.size();
  return write_segment<schema::Image>(image, usual * (1 + parts) + user);
}

Result<coordination::Image> decode_image(BytesView bytes) {
  return guard_reading(errc::protocol_violation, "image", [&] {
    if (bytes.size() > image_bytes_max) schema::too_long(bytes.size(), image_bytes_max, "the image");
    SegmentReader segment(bytes);
    return take(segment.root<schema::Image>());
  });
}

}  // namespace conclave::wire
