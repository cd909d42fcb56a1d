// A cluster with an application on each machine, and what it leaves in the history.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "sim/call.hpp"
#include "sim/checkers/check.hpp"
#include "sim/workload.hpp"

namespace conclave::sim {

struct Applications {
  explicit Applications(std::size_t count, std::uint64_t seed = 7, void (*prepare)(Machine&) = &Workload::prepare) : world(seed) {
    world.found(count, prepare);
    REQUIRE(world.run_until([&] {
      return world.leader() && std::ranges::all_of(world.names(), [&](const auto& name) { return world.client(name).session().has_value(); });
    }));
  }

  void call(const std::string& line) {
    const auto words = split(line);
    const auto names = world.names();
    REQUIRE(check_call(words, {names.begin(), names.end()}));
    workload.perform(words);
  }
  /// Until every call has its answer.
  void settle(BootClock::duration limit = std::chrono::seconds(20)) {
    REQUIRE(world.run_until([&] { return workload.open() == 0; }, limit));
  }
  /// How many events of a kind `counts` says yes to.
  template <class Event, class Counts>
  std::size_t events(Counts counts) {
    const auto history = recorder.finish();
    return static_cast<std::size_t>(std::ranges::count_if(history.events, [&](const auto& any) {
      const auto* event = std::get_if<Event>(&any);
      return event && counts(*event);
    }));
  }
  /// The answers to calls of `op` with this status.
  std::size_t answers(Op op, Status status) {
    const auto history = recorder.finish();
    return select_all(history, op, status);
  }
  /// What the checks have to say; empty: nothing.
  std::string findings() {
    std::string text;
    const auto history = recorder.finish();
    for (const auto& violation : check(history)) text += to_string(violation, history) + "\n";
    for (const auto& complaint : workload.complaints()) text += complaint + "\n";
    return text;
  }

  World world;
  HistoryRecorder recorder{world};
  Workload workload{world, recorder};

 private:
  static std::size_t select_all(const History& history, Op op, Status status) {
    std::map<std::uint64_t, Op> asked;
    std::size_t count = 0;
    for (const auto& event : history.events) {
      if (const auto* call = std::get_if<Call>(&event)) asked[call->id] = call->op;
      if (const auto* answer = std::get_if<Return>(&event)) count += asked.at(answer->id) == op && answer->status == status;
    }
    return count;
  }
};

}  // namespace conclave::sim
