#include <map>
#include <set>

#include "sim/checkers/checks.hpp"
#include "sim/checkers/operations.hpp"

namespace conclave::sim {

namespace {

constexpr std::string_view name = "exactly-once";

/// One counter.
class Counter {
 public:
  Counter(const Object& object, const History& history) : subject_(to_string(object)), history_(history) {}

  void counted(const Operation& apply, Violations& found) {
    const auto n = apply.answer->n.value_or(0);
    const auto& cmd = *apply.call->cmd;
    const auto [by_cmd, is_new_cmd] = of_cmd_.try_emplace(cmd, apply);
    if (const auto first = by_cmd->second.answer->n.value_or(0); first != n)
      found.push_back(
          violation(name, subject_, history_, {by_cmd->second.returned, apply.returned},
                    "cmd " + cmd + " counted as " + std::to_string(first) + " and as " + std::to_string(n)));
    const auto [by_count, is_new_count] = of_count_.try_emplace(n, apply);
    if (const auto& other = *by_count->second.call->cmd; other != cmd)
      found.push_back(violation(name, subject_, history_, {by_count->second.returned, apply.returned},
                                "cmds " + other + " and " + cmd + " both counted as " + std::to_string(n)));
  }

  void lost(const Operation& apply) { lost_.insert(*apply.call->cmd); }

  /// To be asked when all were told.
  void judge_holes(Violations& found) {
    if (of_count_.empty()) return;
    const auto& [lowest, first] = *of_count_.begin();
    if (lowest < 1)
      found.push_back(violation(name, subject_, history_, {first.returned}, "the first to be counted is number 1"));
    const auto& [highest, last] = *of_count_.rbegin();
    const auto holes = highest - static_cast<std::int64_t>(of_count_.size());
    for (const auto& [cmd, apply] : of_cmd_) lost_.erase(cmd);
    if (holes > static_cast<std::int64_t>(lost_.size()))
      found.push_back(violation(name, subject_, history_, {last.returned},
                                "it counts " + std::to_string(highest) + ", but only " +
                                    std::to_string(of_count_.size()) + " counts were told and " +
                                    std::to_string(lost_.size()) + " cmds are lost"));
  }

 private:
  std::string subject_;
  const History& history_;
  std::map<std::string, Operation> of_cmd_;
  std::map<std::int64_t, Operation> of_count_;
  std::set<std::string> lost_;
};

}  // namespace

Violations exactly_once(const History& history) {
  Violations found;
  std::map<Object, Counter> counters;
  for (const auto& apply : operations(history)) {
    if (apply.call->object.kind != Kind::once || !apply.call->cmd) continue;
    auto& counter = counters.try_emplace(apply.call->object, apply.call->object, history).first->second;
    if (apply.status() == Status::ok) counter.counted(apply, found);
    if (apply.status() == Status::lost) counter.lost(apply);
  }
  for (auto& [object, counter] : counters) counter.judge_holes(found);
  return found;
}

}  // namespace conclave::sim
