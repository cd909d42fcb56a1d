// Linearizability by its definition: every order is tried. For a handful of operations on one object.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/checkers/operations.hpp"

namespace oracle {

using namespace conclave::sim;

/// One object as a person would write it down.
struct Thing {
  std::optional<std::string> value;
  std::optional<std::int64_t> newest;
  std::optional<std::string> holder;
  std::map<std::string, std::int64_t> counts;

  /// The answer to `call`, and what it does. An acquire that is granted gets `token`.
  Return answer(const Call& call, std::int64_t token) {
    Return answer{.id = call.id, .status = Status::ok};
    const auto refuse_unless = [&](bool allowed) {
      if (!allowed) answer.status = Status::no;
      return allowed;
    };
    const bool is_holder = holder && holder == call.session;
    switch (call.op) {
      case Op::read:
        answer.value = value;
        break;
      case Op::write:
        if (call.object.kind == Kind::reg)
          value = call.value;
        else if (refuse_unless(!newest || *call.token >= *newest))
          value = call.value, newest = call.token;
        break;
      case Op::cas:
        if (refuse_unless(value == call.old)) value = call.value;
        break;
      case Op::acquire:
        if (refuse_unless(!holder)) holder = call.session, newest = answer.token = token;
        break;
      case Op::release:
        if (refuse_unless(is_holder && newest == call.token)) holder.reset();
        break;
      case Op::expire:
        if (is_holder) holder.reset();
        break;
      case Op::apply:
        answer.n = counts.try_emplace(*call.cmd, counts.size() + 1).first->second;
        break;
    }
    return answer;
  }
};

class Oracle {
 public:
  explicit Oracle(std::vector<Operation> operations) : operations_(std::move(operations)) {
    for (const auto& each : operations_)
      if (each.call->token) tokens_.insert(*each.call->token);
  }

  [[nodiscard]] bool accepts() const { return accepts(Thing{}, std::set<std::size_t>{}); }

 private:
  [[nodiscard]] bool accepts(const Thing& thing, const std::set<std::size_t>& done) const {
    bool all_explained = true;
    // What comes next was called before anything that remains had returned.
    std::size_t first_return = never;
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      if (done.contains(i) || operations_[i].status() == Status::lost) continue;
      all_explained = false;
      first_return = std::min(first_return, operations_[i].returned);
    }
    if (all_explained) return true;
    for (std::size_t i = 0; i < operations_.size(); ++i)
      if (!done.contains(i) && operations_[i].called < first_return && goes_on(thing, done, i)) return true;
    return false;
  }

  [[nodiscard]] bool goes_on(const Thing& thing, std::set<std::size_t> done, std::size_t next) const {
    const auto& [call, told, called, returned] = operations_[next];
    done.insert(next);
    if (operations_[next].status() == Status::fail) return accepts(thing, done);
    if (told && told->status != Status::lost) {
      auto after = thing;
      const auto token = told->token.value_or(0);
      if (call->op == Op::acquire && told->status == Status::ok && thing.newest >= token) return false;
      const auto answer = after.answer(*call, token);
      const bool same =
          answer.status == told->status && (call->op != Op::read || answer.value == told->value) && answer.n == told->n;
      return same && accepts(after, done);
    }
    // Which token a lost acquire got, nobody was told.
    for (const auto token : call->op == Op::acquire ? tokens_ : std::set<std::int64_t>{0}) {
      auto after = thing;
      if (call->op == Op::acquire && thing.newest >= token) continue;
      after.answer(*call, token);
      if (accepts(after, done)) return true;
    }
    return false;
  }

  std::vector<Operation> operations_;
  /// Those that any call names.
  std::set<std::int64_t> tokens_;
};

}  // namespace oracle
