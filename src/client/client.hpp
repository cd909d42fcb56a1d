// What is behind every public handle: this process's session, its requests, grants, candidacies and reads. Everything here
// runs on the host's loop, unless said otherwise; the public classes (lock_handles.cpp, election_handles.cpp) post to it.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <conclave/config.hpp>
#include <conclave/election.hpp>
#include <conclave/lock.hpp>
#include <conclave/node.hpp>
#include <conclave/result.hpp>

#include "client/grant.hpp"
#include "client/host.hpp"
#include "engine/notice.hpp"

namespace conclave::client {

class Backing;
class Campaigning;
class Observing;
class Request;
class UserMachine;

template <class T>
using Done = std::function<void(Result<T>)>;

class Client : public std::enable_shared_from_this<Client> {
 public:
  struct Options {
    std::string name;
    std::chrono::milliseconds session_ttl{4000};
    std::size_t pending_calls_max{16384};
    std::shared_ptr<StateMachine> state_machine;
  };

  Client(Options options, std::shared_ptr<Host> host);
  ~Client();

  /// Opens the first session.
  void start();
  /// What the engine says, in order.
  void on_notice(const engine::Notice& notice);

  [[nodiscard]] const std::shared_ptr<Host>& host() const { return host_; }
  [[nodiscard]] UserMachine& user_machine() { return *user_machine_; }

  // ---- Sessions ----
  [[nodiscard]] std::optional<SessionId> session() const { return session_; }
  /// Names a task that waits for a session; 0 is none.
  using WaitId = std::uint64_t;
  /// Runs `task` once there is a session, or none will be any more (`over`); at once if that is so.
  WaitId when_session(Task task);
  void forget_wait(WaitId wait) { when_session_.erase(wait); }
  void ready(std::chrono::milliseconds timeout, Done<void> done);
  /// Why nothing goes on: the node was closed, or has stopped itself. From any thread.
  [[nodiscard]] std::optional<Error> over() const { return told_over_.load(std::memory_order_acquire) ? over_ : std::nullopt; }
  /// Why a new call cannot be taken: `over`, or `pending_calls_max` wait already.
  [[nodiscard]] std::optional<Error> refusal() const;

  // ---- Commands ----
  using OnOutcome = std::function<void(Result<coordination::Outcome>)>;
  using OnNumber = std::function<void(SessionId, Sequence)>;
  /// Sends `op` in the present session. `outcome` runs once: with what apply answered; with the engine's error if the command
  /// certainly never runs; with `outcome_unknown` when the session ends without an answer. `numbered`, if given, runs before.
  /// Never refused for want of room when it gives something back.
  void submit(coordination::Op op, OnOutcome outcome, OnNumber numbered = {});
  /// As `submit`, in this session or, if there is none, in the next one, and answers `timeout` if that did not come in time:
  /// then it never runs. `outcome_unknown` if the answer did not: it goes on.
  void submit_within(std::chrono::milliseconds timeout, coordination::Op op, OnOutcome outcome);

  // ---- Locks ----
  std::shared_ptr<Request> acquire(const std::string& name, bool wait, AcquireOptions options, Done<Lock> done);
  void release(const std::shared_ptr<Grant>& grant, Done<void> done);
  /// Releases a grant that has ended for its holder but not for the log. `lock_lost` if the log has ended it first.
  void give_back(const std::shared_ptr<Grant>& grant, Done<void> done);
  /// In the present session; `not_ready` if there is none.
  void revoke(coordination::ResourceName resource, Token token, Done<void> done);
  void revoke_lock(const std::string& name, Token token, std::chrono::milliseconds timeout, Done<void> done);
  /// A body runs under the lock: whatever ends the grant, it is given back by `end_body`, when the body has ended.
  void begin_body(const Lock& lock);
  void end_body(const std::shared_ptr<Grant>& grant, Done<void> done);

  // ---- Elections ----
  void enter(const std::shared_ptr<Campaigning>& campaigning);
  void leave(const std::shared_ptr<Campaigning>& campaigning);
  void observe(const std::shared_ptr<Observing>& observing);
  void unobserve(const Observing* observing);
  /// The member called `member_name` of which a candidate waits; `not_found` without one, `invalid_argument` with two.
  [[nodiscard]] Result<MemberId> candidate(const std::string& election, const std::string& member_name) const;
  [[nodiscard]] std::optional<Leader> leader_of(const std::string& election) const;
  void leader(const std::string& election, std::chrono::milliseconds timeout, Done<std::optional<Leader>> done);

  // ---- User commands and reads ----
  void propose(Bytes command, ProposeOptions options, Done<Bytes> done);
  void read(Consistency consistency, std::chrono::milliseconds timeout, std::function<void(const ReadPoint&)> body,
            Done<ReadPoint> done);

  /// Takes nothing new, tells every holder and candidate that its grant is lost, waits for what of theirs still runs (stop
  /// callbacks, `on_revoked`, bodies), then ends the session (S9), and calls `done` when that is chosen. After `timeout` it
  /// calls `done` all the same, and a session not ended by then is left to its TTL.
  void close(std::chrono::milliseconds timeout, Task done);

  /// The process that this stands for has died, as in a simulation: nothing is done any more, and nobody is told. What refers
  /// to each other (a request and the call that waits for it) is let go.
  void abandon();

  // ---- For the parts (request, campaigning) ----
  /// `on_granted` hears of a grant made to (session, sequence), `on_dropped` when the request left the queue ungranted.
  struct Waiter {
    coordination::ResourceName resource;
    std::function<void(const coordination::Granted&)> on_granted;
    std::function<void(const std::string& cause)> on_dropped;
  };
  void await_grant(SessionId session, Sequence sequence, Waiter waiter);
  void forget_waiter(SessionId session, Sequence sequence);
  /// Makes the grant known: it is extended with its session, and ended with it.
  std::shared_ptr<Grant> adopt(const coordination::Granted& granted);
  /// Tells `ended` when the grant ends for a reason other than the holder's own wish. Whoever asks for that also gives it
  /// back; else the client does.
  void on_grant_ended(const std::shared_ptr<Grant>& grant, std::function<void(const Error&)> ended);
  void drop(const std::shared_ptr<Grant>& grant);

