// Frames: a header and the messages of one step.
#include "wire/frame.hpp"

#include "wire/limits.hpp"
#include "wire/link_codec.hpp"
#include "wire/message_codec.hpp"

namespace conclave::schema {

static void put(Frame::Builder out, const engine::Frame& value) {
  put(out.initHeader(), value.header);
  put_list(out.initMessages(count(value.messages)), value.messages);
}

static engine::Frame take(Frame::Reader in) {
  return {.header = take(in.getHeader()),
          .messages = take_list(in.getMessages(), wire::messages_max, "Frame.messages")};
}

}  // namespace conclave::schema

namespace conclave::wire {

Bytes encode(const engine::Frame& frame) {
  std::size_t bytes = 128;
  for (const auto& message : frame.messages) bytes += schema::bytes_expected(message);
  return write_segment<schema::Frame>(frame, bytes);
}

Result<engine::Frame> decode_frame(BytesView body) {
  return guard_reading(errc::protocol_violation, "frame", [&] {
    if (body.size() > frame_bytes_max) schema::too_long(body.size(), frame_bytes_max, "the body");
    SegmentReader segment(body);
    return take(segment.root<schema::Frame>());
  });
}

}  // namespace conclave::wire
