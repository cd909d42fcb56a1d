// Commands <-> their fields. Private to src/wire.
#pragma once

#include <chrono>
#include <limits>

#include "coordination/command.hpp"
#include "state.capnp.h"
#include "wire/fields.hpp"

namespace conclave::schema {

/// What is replicated has no cap here: the entry or the image bounds it, and apply judges it.
inline constexpr std::size_t any_size = std::numeric_limits<std::size_t>::max();

void put(Resource::Builder out, const coordination::ResourceName& value);
[[nodiscard]] coordination::ResourceName take(Resource::Reader in);

void put(Command::Builder out, const coordination::Command& value);
[[nodiscard]] coordination::Command take(Command::Reader in);

}  // namespace conclave::schema
