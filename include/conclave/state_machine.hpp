/// \file
/// The user's own replicated state machine (F. B. Schneider, "Implementing fault-tolerant services using the state machine
/// approach", ACM Computing Surveys 22(4), 1990): every member applies the same commands in the same order.
#pragma once

#include <functional>
#include <string>

#include <conclave/export.hpp>
#include <conclave/result.hpp>
#include <conclave/types.hpp>

namespace conclave {

/// Where and when in the log a command stands.
struct Applied {
  Slot slot;
  /// Cluster time in milliseconds: it never goes back and is the same on every member. Use it instead of a clock.
  std::uint64_t cluster_time_ms{0};
  /// The session that proposed the command.
  SessionId session;

  friend bool operator==(const Applied&, const Applied&) = default;
};

/// What a member does with commands given to `Node::propose`. All calls come one at a time, in log order, on one thread of
/// the library that does nothing else. After a restart the node replays the log from its start, so an instance begins empty.
///
/// The same calls must give the same state and the same results on every member: no clock, no randomness, no addresses, no
/// iteration over unordered containers. An exception out of any of these stops the node (`Config::on_stopped`); out of `name`,
/// which is asked on the thread of `Node::open`, it fails that with `errc::invalid_argument`.
class CONCLAVE_API StateMachine {
 public:
  virtual ~StateMachine() = default;

  /// Names kind and version, for example "kv/1"; 1 to 64 bytes. Voters whose names differ refuse each other.
  [[nodiscard]] virtual std::string name() const = 0;

  /// Applies one command exactly once and returns its result (at most 64 KiB are kept and returned to the proposer).
  virtual Bytes apply(const Applied& at, BytesView command) = 0;

  /// Writes the whole state as a sequence of chunks of at most `snapshot_chunk_bytes_max` each, `snapshot_bytes_max` together
  /// (config.hpp); `write` copies them. Called when an ephemeral node that runs the same machine joins through this member;
  /// a snapshot over the limits is refused to it, and nothing else happens.
  virtual void snapshot(const std::function<void(BytesView chunk)>& write) const = 0;

  /// Forgets the present state and takes the one whose chunks `read` returns in order, each valid until the next call; an
  /// empty chunk is the end. Called once, on an ephemeral node that joins. When the chunks make no sense it returns an error
  /// with the reason, and the node stops; so it does when `digest` is not what it was where the snapshot was written.
  virtual Result<void> restore(const std::function<BytesView()>& read) = 0;

  /// A number that differs, almost surely, when two states differ, and is the same for the same state on every machine.
  [[nodiscard]] virtual std::uint64_t digest() const = 0;
};

}  // namespace conclave
