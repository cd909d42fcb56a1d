#include "client/outcome.hpp"

namespace conclave::client {

Result<void> as_void(const Result<coordination::Outcome>& outcome) {
  using coordination::Status;
  if (!outcome) return outcome.error();
  switch (outcome->status) {
    case Status::ok:
    case Status::queued:
      return {};
    case Status::not_acquired:
      return errc::not_acquired;
    case Status::not_owner:
      return errc::not_owner;
    case Status::not_found:
      return errc::not_found;
    case Status::guard_failed:
      return errc::guard_failed;
    case Status::cancelled:
    case Status::was_granted:
      return errc::cancelled;
    case Status::session_ended:
      return Error(errc::outcome_unknown, "its session has ended");
    case Status::pruned:
      return errc::pruned;
    case Status::not_supported:
      return errc::not_supported;
    case Status::overloaded:
      return Error(errc::overloaded, "this session has too many requests that wait or hold");
    case Status::invalid:
      break;
  }
  return Error(errc::invalid_argument, "the cluster refused the command");
}

Result<Bytes> as_bytes(Result<coordination::Outcome> outcome) {
  if (const auto judged = as_void(outcome); !judged) return judged.error();
  return std::move(outcome->result);
}

}  // namespace conclave::client
