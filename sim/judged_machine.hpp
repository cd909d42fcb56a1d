// The user's state machine as a node of a run has it: its digests are compared, and what it throws is told.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <conclave/state_machine.hpp>

namespace conclave::sim {

class Embedding;

class JudgedMachine final : public StateMachine {
 public:
  /// `embedding` outlives this.
  JudgedMachine(Embedding& embedding, std::string node, std::shared_ptr<StateMachine> machine)
      : embedding_(embedding), node_(std::move(node)), machine_(std::move(machine)) {}

  [[nodiscard]] std::string name() const override;
  Bytes apply(const Applied& at, BytesView command) override;
  void snapshot(const std::function<void(BytesView chunk)>& write) const override;
  Result<void> restore(const std::function<BytesView()>& read) override;
  [[nodiscard]] std::uint64_t digest() const override { return machine_->digest(); }

 private:
  Embedding& embedding_;
  std::string node_;
  std::shared_ptr<StateMachine> machine_;
  /// The slot of the last command, and how many of it there were.
  std::pair<Slot, std::uint64_t> place_{};
};

}  // namespace conclave::sim
