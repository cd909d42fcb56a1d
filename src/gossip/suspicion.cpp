#include "gossip/suspicion.hpp"

#include <algorithm>
#include <bit>

#include "base/invariant.hpp"

namespace conclave::gossip {
namespace {

constexpr std::size_t refusals_wanted = 2;

/// log(confirmed + 1) / log(wanted + 1) in thousandths, by table: a floating logarithm may differ between machines.
unsigned agreement(std::size_t confirmed, std::size_t wanted) {
  constexpr unsigned logarithm[] = {0, 693, 1099, 1386, 1609, 1792, 1946, 2079, 2197};
  constexpr std::size_t last = std::size(logarithm) - 1;
  if (confirmed >= wanted) return 1000;
  return 1000 * logarithm[std::min(confirmed, last)] / logarithm[std::min(wanted, last)];
}

}  // namespace

Suspicion::Suspicion(const Tuning& tuning, std::size_t live, Instant now)
    : timeout_min_(timeout_min(tuning, live)),
      timeout_max_(timeout_min_ * tuning.suspicion_stretch),
      period_(tuning.period),
      // Neither the suspect nor the first accuser can confirm.
      wanted_(std::min<std::size_t>(tuning.confirmations, live > 2 ? live - 2 : 0)),
      started_(now) {}

BootClock::duration Suspicion::timeout_min(const Tuning& tuning, std::size_t live) {
  // log10 in thousandths: a bit is worth 0.301.
  const auto scale = std::max<std::int64_t>(1000, 301 * static_cast<std::int64_t>(std::bit_width(live)));
  return BootClock::duration(tuning.period) * tuning.suspicion_periods * scale / 1000;
}

bool Suspicion::confirm(MemberId accuser, Evidence evidence, Instant now) {
  const auto known = accusers_.find(accuser);
  const bool harder = evidence == Evidence::refused && refusals() < refusals_wanted &&
                      (known == accusers_.end() || known->second != Evidence::refused);
  const bool another = known == accusers_.end() && accusers_.size() <= wanted_;
  if (!harder && !another) return false;
  accusers_.insert_or_assign(accuser, evidence);
  earliest_ = std::max(earliest_, now);
  if (harder && refusals() == refusals_wanted) refused_at_ = now;
  CONCLAVE_INVARIANT(accusers_.size() <= wanted_ + 1 + refusals_wanted, accusers_.size(), wanted_);
  return true;
}

bool Suspicion::confirm_fully(Instant now) {
  if (agreed_) return false;
  agreed_ = true;
  earliest_ = std::max(earliest_, now);
  return true;
}

void Suspicion::postpone(BootClock::duration gap, Instant earliest) {
  started_ += gap;
  if (refused_at_) *refused_at_ += gap;
  earliest_ = std::max(earliest_, earliest);
}

Instant Suspicion::deadline() const {
  const std::size_t confirmed = accusers_.empty() ? 0 : accusers_.size() - 1;
  const unsigned part = agreed_ ? 1000 : agreement(confirmed, wanted_);
  Instant end = started_ + timeout_max_ - (timeout_max_ - timeout_min_) * part / 1000;
  if (refused_at_) end = std::min(end, *refused_at_ + period_);
  return std::max(end, earliest_);
}

std::size_t Suspicion::refusals() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      accusers_, [](const auto& accuser) { return accuser.second == Evidence::refused; }));
}

}  // namespace conclave::gossip
