#include "powercut/crash_states.hpp"

#include <set>

namespace conclave::powercut {
namespace {

/// 0 when there are more than `max`.
std::size_t count_states(const std::vector<Choice>& choices, std::size_t max) {
  std::size_t count = 1;
  for (const auto& choice : choices) {
    count *= choice.changes.size() + 1;
    if (count > max) return 0;
  }
  return count;
}

/// The state with this number, the picks taken as its digits.
Picks numbered_state(const std::vector<Choice>& choices, std::size_t number) {
  Picks picks;
  for (const auto& choice : choices) {
    picks.push_back(number % (choice.changes.size() + 1));
    number /= choice.changes.size() + 1;
  }
  return picks;
}

/// For each choice the last of its changes that is kept.
template <class Keeps>
Picks kept_state(const std::vector<Choice>& choices, Keeps keeps) {
  Picks picks;
  for (const auto& choice : choices) {
    std::size_t pick = choice.changes.size();
    while (pick > 0 && !keeps(choice, choice.changes[pick - 1])) --pick;
    picks.push_back(pick);
  }
  return picks;
}

/// The ways in which disks are known to break a rule: one change overtakes all others, one stays behind, one is torn, or
/// there is no order at all.
Picks drawn_state(const std::vector<Choice>& choices, const std::vector<Change>& changes, Prng& draw) {
  const Change chosen = changes[draw.below(changes.size())];
  const Prng whole = draw.fork(draw.next());
  const auto kept_whole = [&](Change change) { return whole.fork(change).chance(1, 2); };
  switch (draw.below(6)) {
    case 0: return kept_state(choices, [&](const Choice&, Change change) { return change == chosen; });
    case 1: return kept_state(choices, [&](const Choice&, Change change) { return change != chosen; });
    case 2: return kept_state(choices, [&](const Choice&, Change change) { return kept_whole(change); });
    case 3:
      return kept_state(choices, [&](const Choice&, Change change) {
        return change == chosen ? draw.chance(1, 2) : kept_whole(change);
      });
    case 4:  // all but one sector
      return kept_state(choices, [&, left = draw.below(choices.size()), first = choices.data()](const Choice& choice, Change) {
        return static_cast<std::size_t>(&choice - first) != left;
      });
    default: return kept_state(choices, [&](const Choice&, Change) { return draw.chance(1, 2); });
  }
}

}  // namespace

States crash_states(const std::vector<Choice>& choices, const StateLimits& limits, Prng draw) {
  if (const auto count = count_states(choices, limits.all_max); count > 0) {
    States states{.all = true, .picks = {}};
    for (std::size_t number = 0; number < count; ++number) states.picks.push_back(numbered_state(choices, number));
    return states;
  }
  std::set<Change> distinct;
  for (const auto& choice : choices) distinct.insert(choice.changes.begin(), choice.changes.end());
  const std::vector<Change> changes(distinct.begin(), distinct.end());
  States states;
  states.picks.push_back(kept_state(choices, [](const Choice&, Change) { return false; }));
  states.picks.push_back(kept_state(choices, [](const Choice&, Change) { return true; }));
  for (std::size_t i = 0; i < limits.samples; ++i) states.picks.push_back(drawn_state(choices, changes, draw));
  return states;
}

}  // namespace conclave::powercut
