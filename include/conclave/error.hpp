/// \file
/// Every way in which a call can fail, and the two questions a caller may ask of a failure.
#pragma once

#include <string>
#include <system_error>

#include <conclave/export.hpp>

namespace conclave {

/// The one error enum of the library. Each value answers two questions: may I retry, and is the outcome known?
enum class errc {
  // The caller erred: retrying unchanged fails again.
  invalid_argument = 1,  ///< an argument or a configuration value breaks its documented limits
  would_deadlock,        ///< a blocking call on the thread, or in the body, that has to go on for it to return
  not_found,             ///< what was named is not there, or is no longer: a candidate, a grant
  not_owner,             ///< the caller does not hold what it tried to release or hand over
  not_supported,         ///< not with this set-up or machine, for example without a user state machine

  // The state of the cluster said no: the outcome is known, nothing happened.
  not_acquired,       ///< `try_acquire` found the lock taken
  timeout,            ///< the deadline passed, and the request is certainly withdrawn
  cancelled,          ///< the caller's stop token fired, and the request is certainly withdrawn
  guard_failed,       ///< a guarded command's token is no longer current
  session_ended,      ///< the session that this request hung on has ended
  lock_lost,          ///< the lock or leadership ended before the body did
  pruned,             ///< an old sequence number whose answer is no longer kept; it never runs again

  // Not now: nothing happened, try again.
  overloaded,         ///< a bounded queue is full
  not_ready,          ///< no leader is known, or this node has not caught up yet

  // Unknown: it may or may not have happened.
  outcome_unknown,    ///< the command may have taken effect; the lock *may* be yours

  // The node: it has to be repaired or opened anew.
  closed,             ///< the node was closed
  stopped,            ///< the node stopped itself; `on_stopped` said why
  data_dir_in_use,    ///< another process, or this one, has the data folder open
  data_dir_unusable,  ///< the data folder cannot be created, read or written
  data_damaged,       ///< a stored record fails its checksum
  disk_full,          ///< the disk has no room; retryable: the node goes on by itself once it has
  disk_failed,        ///< a write or a sync failed; the store has lost its vote
  address_in_use,     ///< the listen port is taken
  address_unusable,   ///< an address cannot be parsed, resolved or advertised
  wrong_cluster,      ///< the peer belongs to another cluster or lineage
  founders_disagree,  ///< the founders' configurations differ
  incompatible,       ///< a peer's protocol version or state machine, or the version of a record, is not one of ours
  vote_lost,          ///< the store may have forgotten a promise and only observes
  protocol_violation, ///< a peer sent bytes that no correct peer sends
  internal,           ///< an invariant of this library is broken: please report it
};

/// The category of `errc`; its messages are complete sentences without the final stop.
[[nodiscard]] CONCLAVE_API const std::error_category& error_category() noexcept;

[[nodiscard]] inline std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), error_category()};
}

/// What went wrong: a code to branch on and a sentence for a person.
struct CONCLAVE_API Error {
  std::error_code code;
  /// What was attempted on what, and what to change; may be empty.
  std::string detail;

  Error() = default;
  Error(errc value, std::string text = {}) : code(make_error_code(value)), detail(std::move(text)) {}
  Error(std::error_code value, std::string text) : code(value), detail(std::move(text)) {}

  /// The code's phrase, then the detail.
  [[nodiscard]] std::string message() const;

  friend bool operator==(const Error&, const Error&) = default;
  friend bool operator==(const Error& error, errc value) { return error.code == make_error_code(value); }
};

/// True when the same call may succeed later without a change of its arguments.
[[nodiscard]] CONCLAVE_API bool is_retryable(std::error_code code) noexcept;
/// True when the command may have taken effect although the call failed. Ask before you retry something that is not
/// idempotent.
[[nodiscard]] CONCLAVE_API bool is_outcome_unknown(std::error_code code) noexcept;

[[nodiscard]] inline bool is_retryable(errc code) noexcept { return is_retryable(make_error_code(code)); }
[[nodiscard]] inline bool is_outcome_unknown(errc code) noexcept { return is_outcome_unknown(make_error_code(code)); }
[[nodiscard]] inline bool is_retryable(const Error& error) noexcept { return is_retryable(error.code); }
[[nodiscard]] inline bool is_outcome_unknown(const Error& error) noexcept { return is_outcome_unknown(error.code); }

}  // namespace conclave

template <>
struct std::is_error_code_enum<conclave::errc> : std::true_type {};
