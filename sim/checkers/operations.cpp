#include "sim/checkers/operations.hpp"

#include <iterator>
#include <map>

namespace conclave::sim {

std::vector<Operation> operations(const History& history) {
  std::vector<Operation> all;
  std::map<std::uint64_t, std::size_t> open;
  for (std::size_t i = 0; i < history.events.size(); ++i) {
    if (const auto* call = std::get_if<Call>(&history.events[i])) {
      open.emplace(call->id, all.size());
      all.push_back({.call = call, .called = i});
    } else if (const auto* answer = std::get_if<Return>(&history.events[i])) {
      const auto asked = open.find(answer->id);
      if (asked == open.end()) continue;
      all[asked->second].answer = answer;
      all[asked->second].returned = i;
      open.erase(asked);
    }
  }
  return all;
}

std::vector<Operation> select(const std::vector<Operation>& from, Kind kind, Op op, Status status) {
  std::vector<Operation> chosen;
  std::ranges::copy_if(from, std::back_inserter(chosen), [&](const Operation& each) {
    return each.call->object.kind == kind && each.call->op == op && each.status() == status;
  });
  return chosen;
}

}  // namespace conclave::sim
