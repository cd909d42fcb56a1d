// What can be read off sessions and resources, kept beside them so that no command has to search: which requests a
// session has, and which grants are ending. Never stored: an image restores them.
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <conclave/types.hpp>

#include "coordination/command.hpp"
#include "coordination/resource.hpp"

namespace conclave::coordination {

/// Every request that waits or holds, by session and number.
class Requests {
 public:
  struct Where {
    ResourceName resource;
    /// Its place in the queue; nothing: it holds.
    std::optional<Place> waiting;

    friend bool operator==(const Where&, const Where&) = default;
  };
  using OfSession = std::map<Sequence, Where>;

  void open(SessionId session) { sessions_.try_emplace(session); }
  /// Gives back all that the session still had.
  OfSession close(SessionId session);
  void add(const RequestId& request, Where where);
  /// It waits no more: it holds.
  void grant(const RequestId& request);
  void remove(const RequestId& request);

  [[nodiscard]] const Where* find(const RequestId& request) const;
  [[nodiscard]] std::size_t count(SessionId session) const;

  friend bool operator==(const Requests&, const Requests&) = default;

 private:
  std::map<SessionId, OfSession> sessions_;
};

/// A grant that is being taken from a living session (S5).
struct EndingGrant {
  SessionId session;
  ResourceName resource;
  Token token;

  friend bool operator==(const EndingGrant&, const EndingGrant&) = default;
};

/// All ending grants, by session and token.
class Endings {
 public:
  void add(const ResourceName& resource, const Grant& grant) { grants_.emplace(key(grant), resource); }
  void remove(const Grant& grant) { grants_.erase(key(grant)); }

  [[nodiscard]] std::vector<Token> of(SessionId session) const;
  [[nodiscard]] std::vector<EndingGrant> all() const;

  friend bool operator==(const Endings&, const Endings&) = default;

 private:
  using Key = std::pair<SessionId, Token>;
  static Key key(const Grant& grant) { return {grant.request.session, grant.token}; }

  std::map<Key, ResourceName> grants_;
};

}  // namespace conclave::coordination
