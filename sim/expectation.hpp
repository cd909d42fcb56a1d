// What a scenario says must come true, as data: a name and its arguments.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "sim/checkers/violation.hpp"
#include "sim/plan.hpp"
#include "sim/world.hpp"

namespace conclave::sim {

/// One kind. Its parameters, in words: N a machine (`leader`: the one that leads then), D a duration.
struct ExpectationKind {
  std::string_view name;
  std::string_view parameters;
  std::string_view meaning;
};

[[nodiscard]] std::span<const ExpectationKind> expectation_kinds();

/// As `check_fault`.
[[nodiscard]] Result<void> check_expectation(const Words& words, const std::set<std::string>& names);

/// As `parameters_of_fault`.
[[nodiscard]] Words parameters_of_expectation(const Words& words);

/// Watches a world from now on, and judges each expectation at its time.
class Expectations {
 public:
  /// Both outlive this.
  Expectations(World& world, const std::vector<Step>& steps);
  Expectations(const Expectations&) = delete;
  Expectations& operator=(const Expectations&) = delete;
  ~Expectations();

  /// What did not come true; the check's name is the expectation's.
  [[nodiscard]] const Violations& violations() const { return violations_; }

 private:
  struct Open;

  void begin(const Words& words);
  void look();
  [[nodiscard]] bool settled(Open& open);
  [[nodiscard]] std::optional<Slot> newest_slot();
  [[nodiscard]] bool leads(const std::string& name);

  World& world_;
  Violations violations_;
  std::vector<Open> open_;
  bool looking_{false};
};

}  // namespace conclave::sim
