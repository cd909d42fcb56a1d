// How far a history may have come: the configurations that its answers so far allow.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "sim/checkers/model.hpp"

namespace conclave::sim {

/// Numbers in order; one may stand more than once.
using Numbers = std::vector<std::uint32_t>;

struct Configuration {
  ObjectState state;
  /// The operations that took effect and have not returned yet.
  Numbers ahead;
  /// The lost operations that took effect, by their sort.
  Numbers spent;
};

/// A set of configurations. Of two that differ only in that one has spent more, the other can do whatever that one can, for
/// a lost operation may take effect later or never: only the thrifty one is kept.
class Frontier {
 public:
  /// Keeps at most `width` that differ only in what they have spent.
  explicit Frontier(std::size_t width) : width_(width) {}

  /// False: it was there, or a thriftier one, or there is no room for it.
  bool insert(const Configuration& configuration);

  [[nodiscard]] bool empty() const { return spent_.empty(); }
  /// How many there are.
  [[nodiscard]] std::size_t size() const { return size_; }
  /// True if one was left out that nothing here stands for.
  [[nodiscard]] bool is_narrowed() const { return is_narrowed_; }
  /// Calls `visit` with each, in a fixed order.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& [key, choices] : spent_)
      for (const auto& spent : choices) visit(Configuration{key.first, key.second, spent});
  }

 private:
  std::map<std::pair<ObjectState, Numbers>, std::vector<Numbers>> spent_;
  std::size_t width_;
  std::size_t size_{0};
  bool is_narrowed_{false};
};

}  // namespace conclave::sim
