// Gossip <-> its fields. Private to src/wire.
#pragma once

#include "gossip/message.hpp"
#include "wire/fields.hpp"

namespace conclave::schema {

void put(Gossip::Builder out, const gossip::Message& value);
[[nodiscard]] gossip::Message take(Gossip::Reader in);

}  // namespace conclave::schema
