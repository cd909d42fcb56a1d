// What a step asks the driver to do. The driver's law (P2): `persist` is submitted before anything of `send_after` leaves,
// and `send_after` leaves once every batch issued up to this step is durable; everything else may be done at once.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <conclave/config.hpp>
#include <conclave/error.hpp>

#include "base/address.hpp"
#include "base/ids.hpp"
#include "engine/image.hpp"
#include "engine/message.hpp"
#include "engine/notice.hpp"
#include "engine/record.hpp"
#include "gossip/message.hpp"

namespace conclave::engine {

struct Outgoing {
  LinkId link;
  Message message;

  friend bool operator==(const Outgoing&, const Outgoing&) = default;
};

struct Cast {
  Address to;
  gossip::Message message;

  friend bool operator==(const Cast&, const Cast&) = default;
};

/// A line for a person: the core has no log, it returns what it would say.
struct Remark {
  LogLevel level{LogLevel::info};
  std::string text;

  friend bool operator==(const Remark&, const Remark&) = default;
};

struct Effects {
  /// Names `persist`; meaningless when that is empty.
  BatchId batch;
  std::vector<Record> persist;
  std::vector<Outgoing> send_now;
  std::vector<Outgoing> send_after;
  std::vector<Cast> datagrams;
  std::vector<Address> dial;
  /// Closed after what was sent on them has left.
  std::vector<LinkId> close;
  /// Done aside, however long it takes; an event brings each outcome.
  std::vector<SealImage> seal;
  std::vector<OpenImage> open;
  std::vector<Notice> notices;
  std::vector<Remark> remarks;

  friend bool operator==(const Effects&, const Effects&) = default;
};

}  // namespace conclave::engine
