// Timers in cluster time. Each belongs to a grant and fires once; no clock runs here: apply asks what is due.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <utility>

#include <conclave/types.hpp>

#include "base/cluster_time.hpp"
#include "coordination/command.hpp"

namespace conclave::coordination {

/// `time` moved on by `span`, at most to the end of time: a stamp from afar must not wrap around.
[[nodiscard]] ClusterTime later(ClusterTime time, std::chrono::milliseconds span);

class Timers {
 public:
  struct Due {
    ResourceName resource;
    Token token;

    friend bool operator==(const Due&, const Due&) = default;
  };

  void arm(ClusterTime due, const ResourceName& resource, Token token) { timers_.emplace(Key{due, token}, resource); }
  void disarm(ClusterTime due, Token token) { timers_.erase(Key{due, token}); }
  /// Takes the first timer that is due at `now`, in the order of (due, slot, index) (C1). Tokens rise with (slot,
  /// index), so they stand for both.
  [[nodiscard]] std::optional<Due> take_due(ClusterTime now);
  [[nodiscard]] std::optional<ClusterTime> next_due() const;

  friend bool operator==(const Timers&, const Timers&) = default;

 private:
  using Key = std::pair<ClusterTime, Token>;

  std::map<Key, ResourceName> timers_;
};

}  // namespace conclave::coordination
