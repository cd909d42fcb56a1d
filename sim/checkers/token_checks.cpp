#include <map>

#include "sim/checkers/beliefs.hpp"
#include "sim/checkers/checks.hpp"
#include "sim/checkers/operations.hpp"

namespace conclave::sim {

namespace {

constexpr std::string_view tokens_rise_name = "tokens-rise";

std::string said(std::int64_t token) { return "token " + std::to_string(token); }

void judge_acquires(const History& history, Violations& found) {
  const auto token = [](const Operation& each) { return each.answer->token.value_or(0); };
  const auto granted = select(operations(history), Kind::lock, Op::acquire, Status::ok);
  for (const auto& [earlier, later] : overtaken(granted, token))
    found.push_back(violation(tokens_rise_name, to_string(later.call->object), history,
                              {earlier.returned, later.called, later.returned},
                              "acquire got " + said(token(later)) + ", though it was called after " +
                                  said(token(earlier)) + " had been given out"));
  std::map<std::int64_t, Operation> owners;
  for (const auto& each : granted) {
    const auto [owner, is_first] = owners.try_emplace(token(each), each);
    if (is_first) continue;
    found.push_back(violation(tokens_rise_name, to_string(each.call->object), history,
                              {owner->second.returned, each.returned}, said(token(each)) + " was given out twice"));
  }
}

void judge_holds(const History& history, Violations& found) {
  std::map<std::string, Belief> newest;
  for (const auto& later : holds(history).all) {
    const auto [place, is_first] = newest.try_emplace(later.who.res, later);
    const auto& earlier = place->second;
    if (is_first || later.who == earlier.who) continue;
    if (later.who.number > earlier.who.number)
      place->second = later;
    else
      found.push_back(violation(tokens_rise_name, later.who.res, history, {earlier.opened, later.opened},
                                later.who.node + " began to hold it with " + said(later.who.number) + " after " +
                                    earlier.who.node + " had with " + said(earlier.who.number)));
  }
}

}  // namespace

Violations tokens_rise(const History& history) {
  Violations found;
  judge_acquires(history, found);
  judge_holds(history, found);
  return found;
}

Violations fencing(const History& history) {
  Violations found;
  std::map<Object, std::vector<Operation>> writes;
  for (const auto& each : select(operations(history), Kind::guard, Op::write, Status::ok))
    writes[each.call->object].push_back(each);
  const auto token = [](const Operation& each) { return each.call->token.value_or(0); };
  for (const auto& [object, accepted] : writes)
    for (const auto& [newer, older] : overtaken(accepted, token))
      found.push_back(violation(
          "fencing", to_string(object), history, {newer.called, newer.returned, older.called, older.returned},
          "a write with " + said(token(older)) + " was accepted after one with " + said(token(newer)) + " had been"));
  return found;
}

}  // namespace conclave::sim
