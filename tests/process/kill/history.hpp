// What the processes of the kill test saw, as lines in files: written by them, read by the checks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "process/kill/line_file.hpp"

namespace conclave::process {

/// A command: who proposed it, and its number there. Never proposed twice.
struct CommandId {
  std::string client;
  std::uint64_t number{0};

  friend auto operator<=>(const CommandId&, const CommandId&) = default;
};

/// A command as the state machine keeps it: with the lock that guarded it, if any ("-": none).
struct Record {
  CommandId id;
  std::string lock;
  std::uint64_t token{0};

  friend bool operator==(const Record&, const Record&) = default;
};

[[nodiscard]] std::string to_text(const Record& record);
/// Reads what `to_text` wrote; throws std::runtime_error for anything else.
[[nodiscard]] Record parse_record(const std::string& text);

/// A grant, by those moments (CLOCK_BOOTTIME, nanoseconds) at which its holder saw that it was valid.
struct Hold {
  std::int64_t first{0};
  std::int64_t last{0};
  /// The histories that saw it; more than one is a fault.
  std::set<std::string> holders;
};

/// Everything that was seen.
struct Evidence {
  /// By lock and token.
  std::map<std::pair<std::string, std::uint64_t>, Hold> holds;
  std::set<CommandId> tried;
  /// With the place in the journal that the acknowledgement named.
  std::map<CommandId, std::uint64_t> acknowledged;
  /// Those whose error said that nothing had happened.
  std::set<CommandId> refused;
  /// The journal of each node at the end, by its name.
  std::map<std::string, std::vector<Record>> journals;
};

/// The writing side.
class History {
 public:
  explicit History(const std::filesystem::path& path) : file_(path) {}

  /// From any thread.
  void ready() { file_.write("ready"); }
  void held(const std::string& lock, std::uint64_t token, std::int64_t at);
  void tried(const CommandId& id);
  void acknowledged(const CommandId& id, std::uint64_t place);
  void refused(const CommandId& id);
  /// Something that must not happen at all.
  void trouble(const std::string& what) { file_.write("trouble " + what); }
  /// All workers have ended.
  void stopped() { file_.write("stopped"); }
  /// The journal was written to a file of its own, whole.
  void dumped(std::uint64_t digest) { file_.write("dumped " + std::to_string(digest)); }

 private:
  LineFile file_;
};

/// Reads a history while its process still appends to it.
class Follower {
 public:
  explicit Follower(std::filesystem::path path) : path_(std::move(path)) {}

  /// How many whole lines begin with `word` so far.
  [[nodiscard]] std::size_t count(const std::string& word);
  /// The last line that begins with `word`; empty: none.
  [[nodiscard]] const std::string& last(const std::string& word);

 private:
  void read();

  std::filesystem::path path_;
  std::size_t offset_{0};
  std::map<std::string, std::pair<std::size_t, std::string>> lines_;
};

/// Adds the lines of a history, which is called `name`; a last line without an end is ignored.
void read_history(std::istream& lines, const std::string& name, Evidence& evidence);
/// Reads a journal: one record on each line.
[[nodiscard]] std::vector<Record> read_journal(std::istream& lines);

}  // namespace conclave::process
