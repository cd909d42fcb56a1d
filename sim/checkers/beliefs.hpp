// Who believed what from when to when, put together from opening facts, renewals, closing facts and crashes.
#pragma once

#include <compare>
#include <string>
#include <vector>

#include "sim/checkers/history.hpp"

namespace conclave::sim {

/// The keys that an opening fact shares with its renewals and its closing fact.
struct Believer {
  std::string res;
  std::string node;
  /// Empty for a leader.
  std::string session;
  /// The token, or the epoch.
  std::int64_t number{0};
  friend auto operator<=>(const Believer&, const Believer&) = default;
};

struct Belief {
  Believer who;
  /// True at `from` and no longer at `to`.
  TrueTime from{};
  TrueTime to{TrueTime::max()};
  /// Places in `History::events`: the opening fact, and the last that said how long it lasts.
  std::size_t opened{0};
  std::size_t last{0};

  [[nodiscard]] bool ends() const { return to != TrueTime::max(); }
};

struct Beliefs {
  /// In order of `from`.
  std::vector<Belief> all;
  /// Closing facts of what was never opened: places in `History::events`.
  std::vector<std::size_t> strays;
};

[[nodiscard]] Beliefs holds(const History& history);
[[nodiscard]] Beliefs leads(const History& history);

}  // namespace conclave::sim
