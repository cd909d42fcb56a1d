#include "sim/checkers/model.hpp"

#include <limits>

namespace conclave::sim {

namespace {

constexpr std::int64_t nothing = 0;
/// A value that no read ever returned and no swap ever asked for.
constexpr std::int64_t unseen_value = 1;
constexpr std::int64_t no_token = std::numeric_limits<std::int64_t>::min();

/// Whether an operation that ended like this can have had an effect.
bool may_count(Status status) { return status == Status::ok || status == Status::lost; }

/// The place up to which an acquire without a grant may have held the lock: until its failure was told, or its session
/// ended for certain. (A grant that nobody heard of is taken back behind the scenes.)
std::size_t end_of_shadow(const Operation& acquire, const std::vector<Operation>& all) {
  if (acquire.status() == Status::fail) return acquire.returned;
  auto end = never;
  for (const auto& each : all)
    if (each.call->op == Op::expire && each.status() == Status::ok && each.called > acquire.called &&
        each.call->session == acquire.call->session)
      end = std::min(end, each.returned);
  return end;
}

/// True if an acquire may have been refused for another reason than a holder in the history: its session had ended, or an
/// acquire without an answer held the lock for a while.
bool is_excused(const Operation& refused, const std::vector<Operation>& all) {
  return std::ranges::any_of(all, [&](const Operation& each) {
    if (each.called > refused.returned) return false;
    if (each.call->op == Op::expire) return may_count(each.status()) && each.call->session == refused.call->session;
    return each.call->op == Op::acquire && (each.status() == Status::lost || each.status() == Status::fail) &&
           end_of_shadow(each, all) > refused.called;
  });
}

}  // namespace

std::string Model::Names::name(std::int64_t number) const {
  for (const auto& [name, its] : numbers_)
    if (its == number) return name;
  return {};
}

Model::Model(const std::vector<Operation>& operations) {
  if (operations.empty()) return;
  kind_ = operations.front().call->object.kind;
  note_seen_values(operations);
  note_counts(operations);
  note_late_tokens(operations);
  for (const auto& each : operations) {
    switch (kind_) {
      case Kind::reg:
        transitions_.push_back(of_register(each));
        break;
      case Kind::lock:
        transitions_.push_back(of_lock(each, operations));
        break;
      case Kind::guard:
        transitions_.push_back(of_guard(each));
        break;
      case Kind::once:
        transitions_.push_back(of_counter(each));
        break;
    }
  }
}

void Model::note_seen_values(const std::vector<Operation>& operations) {
  for (const auto& each : operations) {
    if (each.call->old) names_.number(*each.call->old);
    if (each.answer && each.call->op == Op::read && each.answer->value) names_.number(*each.answer->value);
  }
}

void Model::note_counts(const std::vector<Operation>& operations) {
  for (const auto& each : operations) {
    if (each.call->op != Op::apply || each.status() != Status::ok) continue;
    const auto n = each.answer->n.value_or(nothing);
    if (counts_.try_emplace(*each.call->cmd, n).second) counted_.try_emplace(n, *each.call->cmd);
  }
}

void Model::note_late_tokens(const std::vector<Operation>& operations) {
  std::set<std::int64_t> told;
  for (const auto& each : operations)
    if (each.call->op == Op::acquire && each.status() == Status::ok) told.insert(each.answer->token.value_or(no_token));
  for (const auto& each : operations)
    if (each.call->op == Op::release && each.status() == Status::ok && told.insert(*each.call->token).second)
      late_tokens_[*each.call->session].insert(*each.call->token);
}

std::int64_t Model::value(const std::optional<std::string>& text) {
  if (!text) return nothing;
  return names_.knows(*text) ? names_.number(*text) : unseen_value;
}

std::optional<Transition> Model::of_register(const Operation& operation) {
  const auto& call = *operation.call;
  const auto status = operation.status();
  if (call.op == Op::read && status == Status::ok) return Transition{Rule::read, value(operation.answer->value)};
  if (call.op == Op::write && may_count(status)) return Transition{Rule::write, value(call.value)};
  if (call.op == Op::cas && may_count(status)) return Transition{Rule::swap, value(call.old), value(call.value)};
  if (call.op == Op::cas && status == Status::no) return Transition{Rule::refuse_swap, value(call.old)};
  return std::nullopt;
}

std::optional<Transition> Model::of_lock(const Operation& operation, const std::vector<Operation>& all) {
  const auto& call = *operation.call;
  const auto status = operation.status();
  const auto session = names_.number(*call.session);
  const auto token = call.token.value_or(no_token);
  if (call.op == Op::acquire && status == Status::ok)
    return Transition{Rule::acquire, session, operation.answer->token.value_or(no_token)};
  if (call.op == Op::acquire && status == Status::lost) {
    // Grants of one session rise as its calls do, so the next lost call stands for the next token.
    auto& late = late_tokens_[*call.session];
    if (late.empty()) return std::nullopt;
    return Transition{Rule::acquire, session, late.extract(late.begin()).value()};
  }
  if (call.op == Op::acquire && status == Status::no && !is_excused(operation, all))
    return Transition{Rule::refuse_acquire};
  if (call.op == Op::release && may_count(status)) return Transition{Rule::release, session, token};
  if (call.op == Op::release && status == Status::no) return Transition{Rule::refuse_release, session, token};
  if (call.op == Op::expire && may_count(status)) return Transition{Rule::expire, session};
  return std::nullopt;
}

std::optional<Transition> Model::of_guard(const Operation& operation) {
  const auto& call = *operation.call;
  const auto status = operation.status();
  if (call.op == Op::read && status == Status::ok) return Transition{Rule::read, value(operation.answer->value)};
  if (call.op == Op::write && may_count(status)) return Transition{Rule::guarded_write, value(call.value), *call.token};
  if (call.op == Op::write && status == Status::no) return Transition{Rule::refuse_guarded_write, nothing, *call.token};
  return std::nullopt;
}

std::optional<Transition> Model::of_counter(const Operation& operation) {
  const auto& cmd = *operation.call->cmd;
  if (!may_count(operation.status())) return std::nullopt;
  const auto count = counts_.find(cmd);
  // All lost calls of one cmd count once at most, from the first on.
  if (count == counts_.end())
    return unseen_.insert(cmd).second ? std::optional(Transition{Rule::count_unseen}) : std::nullopt;
  const bool agrees = operation.status() == Status::lost || operation.answer->n == count->second;
  // One cmd with two counts, one count of two cmds, or a count that no first cmd gets.
  if (!agrees || count->second < 1 || counted_.at(count->second) != cmd) return Transition{Rule::impossible};
  return Transition{Rule::count, count->second};
}

ObjectState Model::initial() const {
  const bool has_token = kind_ == Kind::lock || kind_ == Kind::guard;
  return {nothing, has_token ? no_token : nothing};
}

std::optional<ObjectState> Model::after(ObjectState state, const Transition& transition) const {
  const auto [rule, first, second] = transition;
  const auto only_if = [](bool allowed, ObjectState next) { return allowed ? std::optional(next) : std::nullopt; };
  const bool is_held = state.first != nothing;
  const bool is_its_own = state == ObjectState{first, second};
  switch (rule) {
    case Rule::read:
      return only_if(state.first == first, state);
    case Rule::write:
      return ObjectState{first, nothing};
    case Rule::swap:
      return only_if(state.first == first, {second, nothing});
    case Rule::refuse_swap:
      return only_if(state.first != first, state);
    case Rule::acquire:
      return only_if(!is_held && second > state.second, {first, second});
    case Rule::refuse_acquire:
      return only_if(is_held, state);
    case Rule::release:
      return only_if(is_its_own, {nothing, second});
    case Rule::refuse_release:
      return only_if(!is_its_own, state);
    case Rule::expire:
      return state.first == first ? ObjectState{nothing, state.second} : state;
    case Rule::guarded_write:
      return only_if(second >= state.second, {first, second});
    case Rule::refuse_guarded_write:
      return only_if(second < state.second, state);
    case Rule::count:
      return only_if(state.first >= first - 1, {std::max(state.first, first), nothing});
    case Rule::count_unseen:
      return only_if(!counted_.contains(state.first + 1), {state.first + 1, nothing});
    case Rule::impossible:
      return std::nullopt;
  }
  return std::nullopt;
}

bool Model::only_observes(const Transition& transition) {
  switch (transition.rule) {
    case Rule::read:
    case Rule::refuse_swap:
    case Rule::refuse_acquire:
    case Rule::refuse_release:
    case Rule::refuse_guarded_write:
      return true;
    default:
      return false;
  }
}

bool Model::overwrites(const Transition& transition) {
  return transition.rule == Rule::write || transition.rule == Rule::guarded_write;
}

bool Model::is_spent(ObjectState state, const Transition& transition) {
  const auto [rule, first, second] = transition;
  switch (rule) {
    case Rule::release:
      return second < state.second || (second == state.second && state.first != first);
    case Rule::acquire:
      return second <= state.second;
    case Rule::guarded_write:
      return second < state.second;
    case Rule::count:
      return first <= state.first;
    default:
      return false;
  }
}

std::string Model::describe(ObjectState state) const {
  const auto token = state.second == no_token ? std::string("none") : std::to_string(state.second);
  const auto value = state.first == nothing        ? std::string("nothing")
                     : state.first == unseen_value ? std::string("a value nobody saw")
                                                   : names_.name(state.first);
  switch (kind_) {
    case Kind::reg:
      return value;
    case Kind::lock:
      return (state.first == nothing ? "free" : "held by " + value) + ", newest token " + token;
    case Kind::guard:
      return value + ", newest token " + token;
    case Kind::once:
      return "count " + std::to_string(state.first);
  }
  return {};
}

}  // namespace conclave::sim
