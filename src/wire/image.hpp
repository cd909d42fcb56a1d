// The image of the replicated state <-> bytes; they travel in parts, or lie in a snapshot.
//
// Pure functions, safe on any thread. Nothing of Cap'n Proto shows, neither types nor exceptions.
#pragma once

#include <conclave/result.hpp>
#include <conclave/types.hpp>

#include "coordination/image.hpp"

namespace conclave::wire {

/// The bytes of `image`, which is at most `image_bytes_max` when encoded.
[[nodiscard]] Bytes encode_image(const coordination::Image& image);

/// What `bytes` say. `errc::protocol_violation`, with what is wrong and where, for bytes that are no image. Whether it is
/// the image of any state is for `coordination::State::from_image` to judge.
[[nodiscard]] Result<coordination::Image> decode_image(BytesView bytes);

}  // namespace conclave::wire
