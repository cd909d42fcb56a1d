// What every part of gossip needs during one step, and the one way to send.
#pragma once

#include <utility>

#include "base/invariant.hpp"
#include "gossip/datagram.hpp"
#include "gossip/members.hpp"

namespace conclave::gossip {

/// Lives for one call; refers to what the caller of the step owns.
struct Step {
  const Tuning& tuning;
  Members& members;
  Instant now;
  Effects& effects;

  /// Sends `body` with as many rumours as fit. `member` is who lives there, nil if that is not known.
  void send(const Address& to, MemberId member, Body body, bool introduce = false) {
    std::vector<Rumour> rumours = members.tell(member, room_for_rumours(body), introduce);
    send_exactly(to, {std::move(body), std::move(rumours)});
  }

  void send_exactly(const Address& to, Message message) {
    CONCLAVE_INVARIANT(datagram_bytes(message) <= datagram_bytes_max, datagram_bytes(message));  // G9
    effects.send.push_back({to, std::move(message)});
  }
};

}  // namespace conclave::gossip
