#include "client/user_machine.hpp"

#include <exception>
#include <utility>

namespace conclave::client {
namespace {

constexpr std::size_t result_bytes_max = std::size_t{64} << 10;

Bytes run(StateMachine& machine, const coordination::UserCommand& command) {
  auto result = machine.apply({.slot = command.slot, .cluster_time_ms = command.time.value, .session = command.session},
                              command.payload.view());
  // The same on every member, since every member cuts at the same place.
  if (result.size() > result_bytes_max) result.resize(result_bytes_max);
  return result;
}

/// The results of `batch`, or why the machine must be given nothing more.
Result<engine::UserResults> run_batch(StateMachine& machine, const std::vector<coordination::UserCommand>& batch) try {
  engine::UserResults results;
  results.items.reserve(batch.size());
  for (const auto& command : batch)
    results.items.push_back(
        {.session = command.session, .sequence = command.sequence, .result = run(machine, command)});
  return results;
} catch (const std::exception& thrown) {
  return Error(errc::stopped, "the state machine threw from apply: " + std::string(thrown.what()));
} catch (...) {
  return Error(errc::stopped, "the state machine threw from apply");
}

}  // namespace

UserMachine::UserMachine(std::shared_ptr<StateMachine> machine, std::shared_ptr<Host> host,
                         std::function<void(const Error&)> failed)
    : machine_(std::move(machine)), host_(std::move(host)), failed_(std::move(failed)) {}

void UserMachine::apply(const coordination::UserCommand& command) {
  if (machine_) batch_.push_back(command);
}

void UserMachine::applied(Slot slot) {
  given_ = slot;
  if (batch_.empty()) return;
  host_->run_state_machine([machine = machine_, host = host_, failed = failed_, broken = broken_,
                            batch = std::exchange(batch_, {})] {
    if (*broken) return;
    auto results = run_batch(*machine, batch);
    // A member that skipped a command would drift from the others: it stops instead.
    *broken = !results;
    host->post([host, failed, results = std::move(results)]() mutable {
      if (results)
        host->step(std::move(*results));
      else
        failed(results.error());
    });
  });
}

}  // namespace conclave::client
