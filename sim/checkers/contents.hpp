// How much a history holds: one of three calls is sound, too, and proves nothing.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/checkers/history.hpp"

namespace conclave::sim {

struct Contents {
  struct Asked {
    std::size_t calls{0};
    /// Of unknown outcome: answered so, or not at all.
    std::size_t lost{0};
    friend bool operator==(const Asked&, const Asked&) = default;
  };
  std::map<Object, Asked> objects;
  std::size_t operations{0};
  /// Acquires that brought the lock.
  std::size_t grants{0};
  /// Leaderships of the cluster, by their epochs; where the history says nothing of those, of the election that had most.
  std::size_t leaders{0};
  friend bool operator==(const Contents&, const Contents&) = default;
};

[[nodiscard]] Contents contents(const History& history);

/// The object of which the greatest part of the calls was lost; its name and the numbers, for a person.
[[nodiscard]] std::string most_lost(const Contents& contents);

/// What a history must hold at least to say something.
struct Bar {
  std::size_t operations{1000};
  std::size_t grants{50};
  std::size_t leaders{3};
  /// Of each object less than one call in so many is lost.
  std::size_t lost_one_in{50};
};

/// A sentence for each thing in which `contents` falls short of `bar`.
[[nodiscard]] std::vector<std::string> shortfalls(const Contents& contents, const Bar& bar);

}  // namespace conclave::sim
