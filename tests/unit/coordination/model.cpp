#include "model.hpp"

namespace conclave::coordination {

std::string line_of(const Event& event) {
  using conclave::to_string;
  struct {
    std::string operator()(const SessionOpened& e) { return "open " + to_string(e.session); }
    std::string operator()(const SessionEnded& e) { return "over " + to_string(e.session) + ", " + to_string(e.cause); }
    std::string operator()(const Answered& e) {
      return to_string(RequestId{e.session, e.sequence}) + " -> " + to_string(e.outcome.status) + " t" +
             to_string(e.outcome.token) + " v" + to_string(e.outcome.version) + " " +
             std::string(to_text(e.outcome.result));
    }
    std::string operator()(const Granted& e) {
      return to_string(e.resource) + " granted to " + to_string(e.grant.request) + " t" + to_string(e.grant.token) +
             " v" + to_string(e.grant.version);
    }
    std::string operator()(const Ungranted& e) {
      return to_string(e.resource) + " ungranted t" + to_string(e.token) + ", " + to_string(e.cause);
    }
    std::string operator()(const Ending& e) {
      return to_string(e.resource) + " ending t" + to_string(e.token) + ", " + to_string(e.cause);
    }
    std::string operator()(const WaiterDropped& e) {
      return to_string(e.resource) + " dropped " + to_string(e.request) + ", " + to_string(e.cause);
    }
    std::string operator()(const UserCommand& e) {
      return "user " + to_string(RequestId{e.session, e.sequence}) + " at " + to_string(e.time);
    }
  } write;
  return std::visit(write, event);
}

void Model::move_time(ClusterTime stamp) {
  now = std::max(now, stamp.value);
  while (true) {
    auto first = requests.end();
    for (auto at = requests.begin(); at != requests.end(); ++at)
      if (at->token && at->due && at->due <= now && !at->ending &&
          (first == requests.end() || std::pair(at->due, at->token) < std::pair(first->due, first->token)))
        first = at;
    if (first == requests.end()) return;
    mark(first, Cause::held_too_long);
  }
}

void Model::term_start(ClusterTime stamp, const Term& started) {
  move_time(stamp);
  term = started;
}

void Model::apply(Slot slot, ClusterTime stamp, const Command& command) {
  move_time(stamp);
  if (const auto* open = std::get_if<OpenSession>(&command)) {
    sessions[SessionId{slot.value}] = Session{.owner = open->owner, .answers = {}};
    tell(SessionOpened{.nonce = {}, .session = SessionId{slot.value}, .owner = {}, .owner_name = {}});
  } else if (const auto* submission = std::get_if<Submission>(&command)) {
    submit(slot, *submission);
  } else if (const auto* judgement = std::get_if<Judgement>(&command); judgement && judgement->term == term) {
    if (const auto* over = std::get_if<EndSessions>(&judgement->verdict))
      for (const auto id : over->sessions) end_session(id, over->cause);
    if (const auto* ended = std::get_if<Ended>(&judgement->verdict)) {
      const auto at = holder(ended->resource, ended->token);
      if (at != requests.end() && at->ending) end(at, *at->ending);
    }
    settle();
  }
}

void Model::submit(Slot slot, const Submission& command) {
  const auto tell_answer = [&](const Outcome& outcome) { tell(Answered{command.session, command.sequence, outcome}); };
  if (!sessions.contains(command.session)) return tell_answer({.status = Status::session_ended});
  auto& session = sessions[command.session];
  const auto number = command.sequence.value;
  if (number > session.next) return;
  if (number < session.next) {
    if (number < session.acknowledged) return tell_answer({.status = Status::pruned});
    if (const auto& kept = session.answers[number]) tell_answer(*kept);
    return;
  }
  session.acknowledged = std::max(session.acknowledged, std::min(command.answered_below.value, number));
  const auto outcome = perform(slot, command);
  settle();
  if (sessions.contains(command.session)) {
    sessions[command.session].next = number + 1;
    sessions[command.session].answers[number] = outcome;
  }
  if (outcome) tell_answer(*outcome);
}

std::optional<Outcome> Model::perform(Slot slot, const Submission& command) {
  const auto own = [&](At at) { return at != requests.end() && at->id.session == command.session; };
  if (const auto* op = std::get_if<Acquire>(&command.op)) return acquire(slot, command, *op);
  if (const auto* op = std::get_if<Cancel>(&command.op)) {
    const auto at = std::ranges::find(requests, RequestId{command.session, op->sequence}, &Request::id);
    if (at == requests.end()) return Outcome{.status = Status::not_found};
    const auto outcome = at->token ? Outcome{.status = Status::was_granted, .token = Token{at->token},
                                             .version = versions[at->on]}
                                   : Outcome{.status = Status::cancelled};
    end(at, Cause::cancelled);
    return outcome;
  }
  if (const auto* op = std::get_if<Release>(&command.op)) {
    const auto at = holder(op->resource, op->token);
    if (!own(at)) return Outcome{.status = Status::not_owner};
    end(at, Cause::released);
  }
  if (const auto* op = std::get_if<HandOver>(&command.op)) {
    const auto at = holder(op->resource, op->token);
    if (!own(at)) return Outcome{.status = Status::not_owner};
    auto best = requests.end();
    for (auto next = requests.begin(); next != requests.end(); ++next)
      if (next->on == op->resource && !next->token && next->owner == op->target &&
          (best == requests.end() || next->priority > best->priority))
        best = next;
    if (best == requests.end()) return Outcome{.status = Status::not_found};
    end(at, Cause::handed_over);
    grant(best);
  }
  if (const auto* op = std::get_if<Revoke>(&command.op)) {
    const auto at = holder(op->resource, op->token);
    if (at == requests.end()) return Outcome{.status = Status::not_found};
    mark(at, Cause::revoked);
  }
  if (const auto* op = std::get_if<Apply>(&command.op)) {
    for (const auto& guard : op->guards)
      if (holder(guard.resource, guard.token) == requests.end()) return Outcome{.status = Status::guard_failed};
    tell(UserCommand{command.session, command.sequence, slot, ClusterTime{now}, {}});
    return std::nullopt;
  }
  if (std::holds_alternative<CloseSession>(command.op)) end_session(command.session, Cause::closed);
  if (std::holds_alternative<UnknownOp>(command.op)) return Outcome{.status = Status::not_supported};
  return Outcome{};
}

std::optional<Outcome> Model::acquire(Slot slot, const Submission& command, const Acquire& op) {
  if (!op.wait && std::ranges::find(requests, op.resource, &Request::on) != requests.end())
    return Outcome{.status = Status::not_acquired};
  const bool ranked = op.resource.kind == ResourceKind::election;
  requests.push_back({.id = {command.session, command.sequence},
                      .on = op.resource,
                      .slot = slot.value,
                      .priority = ranked ? op.priority : std::uint8_t{0},
                      .owner = sessions[command.session].owner,
                      .max_hold = static_cast<std::uint64_t>(op.max_hold.count()),
                      .ending = {}});
  if (op.wait) return Outcome{.status = Status::queued};
  settle();
  return Outcome{.status = Status::ok, .token = Token{requests.back().token}, .version = versions[op.resource]};
}

void Model::user_result(const RequestId& request, const Bytes& result) {
  const auto session = sessions.find(request.session);
  if (session == sessions.end()) return;
  if (request.sequence.value >= session->second.acknowledged)
    session->second.answers[request.sequence.value] = Outcome{.result = result};
  tell(Answered{request.session, request.sequence, {.result = result}});
}

void Model::end_session(SessionId id, Cause cause) {
  if (sessions.erase(id) == 0) return;
  // In the order of its numbers, which is that of the log.
  for (auto at = requests.begin(); at != requests.end();) {
    const auto next = std::next(at);
    if (at->id.session == id) end(at, cause);
    at = next;
  }
  tell(SessionEnded{id, cause});
}

void Model::end(At at, Cause cause) {
  const bool own_doing = cause == Cause::released || cause == Cause::cancelled || cause == Cause::handed_over ||
                         cause == Cause::closed;
  if (at->ending && own_doing) cause = *at->ending;
  if (at->token)
    tell(Ungranted{at->on, Token{at->token}, cause});
  else
    tell(WaiterDropped{at->on, at->id, cause});
  requests.erase(at);
}

void Model::mark(At at, Cause cause) {
  if (at->ending) return;
  at->ending = cause;
  tell(Ending{at->on, Token{at->token}, cause});
}

void Model::settle() {
  std::set<ResourceName> names;
  for (const auto& request : requests) names.insert(request.on);
  for (const auto& name : names) {
    bool held = false;
    auto best = requests.end();
    for (auto at = requests.begin(); at != requests.end(); ++at) {
      if (at->on != name) continue;
      if (at->token) held = true;
      if (best == requests.end() || at->priority > best->priority) best = at;
    }
    if (!held) grant(best);
  }
}

void Model::grant(At at) {
  at->token = ++tokens;
  at->due = at->max_hold ? now + at->max_hold : 0;
  Granted event{.resource = at->on, .grant = {}};
  event.grant.request = at->id;
  event.grant.token = Token{at->token};
  event.grant.version = ++versions[at->on];
  tell(event);
}

Model::At Model::holder(const ResourceName& on, Token token) {
  const auto is_it = [&](const Request& request) {
    return request.on == on && request.token && request.token == token.value;
  };
  return std::ranges::find_if(requests, is_it);
}

}  // namespace conclave::coordination
