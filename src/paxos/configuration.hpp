// Which configuration governs which slot. It follows from the chosen prefix of the log alone (P6).
#pragma once

#include <deque>
#include <vector>

#include "paxos/types.hpp"

namespace conclave::paxos {

class Configurations {
 public:
  /// `known`: by slot, the founders' first; at least one.
  explicit Configurations(std::vector<PlacedConfiguration> known);

  /// The last one below `slot`: a configuration is itself counted under the one before it.
  [[nodiscard]] const PlacedConfiguration& governing(Slot slot) const;
  /// The reference stays good when another becomes the newest.
  [[nodiscard]] const PlacedConfiguration& newest() const { return placed_.back(); }
  /// The newest has its `configuration_done` (the founders' needs none).
  [[nodiscard]] bool finished() const { return finished_; }

  /// Every chosen entry, in order. A configuration that names another than the newest as the one it replaces, comes before
  /// that one's change is finished, or is malformed, is a no-op. True: `newest()` changed.
  bool on_chosen(Slot slot, const Entry& entry);

  friend bool operator==(const Configurations&, const Configurations&) = default;

  template <class H>
  friend void hash_append(H& h, const Configurations& configurations) {
    h(configurations.placed_, configurations.finished_);
  }

 private:
  std::deque<PlacedConfiguration> placed_;
  bool finished_ = true;
};

}  // namespace conclave::paxos
