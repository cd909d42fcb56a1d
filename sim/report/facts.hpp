// What a picture of a run is drawn from: plain structs, all in true time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <conclave/config.hpp>
#include <conclave/types.hpp>

#include "paxos/effects.hpp"
#include "sim/checkers/history.hpp"
#include "sim/script.hpp"

namespace conclave::sim {

/// From when to when something was so.
struct Span {
  TrueTime from{};
  TrueTime to{};
  friend bool operator==(const Span&, const Span&) = default;
};

/// One life of a process.
struct LifeFact {
  std::string node;
  std::uint64_t number{0};
  Span span;
  /// When it stopped itself, and why; its process is there until `span.to` and does nothing.
  std::optional<TrueTime> stopped{};
  std::string why{};
  /// How it ended; empty: it ran on.
  std::string ending{};
};

/// Something that was wrong for a while: with a machine, or, if `to` is set, with the direction from it to another one.
struct Condition {
  std::string node;
  std::string to{};
  std::string what;
  Span span;
};

/// What a node was to consensus for a while.
struct Standing {
  std::string node;
  paxos::Role role{};
  /// In which it leads or stands; none for the others.
  paxos::Ballot ballot{};
  /// Leads, and its term-start is applied (P12).
  bool term_started{false};
  Span span;
};

/// How far a node has come, from `at` on.
struct Level {
  TrueTime at{};
  std::string node;
  /// In memory, and as synced.
  paxos::Ballot promised{};
  paxos::Ballot promised_synced{};
  Slot accepted{};
  Slot accepted_synced{};
  /// Chosen, as far as it knows.
  Slot watermark{};
};

/// Something was written, and not synced.
struct Unsynced {
  std::string node;
  Span span;
  /// The power went first.
  bool lost{false};
};

/// A fault as it struck.
struct Struck {
  TrueTime at{};
  Words words;
};

/// A line of a node's log.
struct Remark {
  TrueTime at{};
  std::string node;
  LogLevel level{};
  std::string text;
};

/// From `at` on the node's clock shows `reading` and gains so many millionths.
struct ClockPiece {
  std::string node;
  TrueTime at{};
  std::chrono::nanoseconds reading{};
  std::int64_t gains_ppm{0};
};

/// Who has a lock or a leadership by the log, from the first node that applied its grant to the first that applied its end.
struct Holding {
  std::string resource;
  bool election{false};
  std::string owner;
  std::uint64_t token{0};
  Slot slot{};
  Span span;
  /// Empty: it lasted.
  std::string ending{};
};

enum class MessageKind : std::uint8_t { election, agreement, learning, session, read, heartbeat, link, gossip };

/// What became of a packet.
enum class Fate : std::uint8_t {
  lost,     ///< it never arrived
  arrived,
  damaged,  ///< it arrived with a bit turned
  ghost,    ///< it arrived once more, long after; the first time stands for itself
};

/// A packet between two machines.
struct Journey {
  std::string from;
  std::string to;
  TrueTime sent{};
  /// Of a lost one: when it was sent.
  TrueTime arrived{};
  Fate fate{Fate::lost};
  MessageKind kind{};
  /// Says nothing new: evidence of life, renewals.
  bool routine{false};
  std::string text{};
};

struct Facts {
  std::vector<std::string> nodes;
  /// Whose identity that is; a machine that lost its disk has had several.
  std::map<MemberId, std::string> members;
  std::vector<LifeFact> lives;
  std::vector<Condition> conditions;
  std::vector<Standing> standings;
  std::vector<Level> levels;
  std::vector<Unsynced> unsynced;
  std::vector<Struck> faults;
  std::vector<Remark> remarks;
  std::vector<ClockPiece> clocks;
  std::vector<Holding> holdings;
  std::vector<Journey> journeys;
};

}  // namespace conclave::sim
