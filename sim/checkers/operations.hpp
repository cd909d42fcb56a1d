// Calls with their answers.
#pragma once

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "sim/checkers/history.hpp"

namespace conclave::sim {

/// Where an operation without an answer returned: after everything.
inline constexpr std::size_t never = std::numeric_limits<std::size_t>::max();

/// Valid as long as the history that it came from.
struct Operation {
  const Call* call{nullptr};
  /// Null: there was none.
  const Return* answer{nullptr};
  /// Places in `History::events`.
  std::size_t called{0};
  std::size_t returned{never};

  [[nodiscard]] Status status() const { return answer ? answer->status : Status::lost; }
};

/// In order of their calls. An answer to no call is passed over.
[[nodiscard]] std::vector<Operation> operations(const History& history);

/// Those calls of `op` on objects of `kind` that ended in `status`.
[[nodiscard]] std::vector<Operation> select(const std::vector<Operation>& from, Kind kind, Op op, Status status);

/// The pairs (earlier, later) in which `later` was called after `earlier` had returned, though its number is smaller; for
/// each later one the greatest such number. `operations` are in order of their calls, and all returned.
template <class Number>
[[nodiscard]] std::vector<std::pair<Operation, Operation>> overtaken(const std::vector<Operation>& operations,
                                                                     Number number) {
  auto by_return = operations;
  std::ranges::sort(by_return, {}, &Operation::returned);
  std::vector<std::pair<Operation, Operation>> found;
  const Operation* greatest = nullptr;
  auto next = by_return.begin();
  for (const auto& later : operations) {
    for (; next != by_return.end() && next->returned < later.called; ++next)
      if (!greatest || number(*next) > number(*greatest)) greatest = &*next;
    if (greatest && number(later) < number(*greatest)) found.emplace_back(*greatest, later);
  }
  return found;
}

}  // namespace conclave::sim
