// The same machine once more, as simple as it can be: one list of requests, searched from end to end each time. It
// tells what happens in lines, so that a difference reads well.
#pragma once

#include <algorithm>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "coordination/event.hpp"

namespace conclave::coordination {

[[nodiscard]] std::string line_of(const Event& event);

class Model {
 public:
  void apply(Slot slot, ClusterTime stamp, const Command& command);
  void term_start(ClusterTime stamp, const Term& term);
  void user_result(const RequestId& request, const Bytes& result);

  struct Request {
    RequestId id;
    ResourceName on;
    std::uint64_t slot{0};
    std::uint8_t priority{0};
    MemberId owner;
    std::uint64_t max_hold{0};
    // Once it holds.
    std::uint64_t token{0};
    std::uint64_t due{0};
    std::optional<Cause> ending;
  };
  struct Session {
    MemberId owner;
    std::uint64_t next{1};
    std::uint64_t acknowledged{1};
    std::map<std::uint64_t, std::optional<Outcome>> answers;
  };

  std::list<Request> requests;
  std::map<SessionId, Session> sessions;
  std::map<ResourceName, std::uint64_t> versions;
  std::uint64_t tokens{0};
  std::uint64_t now{0};
  Term term;
  /// What happened since the caller cleared it.
  std::vector<std::string> lines;

 private:
  using At = std::list<Request>::iterator;

  void move_time(ClusterTime stamp);
  void submit(Slot slot, const Submission& command);
  std::optional<Outcome> perform(Slot slot, const Submission& command);
  std::optional<Outcome> acquire(Slot slot, const Submission& command, const Acquire& op);
  void end_session(SessionId id, Cause cause);
  void end(At request, Cause cause);
  void mark(At request, Cause cause);
  void settle();
  void grant(At request);
  At holder(const ResourceName& on, Token token);
  void tell(const Event& event) { lines.push_back(line_of(event)); }
};

}  // namespace conclave::coordination
