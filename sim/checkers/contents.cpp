#include "sim/checkers/contents.hpp"

#include <algorithm>
#include <set>

#include "sim/checkers/operations.hpp"

namespace conclave::sim {
namespace {

std::size_t leaders(const History& history) {
  std::map<std::string, std::set<std::int64_t>> epochs;
  for (const auto& event : history.events)
    if (const auto* lead = std::get_if<Lead>(&event)) epochs[lead->res].insert(lead->epoch);
  if (const auto group = epochs.find("GROUP"); group != epochs.end()) return group->second.size();
  std::size_t most = 0;
  for (const auto& [res, terms] : epochs) most = std::max(most, terms.size());
  return most;
}

std::string told(const Object& object, const Contents::Asked& asked) {
  return std::to_string(asked.lost) + " of " + std::to_string(asked.calls) + " calls on " + to_string(object) + " are lost";
}

}  // namespace

Contents contents(const History& history) {
  Contents found;
  for (const auto& operation : operations(history)) {
    auto& object = found.objects[operation.call->object];
    ++found.operations;
    ++object.calls;
    if (operation.status() == Status::lost) ++object.lost;
    if (operation.call->op == Op::acquire && operation.status() == Status::ok) ++found.grants;
  }
  found.leaders = leaders(history);
  return found;
}

std::string most_lost(const Contents& contents) {
  const auto& objects = contents.objects;
  // a/b < c/d
  const auto worst = std::ranges::max_element(objects, [](const auto& left, const auto& right) {
    return left.second.lost * right.second.calls < right.second.lost * left.second.calls;
  });
  return worst == objects.end() ? "nothing was asked" : told(worst->first, worst->second);
}

std::vector<std::string> shortfalls(const Contents& contents, const Bar& bar) {
  std::vector<std::string> found;
  const auto count = [&](std::size_t there, std::size_t least, const std::string& what) {
    if (there < least) found.push_back(std::to_string(there) + " " + what + "; at least " + std::to_string(least) + " are asked for");
  };
  count(contents.operations, bar.operations, "operations");
  count(contents.grants, bar.grants, "grants");
  count(contents.leaders, bar.leaders, "leaders");
  for (const auto& [object, asked] : contents.objects)
    if (asked.lost * bar.lost_one_in >= asked.calls)
      found.push_back(told(object, asked) + "; less than one in " + std::to_string(bar.lost_one_in) + " is asked for");
  return found;
}

}  // namespace conclave::sim
