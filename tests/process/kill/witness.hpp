// What one process of the kill test leaves for the history of all (conclave-history/1): its calls and what became of them, its
// beliefs, and what its node knows of itself and of the log. In true time, which is CLOCK_MONOTONIC.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include <conclave/election.hpp>
#include <conclave/lock.hpp>

#include "node/runtime.hpp"
#include "process/kill/line_file.hpp"
#include "sim/checkers/history.hpp"
#include "sim/recording/node_recorder.hpp"

namespace conclave::process {

/// When it is written down: the line of what is asked, or given up, stands in the file before it is done.
class Witness {
 public:
  Witness(const std::filesystem::path& path, std::string node, std::uint64_t life);

  /// What the node tells: for `Runtime::open`. This outlives the node.
  [[nodiscard]] node::Runtime::Tap tap();

  // ---- From any thread ----
  /// Writes the call down, with its time and its id, which it returns; an acquire also with the present session.
  std::uint64_t call(sim::Call call);
  void answer(sim::Return answer);
  /// `lock` was held at this moment and is until its deadline.
  void holds(const Lock& lock);
  void drops(const Lock& lock);
  void leads(const Term& term);
  void leads_no_more(const Term& term);

  [[nodiscard]] static std::string session_of(const Lock& lock);

 private:
  void write(const sim::Event& event);
  /// The true time at which the node's clock shows it.
  [[nodiscard]] static sim::TrueTime truth_of(Instant reading);
  void on_notice(const engine::Notice& notice);

  const std::string node_;
  const std::uint64_t life_;
  LineFile file_;
  sim::NodeRecorder recorder_;
  std::atomic<std::uint64_t> ids_{0};

  std::mutex mutex_;  // guards what follows
  std::string session_{"-"};
  /// That have no answer yet.
  std::map<std::uint64_t, std::string> acquires_;
  /// Until when each token is written to be held.
  std::map<Token, Instant> written_;
  std::optional<Term> term_;
};

}  // namespace conclave::process
