#include "sim/watcher.hpp"

namespace conclave::sim {

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
