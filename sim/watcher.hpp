// Who watches a world: invariants, recorders and tests hear of everything as it happens, in true time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/effects.hpp"
#include "engine/message.hpp"
#include "engine/notice.hpp"
#include "sim/script.hpp"
#include "transport/memory_network.hpp"

namespace conclave::sim {

/// How a process ended.
enum class Ending : std::uint8_t {
  killed,      ///< SIGKILL, or it had stopped itself and is started anew
  power_lost,  ///< with all that its disk had not synced
  closed,      ///< in good order
};

/// The frame in a packet, as it left; null: it is no frame, nobody can read it, or it was damaged on its way.
[[nodiscard]] std::shared_ptr<const engine::Frame> frame_of(const transport::Packet& packet);
/// Reads it from the bytes of a frame; null: nobody can.
[[nodiscard]] std::shared_ptr<const engine::Frame> read_frame(const transport::Packet& packet);

/// Overrides what it wants to hear. Nothing may change the world from within a call: what is to happen then goes to the timeline.
class Watcher {
 public:
  Watcher() = default;
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;
  virtual ~Watcher() = default;

  /// The process runs, and has done nothing yet. `life` counts from 1.
  virtual void on_life_begun(const std::string& node, std::uint64_t life);
  /// The process is gone; its disk is as it left it.
  virtual void on_life_ended(const std::string& node, Ending ending);
  /// The node has taken one event: its effects are submitted, sent or queued.
  virtual void on_step(const std::string& node);
  /// The client layer has heard the notice.
  virtual void on_notice(const std::string& node, const engine::Notice& notice);
  virtual void on_remark(const std::string& node, const engine::Remark& remark);
  /// The packet leaves `from`; what the network does to it comes after.
  virtual void on_packet(const std::string& from, const std::string& to, const transport::Packet& packet);
  /// The packet, as the network made it, is handed to the machine `to`; whether anybody there takes it comes after.
  virtual void on_arrival(const std::string& to, const transport::Packet& packet);
  /// The node's disk has done a piece of work.
  virtual void on_disk_work(const std::string& node);
  /// The node's clock runs at another rate from now on, or has jumped.
  virtual void on_clock_changed(const std::string& node);
  /// The fault has struck; `words` name the machines that it meant, where it found any.
  virtual void on_fault(const Words& words);
};

/// Watches with functions; those that are empty are not called.
class Onlooker final : public Watcher {
 public:
  void on_notice(const std::string& node, const engine::Notice& heard) override {
    if (notice) notice(node, heard);
  }
  void on_remark(const std::string& node, const engine::Remark& heard) override {
    if (remark) remark(node, heard);
  }
  void on_packet(const std::string& from, const std::string& to, const transport::Packet& sent) override {
    if (packet) packet(from, to, sent);
  }

  std::function<void(const std::string& node, const engine::Notice&)> notice;
  std::function<void(const std::string& node, const engine::Remark&)> remark;
  std::function<void(const std::string& from, const std::string& to, const transport::Packet&)> packet;
};

}  // namespace conclave::sim
