// An application of a user's in the machines of a run, in place of the one that sim brings.
#pragma once

#include "sim/checkers/violation.hpp"
#include "sim/world.hpp"

namespace conclave::sim {

/// Outlives the run's world: what is left of it there, it may refer to.
class Guest {
 public:
  Guest() = default;
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;
  virtual ~Guest() = default;

  /// Before anything of `world` has started; may watch it.
  virtual void enter(World& world) = 0;
  /// Before the first start of `machine`.
  virtual void prepare(Machine& machine) = 0;
  /// The bound on clocks that its machines are set to, and that histories are judged by.
  [[nodiscard]] virtual std::int64_t drift_ppm() const = 0;
  /// The run need not go on: its verdict is known.
  [[nodiscard]] virtual bool over() const = 0;
  /// In the second phase: it asks for nothing more.
  [[nodiscard]] virtual bool settled() = 0;
  /// The run has come to its end and is not over. Last checks.
  virtual void finish() = 0;
  [[nodiscard]] virtual const Violations& violations() const = 0;
  /// The world ends now.
  virtual void leave() = 0;
};

}  // namespace conclave::sim
