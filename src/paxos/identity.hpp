// Who a replica is, for one boot.
#pragma once

#include <cstdint>

#include "paxos/types.hpp"

namespace conclave::paxos {

struct Identity {
  MemberId self;
  Incarnation incarnation;
  /// False for an ephemeral node, and for a store that lost its vote (P8, P9): it learns, and never answers as a voter.
  bool has_vote{true};
  /// Drawn at each boot; phase 1 carries it (P2).
  std::uint64_t boot_nonce{0};
  std::uint8_t priority{100};

  friend bool operator==(const Identity&, const Identity&) = default;

  template <class H>
  friend void hash_append(H& h, const Identity& identity) {
    h(identity.self, identity.incarnation, identity.has_vote, identity.boot_nonce, identity.priority);
  }
};

}  // namespace conclave::paxos
