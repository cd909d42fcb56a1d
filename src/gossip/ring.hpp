// The live members in the order in which they are probed: shuffled, each once per round, so that every member is probed
// within two rounds (SWIM, section 4.3).
#pragma once

#include <optional>
#include <vector>

#include <conclave/types.hpp>

#include "base/prng.hpp"

namespace conclave::gossip {

class Ring {
 public:
  explicit Ring(Prng prng) : prng_(prng) {}

  /// A member that is not in the ring comes at a random place among those still to come.
  void insert(MemberId member);
  void erase(MemberId member);

  /// The next one to probe; shuffles anew after the last.
  [[nodiscard]] std::optional<MemberId> next();

  /// Up to `count` different members at random, none of them `but`.
  [[nodiscard]] std::vector<MemberId> sample(std::size_t count, MemberId but = {});

  [[nodiscard]] const std::vector<MemberId>& all() const { return order_; }
  [[nodiscard]] bool empty() const { return order_.empty(); }
  [[nodiscard]] std::size_t size() const { return order_.size(); }

  friend bool operator==(const Ring&, const Ring&) = default;

  template <class H>
  friend void hash_append(H& h, const Ring& ring) {
    h(ring.order_, ring.next_, ring.prng_);
  }

 private:
  std::vector<MemberId> order_;
  std::size_t next_{0};
  Prng prng_;
};

}  // namespace conclave::gossip
