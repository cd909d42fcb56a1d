// What of the log's events a history has a word for.
#pragma once

#include "coordination/event.hpp"
#include "sim/recording/log_keeper.hpp"
#include "sim/recording/words.hpp"

namespace conclave::sim {

[[nodiscard]] inline bool is_lock(const coordination::ResourceName& resource) {
  return resource.kind == coordination::ResourceKind::lock;
}
[[nodiscard]] inline bool ends_with_its_session(coordination::Cause cause) {
  using coordination::Cause;
  return cause == Cause::closed || cause == Cause::expired || cause == Cause::restarted || cause == Cause::refused;
}
[[nodiscard]] inline bool is_expiry(coordination::Cause cause) {
  return cause == coordination::Cause::expired || cause == coordination::Cause::refused;
}

/// Tells `taker`, which is a `LogKeeper` or takes what one takes, what `event`, applied at `at`, says of locks and sessions.
template <class Taker>
void tell(Taker& taker, TrueTime at, const coordination::Event& event) {
  if (const auto* granted = std::get_if<coordination::Granted>(&event)) {
    if (is_lock(granted->resource))
      taker.granted(at, granted->resource.name, name(granted->grant.request.session), number(granted->grant.token));
  } else if (const auto* over = std::get_if<coordination::Ungranted>(&event)) {
    if (is_lock(over->resource)) taker.ungranted(at, number(over->token), ends_with_its_session(over->cause));
  } else if (const auto* ended = std::get_if<coordination::SessionEnded>(&event)) {
    taker.ended(at, name(ended->session), is_expiry(ended->cause));
  }
}

}  // namespace conclave::sim
