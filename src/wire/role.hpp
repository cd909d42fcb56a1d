// The public enums have no numbers of their own, so the protocol's are given here. Private to src/wire.
#pragma once

#include <conclave/status.hpp>

#include "conclave.capnp.h"

namespace conclave::schema {

[[nodiscard]] inline Role to_schema(conclave::Role role) {
  return role == conclave::Role::voter ? Role::VOTER : Role::OBSERVER;
}

/// What a newer version may do beside voting is not for us: it observes.
[[nodiscard]] inline conclave::Role from_schema(Role role) {
  return role == Role::VOTER ? conclave::Role::voter : conclave::Role::observer;
}

[[nodiscard]] Health to_schema(conclave::Health health);
/// An unknown value reads as `unknown`.
[[nodiscard]] conclave::Health from_schema(Health health);

}  // namespace conclave::schema
