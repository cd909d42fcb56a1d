// One slot on its way through the tables: its time, the command that it may hold, and the grants that follow. A source
// per idea: step_sessions.cpp, step_requests.cpp, step_grants.cpp.
#pragma once

#include <optional>
#include <vector>

#include <conclave/types.hpp>

#include "coordination/command.hpp"
#include "coordination/event.hpp"
#include "coordination/tables.hpp"

namespace conclave::coordination {

class Step {
 public:
  /// Moves the time on to `stamp`, never back, and fires what is due.
  Step(Tables& tables, Slot slot, ClusterTime stamp, std::vector<Event>& events);
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;

  void run(const OpenSession& command);
  void run(const Submission& command);
  void run(const Judgement& command);
  void run(const Tick&) {}
  void run(const Unknown&) {}

 private:
  /// One that is held or waited for.
  using Held = Resources::iterator;
  /// Nothing: the user's state machine owes the answer.
  using Reply = std::optional<Outcome>;

  void fire_timers();
  void judge(const EndSessions& verdict);
  void judge(const Ended& verdict);
  void end_session(SessionId id, Cause cause);
  void answer(SessionId session, Sequence sequence, Outcome outcome);

  // What a session asks.
  Reply perform(const Session& session, const Acquire& op);
  Reply perform(const Session& session, const Cancel& op);
  Reply perform(const Session& session, const Release& op);
  Reply perform(const Session& session, const HandOver& op);
  Reply perform(const Session& session, const Revoke& op);
  Reply perform(const Session& session, const Apply& op);
  Reply perform(const Session& session, const CloseSession& op);
  Reply perform(const Session& session, const UnknownOp& op);

  // What becomes of requests and grants.
  [[nodiscard]] Held find_grant(const ResourceName& name, Token token);
  [[nodiscard]] Held holding(const RequestId& request, const Requests::Where& where);
  Held enqueue(const Session& session, const Acquire& op);
  void drop_waiter(const RequestId& request, const Requests::Where& where, Cause cause);
  void grant(Held held, Queue::iterator chosen);
  void mark_ending(Held held, Cause cause);
  void end_grant(Held held, Cause cause);
  void settle();

  Tables& tables_;
  Slot slot_;
  std::vector<Event>& events_;
  /// Resources that lost their holder or a waiter, or are new: `settle` grants or frees them.
  std::vector<Held> touched_;
};

}  // namespace conclave::coordination
