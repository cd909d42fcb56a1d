#include "engine/freshness.hpp"

#include <algorithm>
#include <utility>

namespace conclave::engine {
namespace {

using std::chrono::milliseconds;

// From 1: 0 is none.
std::uint64_t stamp_of(Instant now) {
  return static_cast<std::uint64_t>(std::chrono::floor<milliseconds>(now.time_since_epoch()).count()) + 1;
}

Instant time_of(std::uint64_t stamp) { return Instant(milliseconds(stamp - 1)); }

}  // namespace

Freshness FreshState::tell(MemberId to, Slot watermark, std::optional<std::chrono::nanoseconds> age,
                           std::optional<MemberId> leader, Instant now) const {
  const auto stamp = stamps_.find(to);
  Freshness told{.watermark = watermark,
                 .age_ms = {},
                 .leader = leader,
                 .stamp = stamp_of(now),
                 .echo = stamp == stamps_.end() ? 0 : stamp->second};
  if (age) told.age_ms = static_cast<std::uint64_t>(std::chrono::ceil<milliseconds>(*age).count());
  return told;
}

void FreshState::on_freshness(MemberId from, const Freshness& said, bool followed, Slot applied, Instant now) {
  if (said.stamp > 0) stamps_[from] = said.stamp;
  if (!followed) return;
  leader_ = said.leader;
  // A stamp of the future is none of ours.
  if (!said.age_ms || said.echo == 0 || said.echo > stamp_of(now)) return;
  const auto asked = time_of(said.echo);
  const auto age = std::min<std::uint64_t>(*said.age_ms, said.echo - 1);
  if (!waiting_) waiting_ = Proof{.watermark = said.watermark, .at = asked - milliseconds(age)};
  on_applied(applied);
}

void FreshState::on_applied(Slot applied) {
  if (!waiting_ || applied < waiting_->watermark) return;
  proven_ = std::max(proven_.value_or(Instant()), std::exchange(waiting_, std::nullopt)->at);
}

}  // namespace conclave::engine
