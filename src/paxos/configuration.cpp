// The configurations of the chosen prefix.
#include "paxos/configuration.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/invariant.hpp"
#include "paxos/entry.hpp"

namespace conclave::paxos {

Configurations::Configurations(std::vector<PlacedConfiguration> known) : placed_(std::make_move_iterator(known.begin()), std::make_move_iterator(known.end())) {
  CONCLAVE_INVARIANT(!placed_.empty());
}

const PlacedConfiguration& Configurations::governing(Slot slot) const {
  const auto above = std::ranges::lower_bound(placed_, slot, {}, &PlacedConfiguration::slot);
  return above == placed_.begin() ? placed_.front() : *std::prev(above);
}

bool Configurations::on_chosen(Slot slot, const Entry& entry) {
  if (entry.kind == EntryKind::configuration_done) {
    const auto done = decode_configuration_done(entry.payload.view());
    if (done && done->id == newest().configuration.id) finished_ = true;
    return false;
  }
  if (entry.kind != EntryKind::configuration) return false;
  auto next = decode_configuration(entry.payload.view());
  if (!next || !finished_ || next->replaces != newest().configuration.id) return false;
  placed_.push_back({slot, std::move(*next)});
  finished_ = false;
  return true;
}

}  // namespace conclave::paxos
