#include "unit/wire/bodies.hpp"

#include "unit/wire/samples.hpp"
#include "wire/command.hpp"
#include "wire/datagram.hpp"
#include "wire/frame.hpp"
#include "wire/image.hpp"
#include "wire/record.hpp"

namespace conclave::test {
namespace {

Result<Bytes> frame_again(BytesView body) {
  auto frame = wire::decode_frame(body);
  if (!frame) return frame.error();
  std::erase_if(frame->messages,
                [](const auto& message) { return std::holds_alternative<engine::UnknownMessage>(message); });
  return wire::encode(*frame);
}

Result<Bytes> datagram_again(BytesView body) {
  const auto datagram = wire::decode_datagram(body);
  if (!datagram) return datagram.error();
  return wire::encode(*datagram);
}

bool is_unknown(const coordination::Command& command) {
  const auto* submission = std::get_if<coordination::Submission>(&command);
  return std::holds_alternative<coordination::Unknown>(command) ||
         (submission != nullptr && std::holds_alternative<coordination::UnknownOp>(submission->op));
}

Result<Bytes> command_again(BytesView payload) {
  const auto command = wire::decode_command(payload);
  if (!command) return command.error();
  return wire::encode_command(is_unknown(*command) ? coordination::Tick{} : *command);
}

Result<Bytes> image_again(BytesView bytes) {
  const auto image = wire::decode_image(bytes);
  if (!image) return image.error();
  return wire::encode_image(*image);
}

}  // namespace

std::vector<Body> bodies(std::uint64_t seed) {
  std::vector<Body> all;
  for (const auto& [name, frame] : frames(seed)) all.push_back({"frame." + name, wire::encode(frame), frame_again});
  for (const auto& [name, datagram] : datagrams(seed))
    all.push_back({"datagram." + name, wire::encode(datagram), datagram_again});
  for (const auto& [name, record] : records(seed)) {
    const auto* accepted = std::get_if<engine::AcceptedRecord>(&record);
    const auto slot = accepted != nullptr ? accepted->slot : Slot();
    all.push_back({"record." + name, wire::encode(record),
                   [key = wire::record_key(record), slot](BytesView value) -> Result<Bytes> {
                     if (key.empty()) {
                       const auto entry = wire::decode_accepted(slot, value);
                       if (!entry) return entry.error();
                       return wire::encode(*entry);
                     }
                     const auto decoded = wire::decode_record(key, value);
                     if (!decoded) return decoded.error();
                     return wire::encode(*decoded);
                   }});
  }
  for (const auto& [name, command] : commands(seed))
    all.push_back({"command." + name, wire::encode_command(command), command_again});
  all.push_back({"image", wire::encode_image(image(seed)), image_again});
  return all;
}

}  // namespace conclave::test
