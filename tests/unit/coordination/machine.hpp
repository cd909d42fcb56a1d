// A state with its log: what tests of the state machine speak through.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "coordination/state.hpp"

namespace conclave::coordination {

inline MemberId member(std::uint8_t number) {
  MemberId id;
  id.bytes[15] = number;
  return id;
}

inline ResourceName lock(std::string name) { return {ResourceKind::lock, std::move(name)}; }
inline ResourceName election(std::string name) { return {ResourceKind::election, std::move(name)}; }

class Machine {
 public:
  explicit Machine(std::uint64_t lineage = 0) : state(lineage) { term_start(leader); }

  /// The events of one command at the present time.
  const std::vector<Event>& apply(const Command& command) {
    events.clear();
    state.apply(state.applied().next(), now, command, events);
    return events;
  }
  const std::vector<Event>& term_start(const Term& term) {
    events.clear();
    state.term_start(state.applied().next(), now, term, events);
    return events;
  }

  SessionId open(std::uint8_t owner = 1) {
    apply(OpenSession{.nonce = {}, .owner = member(owner), .owner_name = std::string(1, char('a' + owner - 1)),
                      .ttl = std::chrono::seconds(4)});
    next_[SessionId{state.applied().value}] = Sequence{1};
    return SessionId{state.applied().value};
  }

  /// The session's next command.
  const std::vector<Event>& submit(SessionId session, Op op, Sequence answered_below = {}) {
    last = {session, next_[session]};
    ++next_[session];
    return apply(Submission{session, last.sequence, answered_below, std::move(op)});
  }
  /// The same, and its answer.
  Outcome ask(SessionId session, Op op) {
    submit(session, std::move(op));
    const auto answers = all<Answered>();
    return answers.size() == 1 ? answers.front().outcome : Outcome{.status = Status{255}};
  }
  /// Acquires what is free; the token.
  Token hold(SessionId session, const ResourceName& resource) {
    return ask(session, Acquire{.resource = resource, .wait = false}).token;
  }
  RequestId wait(SessionId session, const ResourceName& resource, std::uint8_t priority = 0) {
    submit(session, Acquire{.resource = resource, .priority = priority});
    return last;
  }

  /// Of the last command, those of one type.
  template <class T>
  [[nodiscard]] std::vector<T> all() const {
    std::vector<T> found;
    for (const auto& event : events)
      if (const auto* held = std::get_if<T>(&event)) found.push_back(*held);
    return found;
  }

  /// The current holder's request; zeros: it is free.
  [[nodiscard]] RequestId holder(const ResourceName& name) const {
    const auto* resource = state.resource(name);
    return resource ? resource->holder->request : RequestId{};
  }
  [[nodiscard]] Token token(const ResourceName& name) const {
    const auto* resource = state.resource(name);
    return resource ? resource->holder->token : Token{};
  }

  static inline const Term leader{.round = 1, .member = member(1)};

  State state;
  ClusterTime now{1000};
  std::vector<Event> events;
  /// The request that was submitted last.
  RequestId last;

 private:
  std::map<SessionId, Sequence> next_;
};

}  // namespace conclave::coordination
