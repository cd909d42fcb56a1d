/// \file
/// A node: what a program embeds to be a member of a cluster.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <conclave/config.hpp>
#include <conclave/election.hpp>
#include <conclave/export.hpp>
#include <conclave/lock.hpp>
#include <conclave/result.hpp>
#include <conclave/status.hpp>
#include <conclave/types.hpp>

namespace conclave {

namespace client {
class Backing;
class Client;
}  // namespace client

/// How fresh a read has to be.
enum class Consistency {
  /// Sees every command that had returned anywhere before the read began. One round of messages, no log write
  /// (D. Ongaro, "Consensus: bridging theory and practice", 2014, section 6.4).
  linearizable,
  /// Answers at once from this node's own state and says how old that may be.
  stale,
};

/// What a read saw.
struct ReadPoint {
  /// Everything up to this slot was applied.
  Slot slot;
  /// How old the answer may be at most: the time since a round of the leader, confirmed by a majority, was sent; zero for
  /// linearizable reads. `milliseconds::max()`: unknown, this node has heard of no such round.
  std::chrono::milliseconds age{0};

  friend bool operator==(const ReadPoint&, const ReadPoint&) = default;
};

/// A command is applied only if this grant is still current when its turn comes.
struct LockGuard {
  std::string lock;
  Token token;
};
struct ElectionGuard {
  std::string election;
  Token token;
};

struct ProposeOptions {
  /// How long to wait for the result; then `errc::outcome_unknown`, and the command goes on. `errc::timeout` if there was no
  /// session to send it in: then it never runs.
  std::chrono::milliseconds timeout{std::chrono::seconds(10)};
  /// All of them must be current, else `errc::guard_failed` and the command is not applied. At most 16 in all.
  std::vector<LockGuard> locks{};
  std::vector<ElectionGuard> elections{};
};

/// A member of a cluster, embedded in this process. Moves, does not copy; several in one process work. The destructor
/// closes, and so does an assignment to a node that is open. On a thread of the node itself (its callback executor, its user's
/// state machine, a body or a stop callback) that goes on in the background, on a thread of its own: what `Config` refers to
/// has to last until then. One that was moved away may be destroyed or assigned to, and nothing else.
///
/// Threads: the node owns one for the network and the protocol, one or two that look up host names, once there are some, two for the disk
/// (the journal, and the database behind it; none on an ephemeral node), one for the user's state machine, one for images of
/// the state, one for stop callbacks, one for each body of `NamedElection::run` that runs and, unless `Config::executor` is
/// given, one for callbacks; and one for the closing of a node that is destroyed on a thread of its own. Every member function may be called from any thread.
/// Callbacks of one node never run at the same time and never on the node's own threads' time.
class CONCLAVE_API Node {
 public:
  /// Takes its port, opens the data folder, checks what it holds, starts listening, and begins to found, join or rejoin the
  /// cluster. Does not wait for that: see `ready`. Fails at once with `errc::invalid_argument` (see `validate`), `data_dir_in_use`,
  /// `data_dir_unusable`, `data_damaged`, `address_in_use` or `address_unusable`; the detail says what to do.
  [[nodiscard]] static Result<Node> open(Config config);

  Node(Node&&) noexcept;
  Node& operator=(Node&&) noexcept;
  ~Node();

  /// Waits until this node belongs to a cluster, has a way to its leader, and has a session: then locks, elections and commands
  /// get through. At once if that is so now; a leader lost later is waited for again by the next call. `errc::not_ready` after
  /// `timeout`, with a detail that names what is missing and, in no cluster yet, why nobody was met; at once
  /// `errc::founders_disagree`, and `errc::wrong_cluster` when every address of `Config::join` is of another cluster.
  Result<void> ready(std::chrono::milliseconds timeout);
  void ready(std::chrono::milliseconds timeout, std::function<void(Result<void>)> done);

