/// \file
/// How a node is set up: one aggregate of knobs, presets for the time knobs, and `validate()`, whose messages say what to
/// change. Every knob has a unit, a default and a word on what it trades.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <conclave/export.hpp>
#include <conclave/result.hpp>
#include <conclave/state_machine.hpp>
#include <conclave/types.hpp>

namespace conclave {

using std::chrono::milliseconds;

/// The longest names, in bytes of UTF-8.
inline constexpr std::size_t member_name_bytes_max = 64;
inline constexpr std::size_t cluster_name_bytes_max = 64;
inline constexpr std::size_t resource_name_bytes_max = 128;
inline constexpr std::size_t state_machine_name_bytes_max = 64;
/// The longest command to the user's state machine and the longest campaign value, in bytes.
inline constexpr std::size_t command_bytes_max = std::size_t{1} << 20;
inline constexpr std::size_t value_bytes_max = 1024;
/// The longest chunk and the longest whole of a snapshot of the user's state machine, in bytes.
inline constexpr std::size_t snapshot_chunk_bytes_max = std::size_t{1} << 20;
inline constexpr std::size_t snapshot_bytes_max = std::size_t{1} << 30;

/// Every duration of the protocol. All members of a cluster should use the same values; the session TTL is the session
/// owner's own choice.
struct CONCLAVE_API Timing {
  /// How often a voter speaks to every other when there is nothing else to say; 5 ms to 1 minute. Shorter finds silence sooner and costs
  /// idle traffic: about 2 (n - 1) / heartbeat messages a second and voter.
  milliseconds heartbeat{50};
  /// The adaptive election timeout stays in [min, max]: it is derived from measured round trips, their jitter and loss.
  /// `min` must be at least 3 heartbeats, `max` at most 10 minutes. Shorter fails over sooner from a *silent* leader (a dead process is noticed
  /// within milliseconds whatever stands here) and elects in vain on a stalling machine.
  milliseconds election_timeout_min{150};
  milliseconds election_timeout_max{1000};
  /// How long a session outlives its last renewal: the price of a crash is a lock that stays taken for so long. At least
  /// 4 election_timeout_min + 2 heartbeats + the drift margin, so that a change of leader costs no session;
  /// at most 24 hours.
  milliseconds session_ttl{4000};
  /// How much two members' clocks may differ in *rate*, in parts per million; leases rest on it. Holders give up
  /// `session_ttl * clock_drift_ppm * 2 / 10^6` (at least 1 ms) before their TTL.
  unsigned clock_drift_ppm{500};
  /// How often gossip probes one member, and how long it waits for a first answer; 50 ms to 10 minutes. Membership news only: failover does
  /// not wait for it.
  milliseconds gossip_period{1000};

  friend bool operator==(const Timing&, const Timing&) = default;

  /// The default: members in one data centre or on one machine.
  [[nodiscard]] static Timing lan() { return {}; }
  /// Members up to about 150 ms apart.
  [[nodiscard]] static Timing wan();
};

/// What a node may use before it answers `errc::overloaded`.
struct Limits {
  /// Calls of this process that wait for an answer or for a session. What gives something back (a release, a cancellation)
  /// is taken all the same.
  std::size_t pending_calls_max{16384};
  /// Frames (at least 64) and bytes (at least 16 MiB, one longest frame) queued to one peer that does not read.
  std::size_t send_queue_frames_max{65536};
  std::size_t send_queue_bytes_max{std::size_t{64} << 20};
  /// The size to which the data file may grow, in bytes, 16 MiB to 16 TiB; address space, not memory.
  std::size_t data_bytes_max{std::size_t{64} << 30};

  friend bool operator==(const Limits&, const Limits&) = default;
};

/// How grave a log line is.
enum class LogLevel { debug, info, warning, error };

/// Receives the node's log lines: one sentence each, without a final line break. Called on a thread of the node; must not
/// block and must not call into the node. A line that it throws at is lost, the node goes on.
using LogSink = std::function<void(LogLevel, std::string_view)>;

/// A log sink that writes to standard error through spdlog, from `level` up. The library itself never prints.
[[nodiscard]] CONCLAVE_API LogSink standard_error_log(LogLevel level = LogLevel::info);

/// Runs the tasks it is given, one at a time and in order. May run them on any thread, but never inside the call. One that
/// throws instead of taking a task stops the node: nobody could be told of a loss any more.
using Executor = std::function<void(std::function<void()>)>;

/// Everything a node needs to know. Fill in what differs from the defaults: `Node::open({.name = "a", ...})`.
struct Config {
  /// What people call this member, 1 to 64 bytes; best unique in its cluster. It identifies nothing, the member's id does
  /// (`MemberStatus::id`): two members of one name are told apart everywhere but by people and by `Campaign::hand_over`, which
  /// refuses a name that several candidates bear. So a second one is not turned away, it may well be the first one's
  /// successor on an empty folder; it is warned of in the log and in `Status::sentence` for as long as both live.
  std::string name{};
  /// Where ballots and log are kept; made if missing. One process at a time. Empty: an *ephemeral* node, which only joins,
  /// never votes, and is forgotten when it leaves.
  std::filesystem::path data_dir{};
  /// `host:port` to listen on (TCP and UDP). Empty: nobody can reach this node; right for `single` alone and for
  /// ephemeral nodes.
  std::string listen{};
  /// The address that others dial; empty means `listen`. Must not be a wildcard such as 0.0.0.0.
  std::string advertise{};

  /// How this node comes to its cluster. Exactly one of the three; all are harmless once the data folder belongs to a
  /// cluster, `founders` as long as this node's own address is among them.
  /// The addresses of all founders, at most 64, this node's own included; the cluster is founded when all of them agree.
  std::vector<std::string> founders{};
  /// Found a cluster of this one voter.
  bool single{false};
  /// Addresses of any members of an existing cluster.
  std::vector<std::string> join{};

  /// The cluster's name, 1 to 64 bytes: keeps apart what should never meet.
  std::string cluster{"conclave"};
  /// Among equally up-to-date voters the higher priority leads first, 0 to 255.
  unsigned priority{100};

  Timing timing{};
  Limits limits{};

  /// The user's replicated state machine; null: none. All voters must have the same one (see `StateMachine::name`).
  std::shared_ptr<StateMachine> state_machine{};

  /// Where callbacks run; empty: a thread of the library.
  Executor executor{};
  /// Where log lines go; empty: nowhere.
  LogSink log{};
  /// Called once, on the callback executor, if the node has to stop itself: a failed disk, a damaged record, a broken
  /// invariant. Locks were reported lost before.
  std::function<void(const Error& reason)> on_stopped{};
};

/// Checks every knob of `config` and their relations. The error's detail names the knob, its value and the change that
/// mends it. `Node::open` calls it. Asks the state machine for its name; one that throws there is refused.
[[nodiscard]] CONCLAVE_API Result<void> validate(const Config& config);

}  // namespace conclave
