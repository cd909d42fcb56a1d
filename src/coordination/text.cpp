// The words of coordination as text, for traces, invariants and messages to a person.
#include "base/text.hpp"

#include "coordination/event.hpp"

namespace conclave::coordination {

std::string to_string(Cause cause) {
  switch (cause) {
    case Cause::released:
      return "it was released";
    case Cause::cancelled:
      return "the request was withdrawn";
    case Cause::handed_over:
      return "it was handed over";
    case Cause::closed:
      return "its session was closed";
    case Cause::expired:
      return "its session was not renewed in time";
    case Cause::restarted:
      return "its process has restarted";
    case Cause::refused:
      return "its process is gone";
    case Cause::revoked:
      return "it was revoked";
    case Cause::held_too_long:
      return "its longest time to hold has passed";
  }
  return "cause " + conclave::to_string(static_cast<unsigned>(cause));
}

std::string to_string(Status status) {
  switch (status) {
    case Status::ok:
      return "ok";
    case Status::queued:
      return "queued";
    case Status::not_acquired:
      return "not acquired";
    case Status::not_owner:
      return "not owner";
    case Status::not_found:
      return "not found";
    case Status::guard_failed:
      return "guard failed";
    case Status::cancelled:
      return "cancelled";
    case Status::was_granted:
      return "was granted";
    case Status::session_ended:
      return "session ended";
    case Status::pruned:
      return "pruned";
    case Status::not_supported:
      return "not supported";
    case Status::invalid:
      return "invalid";
    case Status::overloaded:
      return "overloaded";
  }
  return "status " + conclave::to_string(static_cast<unsigned>(status));
}

std::string to_string(const ResourceName& resource) {
  return (resource.kind == ResourceKind::lock ? "lock " : "election ") + resource.name;
}

std::string to_string(const RequestId& request) {
  return conclave::to_string(request.session) + "/" + conclave::to_string(request.sequence);
}

std::string to_string(const Term& term) {
  return conclave::to_string(term.round) + "." + conclave::to_string(term.member);
}

}  // namespace conclave::coordination
