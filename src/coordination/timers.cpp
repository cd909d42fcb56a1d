#include "coordination/timers.hpp"

#include <limits>

namespace conclave::coordination {

ClusterTime later(ClusterTime time, std::chrono::milliseconds span) {
  const auto count = span.count() > 0 ? static_cast<std::uint64_t>(span.count()) : 0;
  const auto left = std::numeric_limits<std::uint64_t>::max() - time.value;
  return ClusterTime{time.value + (count < left ? count : left)};
}

std::optional<Timers::Due> Timers::take_due(ClusterTime now) {
  const auto first = timers_.begin();
  if (first == timers_.end() || first->first.first > now) return std::nullopt;
  auto node = timers_.extract(first);
  return Due{.resource = std::move(node.mapped()), .token = node.key().second};
}

std::optional<ClusterTime> Timers::next_due() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first.first;
}

}  // namespace conclave::coordination
