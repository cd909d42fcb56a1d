// What a caller may name, checked before anything is sent.
#pragma once

#include <chrono>
#include <string_view>

#include <conclave/result.hpp>

namespace conclave::client {

/// The name of a lock or an election, and its note or value: `errc::invalid_argument` with the limit that it breaks.
[[nodiscard]] Result<void> check_resource(std::string_view name, std::string_view value);
/// The longest time to hold a lock.
[[nodiscard]] Result<void> check_max_hold(std::chrono::milliseconds max_hold);

}  // namespace conclave::client
