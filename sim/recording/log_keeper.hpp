// What the log did of itself, as calls in a history: else nobody could say why the next one holds the lock. These are the ends
// of sessions, of grants that their holders did not give back, and grants of which nobody heard.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/checkers/history.hpp"

namespace conclave::sim {

class LogKeeper {
 public:
  using Write = std::function<void(Event)>;
  using NextId = std::function<std::uint64_t()>;

  /// Writes calls, their answers, and the ends of sessions with `write`, calls by `next_id`.
  LogKeeper(Write write, NextId next_id) : write_(std::move(write)), next_id_(std::move(next_id)) {}

  /// What clients and nodes have written, in order: acquires, releases and sessions tell who knows of which grant.
  void see(const Event& event);

  // ---- The log, as the first node applies it; what others repeat is passed over ----
  void granted(TrueTime at, const std::string& lock, const std::string& session, std::int64_t token);
  /// `with_session`: because that has ended.
  void ungranted(TrueTime at, std::int64_t token, bool with_session);
  void ended(TrueTime at, const std::string& session, bool expired);
  [[nodiscard]] std::optional<std::string> session_of(std::int64_t token) const;

  /// This acquire goes on in another session than its own, which is over `since`. It stands in the history if the log granted it
  /// there, as a call of which nobody heard.
  void left_behind(Call acquire, TrueTime since) { left_behind_.emplace_back(std::move(acquire), since); }
  /// Writes those; they are known once the log is.
  void finish();

 private:
  struct Granting {
    std::string lock;
    std::string session;
    std::optional<TrueTime> granted;
    /// A caller has it.
    bool told{false};
    /// A call of its holder gives it back.
    bool covered{false};
    bool over{false};
    /// The log's release of it is written.
    bool settled{false};
  };
  struct Session {
    std::string node;
    /// When its grant or its last acknowledged renewal was sent.
    TrueTime sent{};
    bool over{false};
    /// The locks that it was granted.
    std::set<std::string> locks;
  };

  void on(const Call& call);
  void on(const Return& answer);
  void on(const SessionFact& fact);
  template <class Other>
  void on(const Other&) {}

  /// The log gives it back at `at`, if that is known and no caller does.
  void settle(TrueTime at, std::int64_t token);
  void write(Call call, TrueTime answered, Status status);

  Write write_;
  NextId next_id_;
  std::map<std::int64_t, Granting> grants_;
  std::map<std::string, Session> sessions_;
  /// Releases that wait for their answers, with their tokens.
  std::map<std::uint64_t, std::int64_t> releases_;
  std::vector<std::pair<Call, TrueTime>> left_behind_;
};

}  // namespace conclave::sim
