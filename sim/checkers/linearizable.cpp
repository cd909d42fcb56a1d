#include "sim/checkers/linearizable.hpp"

#include <algorithm>
#include <deque>
#include <set>

#include "sim/checkers/checks.hpp"
#include "sim/checkers/frontier.hpp"

namespace conclave::sim {

namespace {

enum class Outcome { explained, broken, undecided };

/// How one search goes about lost operations, of which any number may take effect, in any order.
struct Manner {
  /// How many choices of them are followed where nothing else differs. One that finds an explanation is right, however few
  /// they were; that there is none, it knows only if it left none out.
  std::size_t width{0};
  /// Each may take effect any number of times. One that finds no explanation is right; an explanation may be none.
  bool is_lavish{false};
};

/// One object's operations, fed in the order of the history.
class Search {
 public:
  Search(const Model& model, const LinearizableBounds& bounds, Manner manner)
      : model_(model), bounds_(bounds), manner_(manner) {
    frontier_.insert({model.initial(), {}, {}});
  }

  /// An operation is called of which the answer is known.
  void call(std::uint32_t operation) { open_.push_back(operation); }

  /// An operation is called of which nobody knows the outcome.
  void lose(const Transition& transition) {
    const auto [sort, is_new] = sorts_.try_emplace(transition, static_cast<std::uint32_t>(lost_.size()));
    if (is_new) {
      lost_.push_back({transition, 0});
      useful_.push_back(sort->second);
    }
    ++lost_[sort->second].called;
    std::erase_if(useful_, [this](std::uint32_t each) { return is_spent_everywhere(lost_[each].transition); });
  }

  /// An operation returns: what is possible from now on is what has it in effect.
  Outcome end(std::uint32_t operation) {
    returning_ = operation;
    seen_ = reached_ = Frontier(manner_.width);
    work_.clear();
    frontier_.for_each([this](const Configuration& each) { reach(each); });
    while (!work_.empty() && tried_ <= bounds_.transitions_max &&
           seen_.size() + reached_.size() <= bounds_.configurations_max) {
      const auto from = std::move(work_.front());
      work_.pop_front();
      expand(from);
    }
    if (!work_.empty()) return Outcome::undecided;
    is_narrowed_ = is_narrowed_ || seen_.is_narrowed() || reached_.is_narrowed();
    if (reached_.empty()) return is_narrowed_ ? Outcome::undecided : Outcome::broken;
    std::erase(open_, operation);
    frontier_ = std::move(reached_);
    return Outcome::explained;
  }

  [[nodiscard]] const Numbers& open() const { return open_; }

  /// The states that the object could be in before the operation that ended last.
  [[nodiscard]] std::string possible_states() const {
    std::set<ObjectState> states;
    frontier_.for_each([&](const Configuration& each) { states.insert(each.state); });
    std::string text;
    for (const auto& state : states) text += (text.empty() ? "" : "; or ") + model_.describe(state);
    return text;
  }

 private:
  /// Lost operations of one effect, of which it matters only how many there are.
  struct Lost {
    Transition transition;
    std::int64_t called{0};
  };

  const Transition& transition(std::uint32_t operation) const { return *model_.transitions()[operation]; }

  static bool contains(const Numbers& numbers, std::uint32_t number) {
    return std::ranges::binary_search(numbers, number);
  }
  static Numbers with(Numbers numbers, std::uint32_t number) {
    numbers.insert(std::ranges::upper_bound(numbers, number), number);
    return numbers;
  }

  std::optional<ObjectState> after(ObjectState state, const Transition& transition) {
    ++tried_;
    return model_.after(state, transition);
  }

  /// Takes note of a configuration, unless it is known.
  void reach(Configuration to) {
    // What only observes takes effect as soon as its answer is right: waiting gains nothing.
    for (const auto each : open_)
      if (Model::only_observes(transition(each)) && !contains(to.ahead, each) && after(to.state, transition(each)))
        to.ahead = with(std::move(to.ahead), each);
    std::erase_if(to.spent, [&](std::uint32_t sort) { return Model::is_spent(to.state, lost_[sort].transition); });
    if (contains(to.ahead, returning_)) {
      std::erase(to.ahead, returning_);
      reached_.insert(to);
    } else if (seen_.insert(to)) {
      work_.push_back(std::move(to));
    }
  }

  void expand(const Configuration& from) {
    Numbers stuck;
    for (const auto each : open_) {
      if (contains(from.ahead, each)) continue;
      if (const auto next = after(from.state, transition(each)))
        reach({*next, with(from.ahead, each), from.spent});
      else
        stuck.push_back(each);
    }
    if (stuck.empty() || useful_.empty()) return;
    Frontier tried(manner_.width);
    call_upon_lost(from, stuck, useful_, tried);
    is_narrowed_ = is_narrowed_ || tried.is_narrowed();
  }

