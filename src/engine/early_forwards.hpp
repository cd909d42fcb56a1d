// Commands that reached a leader before its term-start was applied (P12): they wait here, for there is no leader to send
// them to.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "engine/message.hpp"

namespace conclave::engine {

class EarlyForwards {
 public:
  /// A sender has at most a window of commands on its way, but anybody may be a sender, and a frame may hold one command
  /// or thousands: so both are bounded. A frame that finds no room is refused, and sent again by whoever sent it (S6).
  static constexpr std::size_t frames_max = 1024;
  static constexpr std::size_t bytes_max = std::size_t{32} << 20;

  /// False: there is no room, and `forward` is left as it was.
  [[nodiscard]] bool keep(LinkId from, Forward& forward) {
    const auto bytes = bytes_ + cost(forward);
    if (frames_.size() == frames_max || bytes > bytes_max) return false;
    bytes_ = bytes;
    frames_.emplace_back(from, std::move(forward));
    return true;
  }
  /// All of them, in the order in which they came.
  [[nodiscard]] std::vector<std::pair<LinkId, Forward>> take() {
    bytes_ = 0;
    return std::exchange(frames_, {});
  }

  friend bool operator==(const EarlyForwards&, const EarlyForwards&) = default;
  template <class H>
  friend void hash_append(H& h, const EarlyForwards& early) {
    h(early.frames_, early.bytes_);
  }

 private:
  /// A command without bytes takes room too.
  static std::size_t cost(const Forward& forward) {
    std::size_t bytes = 0;
    for (const auto& command : forward.commands) bytes += sizeof command + command.size();
    return bytes;
  }

  std::vector<std::pair<LinkId, Forward>> frames_;
  std::size_t bytes_{0};
};

}  // namespace conclave::engine
