// One of the three processes that are killed: a node, and workers that lock and propose until they are told to stop.
#pragma once

#include <string>
#include <vector>

namespace conclave::process {

struct MemberRole {
  std::string name;
  /// Which life of this process it is; no two have the same, so that no command is proposed twice.
  std::string life;
  std::string folder;
  std::vector<std::string> founders;
  std::string listen;
  unsigned seed{0};
};

/// Runs until standard input ends. Orders: `stop` ends the workers, `dump` writes the journal to FOLDER/NAME.journal as of
/// a linearizable read. Everything seen goes to FOLDER/NAME.LIFE.history.
[[nodiscard]] int run_member(const MemberRole& role);

}  // namespace conclave::process
