#include "sim/checkers/beliefs.hpp"
#include "sim/checkers/checks.hpp"
#include "sim/checkers/grammar.hpp"

namespace conclave::sim {

namespace {

constexpr std::string_view name = "complete";

void judge(const Beliefs& beliefs, std::string_view what, const History& history, Violations& found) {
  for (const auto& belief : beliefs.all)
    if (!belief.ends())
      found.push_back(violation(name, belief.who.res, history, {belief.opened, belief.last},
                                belief.who.node + " " + std::string(what) + " it for ever: nothing ends this belief"));
  for (const auto stray : beliefs.strays)
    found.push_back(violation(name, "line " + std::to_string(stray + 2), history, {stray},
                              "this closes a belief that was never opened"));
}

}  // namespace

Violations complete(const History& history) {
  Violations found;
  Grammar grammar;
  for (std::size_t i = 0; i < history.events.size(); ++i)
    if (const auto reason = grammar.admit(history.events[i]))
      found.push_back(violation(name, "line " + std::to_string(i + 2), history, {i}, *reason));
  judge(holds(history), "holds", history, found);
  judge(leads(history), "leads", history, found);
  return found;
}

}  // namespace conclave::sim
