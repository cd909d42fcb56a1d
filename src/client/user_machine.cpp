#include "client/user_machine.hpp"

#include <exception>
#include <utility>

#include <conclave/config.hpp>

namespace conclave::client {
namespace {

constexpr std::size_t result_bytes_max = std::size_t{64} << 10;

Bytes apply_one(StateMachine& machine, const coordination::UserCommand& command) {
  auto result = machine.apply({.slot = command.slot, .cluster_time_ms = command.time.value, .session = command.session},
                              command.payload.view());
  // The same on every member, since every member cuts at the same place.
  if (result.size() > result_bytes_max) result.resize(result_bytes_max);
  return result;
}

engine::UserResults apply_batch(StateMachine& machine, const std::vector<coordination::UserCommand>& batch) {
  engine::UserResults results;
  results.items.reserve(batch.size());
  for (const auto& command : batch)
    results.items.push_back(
        {.session = command.session, .sequence = command.sequence, .result = apply_one(machine, command)});
  return results;
}

/// The machine's state, or which limit it breaks: it goes on, but nobody can take its image.
Result<coordination::UserState> take_state(const StateMachine& machine) {
  coordination::UserState state;
  std::size_t bytes = 0;
  std::optional<Error> refused;
  machine.snapshot([&](BytesView chunk) {
    bytes += chunk.size();
    if (chunk.size() > snapshot_chunk_bytes_max)
      refused = Error(errc::not_supported, "the state machine wrote a snapshot chunk of " + std::to_string(chunk.size()) +
                                               " bytes; the limit is " + std::to_string(snapshot_chunk_bytes_max));
    else if (bytes > snapshot_bytes_max)
      refused = Error(errc::not_supported, "the state machine's snapshot has more than " +
                                               std::to_string(snapshot_bytes_max) + " bytes, the limit");
    // An empty one would read as the end.
    if (!refused && !chunk.empty()) state.chunks.emplace_back(chunk.begin(), chunk.end());
  });
  if (refused) return *refused;
  state.digest = machine.digest();
  return state;
}

Result<void> put_state(StateMachine& machine, const coordination::UserState& state) {
  std::size_t next = 0;
  auto restored = machine.restore(
      [&]() -> BytesView { return next < state.chunks.size() ? BytesView(state.chunks[next++]) : BytesView(); });
  if (!restored) return Error(errc::stopped, "the state machine refused a snapshot: " + restored.error().message());
  if (machine.digest() != state.digest)
    return Error(errc::stopped, "the state machine restored another state than it was given: its digest differs; check "
                                "that snapshot, restore and digest speak of the same state");
  return {};
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
  run([batch = std::exchange(batch_, {})](StateMachine& machine) -> Said {
    return std::optional<engine::Event>(apply_batch(machine, batch));
  });
}

void UserMachine::snapshot() {
  if (!machine_) return;
  run([](StateMachine& machine) -> Said {
    return std::optional<engine::Event>(engine::UserSnapshot{.state = take_state(machine)});
  });
}

void UserMachine::replaced(Slot slot, std::shared_ptr<const coordination::UserState> state) {
  given_ = slot;
  if (!machine_ || !state) return;
  run([state = std::move(state)](StateMachine& machine) -> Said {
    if (const auto put = put_state(machine, *state); !put) return put.error();
    return std::optional<engine::Event>();
  });
}

void UserMachine::run(Work work) {
  host_->run_state_machine([machine = machine_, host = host_, failed = failed_, broken = broken_, work = std::move(work)] {
    if (*broken) return;
    auto outcome = [&]() -> Said {
      try {
        return work(*machine);
      } catch (const std::exception& thrown) {
        return Error(errc::stopped, "the state machine threw: " + std::string(thrown.what()));
      } catch (...) {
        return Error(errc::stopped, "the state machine threw");
      }
    }();
    // A member that skipped a command would drift from the others: it stops instead.
    *broken = !outcome;
    host->post([host, failed, outcome = std::move(outcome)]() mutable {
      if (!outcome) return failed(outcome.error());
      if (*outcome) host->step(std::move(**outcome));
    });
  });
}

}  // namespace conclave::client
