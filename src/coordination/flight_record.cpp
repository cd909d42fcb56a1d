#include "coordination/flight_record.hpp"

#include <utility>

#include "coordination/limits.hpp"
#include "coordination/timers.hpp"

namespace conclave::coordination {

bool is_loss(Cause cause) {
  switch (cause) {
    case Cause::released:
    case Cause::cancelled:
    case Cause::handed_over:
    case Cause::closed:
      return false;
    default:
      return true;
  }
}

void FlightRecord::add(Loss loss) {
  losses_.push_back(std::move(loss));
  if (losses_.size() > losses_max) losses_.pop_front();
}

void FlightRecord::forget_before(ClusterTime now) {
  while (!losses_.empty() && later(losses_.front().time, loss_retention) < now) losses_.pop_front();
}

}  // namespace conclave::coordination