  /// The lock called `name`, 1 to 128 bytes of UTF-8; a bad name is reported by the first use.
  [[nodiscard]] NamedLock lock(std::string name);
  /// The election called `name`, 1 to 128 bytes of UTF-8; a bad name is reported by the first use.
  [[nodiscard]] NamedElection election(std::string name);

  /// Puts `command` (at most 1 MiB) into the log, exactly once, and returns what `StateMachine::apply` returned for it.
  /// Commands of one node are applied in the order of the calls.
  [[nodiscard]] Result<Bytes> propose(Bytes command, ProposeOptions options = {});
  void propose(Bytes command, ProposeOptions options, std::function<void(Result<Bytes>)> done);

  /// Runs `body` on the state machine's thread, between two commands, at a state that is as fresh as `consistency` asks.
  /// `body` may look at the state machine and must not change it. It never runs after the answer: one that has not begun
  /// when `timeout` passes does not run at all, one that runs then is waited for. It is not the state machine: an exception out of
  /// it ends the process, as one out of a callback does (conclave.hpp), so it should keep what it finds and throw nothing.
  Result<ReadPoint> read(Consistency consistency, std::chrono::milliseconds timeout,
                         std::function<void(const ReadPoint&)> body = {});
  void read(Consistency consistency, std::chrono::milliseconds timeout, std::function<void(const ReadPoint&)> body,
            std::function<void(Result<ReadPoint>)> done);

  /// What this node knows now; never waits for others. `errc::stopped`, with the reason, of a node that has stopped itself.
  [[nodiscard]] Result<Status> status();
  void status(std::function<void(Result<Status>)> done);

  /// Takes a grant from whoever holds it (an operator's act): it is told to stop, and the next grant follows its release
  /// or the end of its lease. `errc::not_found` when `token` is not the current one. When `timeout` passes: as in
  /// `ProposeOptions`.
  Result<void> revoke_lock(std::string name, Token token, std::chrono::milliseconds timeout = std::chrono::seconds(10));
  void revoke_lock(std::string name, Token token, std::chrono::milliseconds timeout, std::function<void(Result<void>)> done);

  /// In this order: no new work is taken; held locks and leaderships are reported lost (stop tokens fire, `on_revoked` is
  /// called); what runs under them is waited for: stop callbacks, `on_revoked`, the bodies of `NamedLock::run` and
  /// `NamedElection::run`; the session is ended, which frees the locks for others at once; goodbye is said, the threads end.
  /// If `timeout` passes before the session's end is chosen, the rest is done without waiting for that; if something still
  /// ran by then, the session is left to its TTL, so that nobody else is granted what it runs under before its deadline. The
  /// bodies of `NamedElection::run` have threads of the node: those, and a callback or a stop callback that runs, are waited
  /// for however long they take. No callback runs after it returns. On a thread of the node itself (its callback executor, a
  /// body, a stop callback) it answers `errc::would_deadlock`. What is called beside it or afterwards answers `errc::closed`
  /// (a callback form: not at all); a second `close` waits for the first. Blocking only: when it is over there is nothing left
  /// that could call back. Who must not wait destroys the node on a thread of his own.
  Result<void> close(std::chrono::milliseconds timeout = std::chrono::seconds(2));

 private:
  friend class client::Client;
  explicit Node(std::shared_ptr<client::Client> client, std::shared_ptr<client::Backing> backing);

  std::shared_ptr<client::Client> client_;
  std::shared_ptr<client::Backing> backing_;
};

/// The time by `BootClock`, by which deadlines are said. Any thread.
[[nodiscard]] CONCLAVE_API Instant boot_time() noexcept;

/// Asks the member at `address` (host:port) for its status, over a link of its own that joins nothing. Blocks for at most
/// `timeout`. Blocking only: it belongs to no node, so there is no executor to call back on; it may be called on any thread,
/// also where a node must not be waited for. Errors: `errc::address_unusable`, `errc::timeout`, or the system's own (such as
/// `connection_refused`) when nobody answers.
[[nodiscard]] CONCLAVE_API Result<Status> ask_status(const std::string& address, std::chrono::milliseconds timeout);

}  // namespace conclave
