// Commands as payloads of log entries.
#include "wire/command.hpp"

#include "wire/command_codec.hpp"
#include "wire/limits.hpp"

namespace conclave::wire {
namespace {

std::size_t bytes_expected(const coordination::Command& command) {
  constexpr std::size_t usual = 384;
  const auto* submission = std::get_if<coordination::Submission>(&command);
  const auto* apply = submission != nullptr ? std::get_if<coordination::Apply>(&submission->op) : nullptr;
  return usual + (apply != nullptr ? apply->payload.size() : 0);
}

}  // namespace

Bytes encode_command(const coordination::Command& command) {
  return write_segment<schema::Command>(command, bytes_expected(command));
}

Result<coordination::Command> decode_command(BytesView payload) {
  return guard_reading(errc::protocol_violation, "command", [&] {
    if (payload.size() > entry_payload_bytes_max)
      schema::too_long(payload.size(), entry_payload_bytes_max, "the payload");
    SegmentReader segment(payload);
    return take(segment.root<schema::Command>());
  });
}

}  // namespace conclave::wire
