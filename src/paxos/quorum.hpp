// Counting voters. Whoever is no voter of the configuration, or votes under another incarnation, is never asked about, so
// it cannot count (P6, P9); each voter counts once.
#pragma once

#include <algorithm>
#include <array>
#include <functional>

#include "paxos/types.hpp"

namespace conclave::paxos {

[[nodiscard]] inline std::size_t majority_of(std::size_t voters) { return voters / 2 + 1; }

/// A majority of the voters satisfies `counts`.
template <std::predicate<const Voter&> Counts>
[[nodiscard]] bool has_majority(const Configuration& configuration, Counts counts) {
  const auto count = std::ranges::count_if(configuration.voters, counts);
  return static_cast<std::size_t>(count) >= majority_of(configuration.voters.size());
}

/// The greatest value that a majority of the voters has reached, `value` telling how far each one is.
template <class Value>
[[nodiscard]] auto majority_reached(const Configuration& configuration, Value value) {
  using Result = std::invoke_result_t<Value, const Voter&>;
  std::array<Result, voters_max> values;
  const auto end = std::ranges::transform(configuration.voters, values.begin(), value).out;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(majority_of(configuration.voters.size()) - 1);
  std::nth_element(values.begin(), at, end, std::greater<>());
  return *at;
}

[[nodiscard]] inline const Voter* find_voter(const Configuration& configuration, const MemberId& member) {
  const auto found = std::ranges::find(configuration.voters, member, &Voter::member);
  return found == configuration.voters.end() ? nullptr : &*found;
}

}  // namespace conclave::paxos