  /// Goes on from `from` by lost operations of `sorts`, and then one that was stuck. More is not to be had: in all our
  /// models, a lost operation right before what could go on anyway is either overwritten by it, or as well comes after it,
  /// or bars it.
  void call_upon_lost(const Configuration& from, const Numbers& stuck, const Numbers& sorts, Frontier& tried) {
    std::optional<Numbers> followers;
    for (const auto sort : sorts) {
      const auto next = after(from.state, lost_[sort].transition);
      if (!next || *next == from.state || !is_left(from, sort)) continue;
      const Configuration to{*next, from.ahead, manner_.is_lavish ? from.spent : with(from.spent, sort)};
      if (!tried.insert(to)) continue;
      for (const auto each : stuck)
        if (const auto end = after(to.state, transition(each))) reach({*end, with(to.ahead, each), to.spent});
      if (!followers) followers = followers_from(from.state);
      call_upon_lost(to, stuck, *followers, tried);
    }
  }

  [[nodiscard]] bool is_left(const Configuration& from, std::uint32_t sort) const {
    return manner_.is_lavish || std::ranges::count(from.spent, sort) < lost_[sort].called;
  }

  /// The lost operations that may stand right after another one that takes effect in this state: not those that could stand
  /// here as well and would undo it.
  Numbers followers_from(ObjectState state) {
    auto followers = useful_;
    std::erase_if(followers, [&](std::uint32_t sort) {
      const auto& its = lost_[sort].transition;
      return Model::overwrites(its) && after(state, its);
    });
    return followers;
  }

  [[nodiscard]] bool is_spent_everywhere(const Transition& transition) const {
    bool is_spent = true;
    frontier_.for_each(
        [&](const Configuration& each) { is_spent = is_spent && Model::is_spent(each.state, transition); });
    return is_spent;
  }

  const Model& model_;
  const LinearizableBounds& bounds_;
  Manner manner_;
  Numbers open_;
  std::vector<Lost> lost_;
  std::map<Transition, std::uint32_t> sorts_;
  /// Those sorts that may still change something.
  Numbers useful_;
  /// What the answers so far allow.
  Frontier frontier_{manner_.width};
  std::size_t tried_{0};
  bool is_narrowed_{false};

  // Of the operation that returns: configurations without it, those of them to go on from, and those with it.
  std::uint32_t returning_{0};
  Frontier seen_{manner_.width};
  std::deque<Configuration> work_;
  Frontier reached_{manner_.width};
};

/// A call or a return, in the order of the history.
struct Moment {
  std::size_t index{0};
  std::uint32_t operation{0};
};

/// Of the operations that have a part, in order.
std::vector<Moment> moments(const std::vector<Operation>& operations, const Model& model) {
  std::vector<Moment> all;
  for (std::uint32_t i = 0; i < operations.size(); ++i) {
    if (!model.transitions()[i]) continue;
    all.push_back({operations[i].called, i});
    if (operations[i].status() != Status::lost) all.push_back({operations[i].returned, i});
  }
  std::ranges::sort(all, {}, &Moment::index);
  return all;
}

Violation describe(const Search& search, Outcome outcome, std::uint32_t last, const std::vector<Operation>& operations,
                   const History& history) {
  const auto& culprit = operations[last];
  std::vector<std::size_t> events = {culprit.returned};
  for (const auto each : search.open()) events.push_back(operations[each].called);
  const auto broken = outcome == Outcome::broken;
  auto found =
      violation("linearizable", to_string(culprit.call->object), history, std::move(events),
                broken ? "no order of the calls explains the answer to call " + std::to_string(culprit.call->id) +
                             "; before the calls that were open then, the object could be: " + search.possible_states()
                       : "gave up at the answer to call " + std::to_string(culprit.call->id));
  found.verdict = broken ? Verdict::broken : Verdict::undecided;
  return found;
}

/// What one search has found: nothing, if it has explained all.
std::optional<Violation> search_once(const std::vector<Operation>& operations, const Model& model,
                                     const std::vector<Moment>& moments, const History& history,
                                     const LinearizableBounds& bounds, Manner manner) {
  Search search(model, bounds, manner);
  for (const auto& [index, operation] : moments) {
    const auto& its = operations[operation];
    if (its.status() == Status::lost) {
      search.lose(*model.transitions()[operation]);
    } else if (index == its.called) {
      search.call(operation);
    } else if (const auto outcome = search.end(operation); outcome != Outcome::explained) {
      return describe(search, outcome, operation, operations, history);
    }
  }
  return std::nullopt;
}

std::optional<Violation> judge(const std::vector<Operation>& operations, const History& history,
                               const LinearizableBounds& bounds) {
  const Model model(operations);
  const auto all = moments(operations, model);
  const auto is_decided = [](const auto& found) { return !found || found->verdict == Verdict::broken; };
  // Few choices are enough for most histories that are right, lavish ones for most that are not.
  auto found = search_once(operations, model, all, history, bounds, {.width = 4});
  if (is_decided(found)) return found;
  if (auto broken = search_once(operations, model, all, history, bounds, {.width = 1, .is_lavish = true});
      broken && is_decided(broken))
    return broken;
  return search_once(operations, model, all, history, bounds, {.width = 64});
}

}  // namespace

Violations linearizable(const History& history, const LinearizableBounds& bounds) {
  std::map<Object, std::vector<Operation>> objects;
  for (const auto& each : operations(history)) objects[each.call->object].push_back(each);
  Violations found;
  for (const auto& [object, of_object] : objects)
    if (auto violation = judge(of_object, history, bounds)) found.push_back(std::move(*violation));
  return found;
}

Violations linearizable(const History& history) { return linearizable(history, {}); }

}  // namespace conclave::sim
