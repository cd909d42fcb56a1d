#include "sim/judged_machine.hpp"

#include "sim/embedding.hpp"

namespace conclave::sim {

std::string JudgedMachine::name() const {
  std::string name = "unnamed";  // the run ends before anybody reads it
  (void)embedding_.guarded(node_, [&] { name = machine_->name(); });
  return name;
}

Bytes JudgedMachine::apply(const Applied& at, BytesView command) {
  Bytes answer;
  const bool well = embedding_.guarded(node_, [&] {
    answer = machine_->apply(at, command);
    place_ = {at.slot, place_.first == at.slot ? place_.second + 1 : 1};
    embedding_.compare(node_, place_, machine_->digest());
  });
  return well ? std::move(answer) : Bytes();
}

void JudgedMachine::snapshot(const std::function<void(BytesView chunk)>& write) const {
  (void)embedding_.guarded(node_, [&] { machine_->snapshot(write); });
}

Result<void> JudgedMachine::restore(const std::function<BytesView()>& read) {
  Result<void> restored = errc::internal;
  (void)embedding_.guarded(node_, [&] { restored = machine_->restore(read); });
  return restored;
}

}  // namespace conclave::sim
