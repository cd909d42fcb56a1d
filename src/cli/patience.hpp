// How long a command waits: for the cluster first, then for its turn.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "cli/wait.hpp"

namespace conclave::cli {

class Patience {
 public:
  /// What the cluster has to be reached in, and to answer in when it is asked only once, unless the user says how long.
  static constexpr milliseconds usual = std::chrono::seconds(10);

  /// `said` bounds everything together, from now on. Zero is too short for a cluster to be reached in: it stands for a
  /// question without waiting for its turn, as `asks_once` does.
  Patience(std::optional<milliseconds> said, bool asks_once)
      : asks_once_(asks_once || said == milliseconds(0)),
        for_cluster_(begun_ + (said.value_or(milliseconds(0)) > milliseconds(0) ? *said : usual)),
        for_turn_(said || asks_once ? for_cluster_ : begun_ + for_ever) {}

  [[nodiscard]] bool asks_once() const { return asks_once_; }
  /// What is left.
  [[nodiscard]] milliseconds for_cluster() const { return left(for_cluster_); }
  [[nodiscard]] milliseconds for_turn() const { return left(for_turn_); }

 private:
  using Clock = std::chrono::steady_clock;

  static milliseconds left(Clock::time_point end) {
    return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(end - Clock::now()));
  }

  Clock::time_point begun_ = Clock::now();
  bool asks_once_;
  Clock::time_point for_cluster_;
  Clock::time_point for_turn_;
};

}  // namespace conclave::cli
