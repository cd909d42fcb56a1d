// The sequential objects that histories are matched against: what each operation does to the state of one object, and which
// answers that state allows.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/checkers/operations.hpp"

namespace conclave::sim {

/// The state of one object, whatever its kind:
///  - reg: the value
///  - lock: the session that holds it, and the newest token
///  - guard: the value, and the newest token
///  - once: the count
/// Values and sessions stand as numbers (`Names`).
struct ObjectState {
  std::int64_t first{0};
  std::int64_t second{0};
  friend auto operator<=>(const ObjectState&, const ObjectState&) = default;
};

enum class Rule {
  read,
  write,
  swap,
  refuse_swap,
  acquire,
  refuse_acquire,
  release,
  refuse_release,
  expire,
  guarded_write,
  refuse_guarded_write,
  count,
  count_unseen,
  impossible,
};

/// An operation and its answer, as what they demand of the state and do to it.
struct Transition {
  Rule rule{};
  std::int64_t first{0};
  std::int64_t second{0};
  friend auto operator<=>(const Transition&, const Transition&) = default;
};

/// One object, with all that was ever asked of it. Operations of the same effect become the same transition: values that
/// nobody ever saw are one value, and so are cmds of which nobody ever heard the count.
class Model {
 public:
  /// `operations`: all those on one object, in order of their calls.
  explicit Model(const std::vector<Operation>& operations);

  /// Beside the operations; none: it has no effect and its answer allows everything.
  [[nodiscard]] const std::vector<std::optional<Transition>>& transitions() const { return transitions_; }
  [[nodiscard]] ObjectState initial() const;
  /// The state after `transition`, or none: `state` does not allow it.
  [[nodiscard]] std::optional<ObjectState> after(ObjectState state, const Transition& transition) const;
  /// True if it never changes a state.
  [[nodiscard]] static bool only_observes(const Transition& transition);
  /// True if the state after it says nothing of the state before.
  [[nodiscard]] static bool overwrites(const Transition& transition);
  /// True if it cannot change this state nor any that follows.
  [[nodiscard]] static bool is_spent(ObjectState state, const Transition& transition);
  [[nodiscard]] std::string describe(ObjectState state) const;

 private:
  /// Numbers for strings.
  class Names {
   public:
    std::int64_t number(const std::string& name) {
      return numbers_.try_emplace(name, static_cast<std::int64_t>(numbers_.size()) + first_free).first->second;
    }
    [[nodiscard]] bool knows(const std::string& name) const { return numbers_.contains(name); }
    [[nodiscard]] std::string name(std::int64_t number) const;

    /// Below are the numbers with a meaning of their own.
    static constexpr std::int64_t first_free = 2;

   private:
    std::map<std::string, std::int64_t> numbers_;
  };

  void note_seen_values(const std::vector<Operation>& operations);
  void note_counts(const std::vector<Operation>& operations);
  void note_late_tokens(const std::vector<Operation>& operations);
  [[nodiscard]] std::int64_t value(const std::optional<std::string>& text);
  [[nodiscard]] std::optional<Transition> of_register(const Operation& operation);
  [[nodiscard]] std::optional<Transition> of_lock(const Operation& operation, const std::vector<Operation>& all);
  [[nodiscard]] std::optional<Transition> of_guard(const Operation& operation);
  [[nodiscard]] std::optional<Transition> of_counter(const Operation& operation);

  Kind kind_{};
  Names names_;
  std::vector<std::optional<Transition>> transitions_;
  // Of a counter: what each cmd counted as, and who has each count.
  std::map<std::string, std::int64_t> counts_;
  std::map<std::int64_t, std::string> counted_;
  std::set<std::string> unseen_;
  // Of a lock: tokens that a session released though no answer had told it of them.
  std::map<std::string, std::set<std::int64_t>> late_tokens_;
};

}  // namespace conclave::sim
