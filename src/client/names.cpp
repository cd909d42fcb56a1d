#include "client/names.hpp"

#include <conclave/config.hpp>

#include "base/utf8.hpp"
#include "coordination/limits.hpp"

namespace conclave::client {

Result<void> check_resource(std::string_view name, std::string_view value) {
  if (name.empty() || name.size() > resource_name_bytes_max)
    return Error(errc::invalid_argument, "a lock's or election's name has 1 to " + std::to_string(resource_name_bytes_max) +
                                             " bytes, this one has " + std::to_string(name.size()));
  if (!is_utf8(name))
    return Error(errc::invalid_argument, "a lock's or election's name is UTF-8 without NUL");
  if (value.size() > value_bytes_max)
    return Error(errc::invalid_argument, "a note or value has at most " + std::to_string(value_bytes_max) +
                                             " bytes, this one has " + std::to_string(value.size()));
  return {};
}

Result<void> check_max_hold(std::chrono::milliseconds max_hold) {
  if (max_hold >= std::chrono::milliseconds(0) && max_hold <= coordination::max_hold_max) return {};
  return Error(errc::invalid_argument, "AcquireOptions::max_hold is 0 (no limit) to " +
                                           std::to_string(coordination::max_hold_max.count()) + " ms, this one is " +
                                           std::to_string(max_hold.count()) + " ms");
}

}  // namespace conclave::client
