#include "sim/watcher.hpp"

#include "transport/frame.hpp"
#include "wire/frame.hpp"

namespace conclave::sim {

std::shared_ptr<const engine::Frame> frame_of(const transport::Packet& packet) {
  return std::static_pointer_cast<const engine::Frame>(packet.note);
}

std::shared_ptr<const engine::Frame> read_frame(const transport::Packet& packet) {
  auto frame = wire::decode_frame(BytesView(packet.bytes).subspan(transport::frame_header_bytes));
  return frame ? std::make_shared<const engine::Frame>(std::move(*frame)) : nullptr;
}

void Watcher::on_life_begun(const std::string&, std::uint64_t) {}
void Watcher::on_life_ended(const std::string&, Ending) {}
void Watcher::on_step(const std::string&) {}
void Watcher::on_notice(const std::string&, const engine::Notice&) {}
void Watcher::on_remark(const std::string&, const engine::Remark&) {}
void Watcher::on_packet(const std::string&, const std::string&, const transport::Packet&) {}
void Watcher::on_arrival(const std::string&, const transport::Packet&) {}
void Watcher::on_disk_work(const std::string&) {}
void Watcher::on_clock_changed(const std::string&) {}
void Watcher::on_fault(const Words&) {}

}  // namespace conclave::sim