  // ---- Makers of public values ----
  [[nodiscard]] static const std::shared_ptr<Grant>& grant_of(const Lock& lock) { return lock.grant_; }
  [[nodiscard]] static Lock make_lock(std::shared_ptr<Grant> grant) { return Lock(std::move(grant)); }
  [[nodiscard]] static Term make_term(std::shared_ptr<Grant> grant) { return Term(std::move(grant)); }
  [[nodiscard]] static PendingAcquire make_pending(std::shared_ptr<Request> request);
  [[nodiscard]] static Campaign make_campaign(std::shared_ptr<Campaigning> campaigning);
  [[nodiscard]] static Observation make_observation(std::shared_ptr<Observing> observing);
  [[nodiscard]] static Node make_node(std::shared_ptr<Client> client, std::shared_ptr<Backing> backing);
  [[nodiscard]] NamedLock make_named_lock(std::string name);
  [[nodiscard]] NamedElection make_named_election(std::string name);

 private:
  using RequestKey = std::pair<SessionId, Sequence>;
  struct Command {
    OnOutcome outcome;
    OnNumber numbered;
  };
  struct Held {
    std::shared_ptr<Grant> grant;
    std::function<void(const Error&)> ended;
  };
  /// A read's body runs, or its caller is told that it never will: whoever comes first decides.
  enum class BodyFate : std::uint8_t { open, runs, never };
  struct Reading {
    std::function<void(const ReadPoint&)> body;
    Done<ReadPoint> done;
    TimerId timer;
    std::shared_ptr<std::atomic<BodyFate>> fate = std::make_shared<std::atomic<BodyFate>>(BodyFate::open);
  };
  struct Readying {
    Done<void> done;
    TimerId timer;
  };

  /// While `close` waits.
  struct Closing {
    SessionId session;
    Task done;
    TimerId timer;
    /// Every stop callback has returned.
    bool signalled{false};
    /// The session's end is on its way.
    bool asked{false};
  };

  void on(const engine::SessionReady& notice);
  void on(const engine::Numbered& notice);
  void on(const engine::SessionExtended& notice);
  void on(const engine::SessionOver& notice);
  void on(const engine::AppliedEvents& notice);
  void on(const engine::SnapshotWanted& notice);
  void on(const engine::StateReplaced& notice);
  void on(const engine::ReadReady& notice);
  void on(const engine::LeaderChanged& notice);
  void on(const engine::Progress& notice);
  void on(const engine::Stopped& notice);

  void on_event(const coordination::Answered& event);
  void on_event(const coordination::Granted& event);
  void on_event(const coordination::Ungranted& event);
  void on_event(const coordination::Ending& event);
  void on_event(const coordination::WaiterDropped& event);
  void on_event(const coordination::UserCommand& event);
  template <class Other>
  void on_event(const Other&) {}

  void open_session();
  void end_session(const Error& reason);
  /// Answers all that is open, each once, and takes nothing new.
  void end_all(const Error& reason);
  /// A session alone is not enough: without a way to the leader nothing gets through.
  [[nodiscard]] bool is_ready() const { return session_ && !waiting_for_; }
  void finish_ready(const Result<void>& result);
  /// S9: once nothing runs any more under a grant of it.
  void close_session();
  void finish_close();
  void fail_commands(const Error& reason);
  void answer_taken(SessionId session, Sequence sequence);

  void give_grant(const coordination::ResourceName& resource, const coordination::Grant& grant);
  void drop_waiter(const RequestKey& request, const std::string& cause);
  void end_grant(Token token, const Error& reason);
  void surrender(Token token, const Error& reason);
  void check_grants(const coordination::State& state);
  void check_waiters(const coordination::State& state);
  void tell_observers(const std::string& election, const std::optional<Leader>& leader);
  /// Takes the reading out, if it is still open.
  [[nodiscard]] std::optional<Reading> take_reading(std::uint64_t id);
  void finish_read(std::uint64_t id, const ReadPoint& point);
  /// Answers `reason`, unless the body runs: then its end answers.
  void give_up_read(std::uint64_t id, const Error& reason);

  Options options_;
  std::shared_ptr<Host> host_;
  std::unique_ptr<UserMachine> user_machine_;

  std::optional<Uuid> opening_;
  std::optional<SessionId> session_;
  Instant session_deadline_;
  WaitId next_wait_{1};
  std::map<WaitId, Task> when_session_;
  std::uint64_t next_readying_{1};
  std::map<std::uint64_t, Readying> readying_;
  std::optional<Error> waiting_for_;
  /// Written once, before `told_over_`: whoever reads that may read this.
  std::optional<Error> over_;
  std::atomic<bool> told_over_{false};

  std::uint64_t next_ticket_{1};
  std::map<std::uint64_t, Command> tickets_;
  std::map<RequestKey, Command> commands_;
  std::map<RequestKey, Waiter> waiters_;
  std::map<Token, Held> held_;
  std::set<std::shared_ptr<Campaigning>> campaigns_;
  std::vector<std::shared_ptr<Observing>> observers_;
  std::uint64_t next_read_{1};
  std::map<std::uint64_t, Reading> reads_;
  /// The grants under which `NamedLock::run` has a body running.
  std::set<std::shared_ptr<Grant>> bodies_;
  std::optional<Closing> closing_;
};

}  // namespace conclave::client
