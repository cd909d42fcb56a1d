// How much one command, one session and the whole state may hold (C9 to C12). They decide what apply answers, so they
// are part of the protocol: every implementation and every version of it has the same.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include <conclave/config.hpp>

namespace conclave::coordination {

// Of a command, beside `resource_name_bytes_max`, `value_bytes_max` and `command_bytes_max`.
inline constexpr std::size_t guards_max = 16;
inline constexpr std::chrono::milliseconds ttl_max{std::chrono::hours(24)};
inline constexpr std::chrono::milliseconds max_hold_max{std::chrono::hours(24 * 365)};

/// A session's commands whose answers its client has not acknowledged (S6).
inline constexpr std::uint64_t unanswered_max = 1024;
/// Requests of one session that wait or hold: a renewal's acknowledgement must be able to name them all (S5, C10).
inline constexpr std::size_t requests_per_session_max = 4096;
/// Free names that still remember their version.
inline constexpr std::size_t free_resources_max = 16384;
/// The flight record: how many losses, and for how long.
inline constexpr std::size_t losses_max = 1024;
inline constexpr std::chrono::milliseconds loss_retention{std::chrono::hours(1)};

/// Tokens are positive in every language: lineage << 48 | n.
inline constexpr std::uint64_t lineage_end = 32768;
inline constexpr unsigned token_counter_bits = 48;

}  // namespace conclave::coordination
