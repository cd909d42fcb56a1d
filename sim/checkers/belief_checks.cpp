#include <map>

#include "sim/checkers/beliefs.hpp"
#include "sim/checkers/checks.hpp"

namespace conclave::sim {

namespace {

std::string described(const Believer& who) {
  if (who.session.empty()) return who.node + " (epoch " + std::to_string(who.number) + ")";
  return who.node + " (session " + who.session + ", token " + std::to_string(who.number) + ")";
}

Violations overlaps(std::string_view name, std::string_view verb, const Beliefs& beliefs, const History& history) {
  Violations found;
  // For each res the belief that lasts longest of those so far: if a later one overlaps any, it overlaps this one.
  std::map<std::string, const Belief*> longest;
  for (const auto& later : beliefs.all) {
    if (later.to <= later.from) continue;
    const Belief*& earlier = longest[later.who.res];
    if (earlier && later.from < earlier->to) {
      found.push_back(violation(name, later.who.res, history, {earlier->opened, earlier->last, later.opened},
                                described(later.who) + " " + std::string(verb) + " it from " +
                                    std::to_string(later.from.count()) + " on, while " + described(earlier->who) +
                                    " believes so until " + std::to_string(earlier->to.count())));
      found.back().from = later.from;
      found.back().to = std::min(later.to, earlier->to);
    }
    if (!earlier || later.to > earlier->to) earlier = &later;
  }
  return found;
}

}  // namespace

Violations single_believer(const History& history) {
  return overlaps("single-believer", "holds", holds(history), history);
}

Violations single_leader(const History& history) { return overlaps("single-leader", "leads", leads(history), history); }

Violations terms_rise(const History& history) {
  Violations found;
  std::map<std::string, Belief> highest;
  for (const auto& later : leads(history).all) {
    const auto [place, is_first] = highest.try_emplace(later.who.res, later);
    const auto& earlier = place->second;
    if (is_first || later.who == earlier.who) continue;
    if (later.who.number > earlier.who.number)
      place->second = later;
    else
      found.push_back(violation("terms-rise", later.who.res, history, {earlier.opened, later.opened},
                                described(later.who) + " leads it after " + described(earlier.who) + " did"));
  }
  return found;
}

}  // namespace conclave::sim
