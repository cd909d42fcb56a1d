// The limits of one command, judged the same by apply and by whoever restores what was applied. That texts are UTF-8 is
// judged where they come in (W2): to apply, names are bytes.
#pragma once

#include <chrono>
#include <string>

#include <conclave/types.hpp>

#include "coordination/command.hpp"
#include "coordination/limits.hpp"

namespace conclave::coordination {

[[nodiscard]] inline bool is_valid(const ResourceName& resource) {
  return (resource.kind == ResourceKind::lock || resource.kind == ResourceKind::election) && !resource.name.empty() &&
         resource.name.size() <= resource_name_bytes_max;
}

[[nodiscard]] inline bool is_valid_request(const Bytes& value, std::chrono::milliseconds max_hold) {
  return value.size() <= value_bytes_max && max_hold.count() >= 0 && max_hold <= max_hold_max;
}

[[nodiscard]] inline bool is_valid_opening(std::chrono::milliseconds ttl, const std::string& owner_name) {
  return ttl.count() > 0 && ttl <= ttl_max && owner_name.size() <= member_name_bytes_max;
}

}  // namespace conclave::coordination
