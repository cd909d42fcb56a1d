// The flight record (C11): why grants and waiting requests were lost, for a while, so that "who took my lock?" has an
// answer.
#pragma once

#include <deque>
#include <string>

#include <conclave/types.hpp>

#include "base/cluster_time.hpp"
#include "coordination/command.hpp"

namespace conclave::coordination {

/// A grant, or a place in a queue, that its owner did not give up itself.
struct Loss {
  Slot slot;
  ClusterTime time;
  ResourceName resource;
  /// 0: it waited.
  Token token;
  RequestId request;
  MemberId owner;
  std::string owner_name;
  Cause cause{Cause::expired};

  friend bool operator==(const Loss&, const Loss&) = default;
};

/// True for an end that the owner did not bring about itself.
[[nodiscard]] bool is_loss(Cause cause);

class FlightRecord {
 public:
  /// Keeps the newest `losses_max`. Losses come in the order of the log.
  void add(Loss loss);
  /// Forgets what is older than `loss_retention`. Apply does so before each command; it is no timer, since nobody is
  /// owed an event and an idle cluster should not write for it.
  void forget_before(ClusterTime now);

  /// Oldest first.
  [[nodiscard]] const std::deque<Loss>& losses() const { return losses_; }

  friend bool operator==(const FlightRecord&, const FlightRecord&) = default;
  template <class H>
  friend void hash_append(H& h, const FlightRecord& record) {
    h(record.losses_);
  }

 private:
  std::deque<Loss> losses_;
};

template <class H>
void hash_append(H& h, const Loss& value) {
  h(value.slot, value.time, value.resource, value.token, value.request, value.owner, value.owner_name, value.cause);
}

}  // namespace conclave::coordination
