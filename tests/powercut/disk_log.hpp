// What the preloaded library writes down of a process that uses a disk: one event after the other, in the order in which
// they took effect on what the kernel shows. Read by `DiskModel`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace conclave::powercut {

// The preloaded library's settings, as environment variables.
/// The folder that is watched: absolute, without symbolic links.
inline constexpr const char* root_variable = "CONCLAVE_POWERCUT_ROOT";
/// The file to which events are appended.
inline constexpr const char* log_variable = "CONCLAVE_POWERCUT_LOG";
/// "CALL ERROR MODE": from call number CALL on, by `FaultMode`.
inline constexpr const char* fault_variable = "CONCLAVE_POWERCUT_FAULT";
/// Whose syncs are swallowed: "all", "folder", "meta" (writes to O_DSYNC descriptors), or the name of a file.
inline constexpr const char* lies_variable = "CONCLAVE_POWERCUT_LIES";

enum class FaultMode : std::uint8_t {
  once,      ///< that call fails
  for_ever,  ///< that call and all later ones fail
  cut_short  ///< that call, if it is a write, does half of its work, which is no error
};

enum class EventKind : std::uint8_t {
  create,        ///< a new file `text`
  make_folder,   ///< a new folder `text`
  truncate,      ///< the file is `at` bytes long
  allocate,      ///< the file is `at` bytes long at least
  write,         ///< `text` at `at`
  write_synced,  ///< the same, through a descriptor with O_DSYNC: on the disk when it returns
  sync_begin,    ///< of a file or a folder
  sync_end,      ///< the one that has the same number, with its error or 0
  rename,        ///< `text` is two paths with a NUL between
  unlink,        ///< `text` is gone; a folder or a file
  mapped,        ///< `text` is mapped for writing: what happens to it is not seen
  fault,         ///< a call fails, as was asked for; `text` names it
  acknowledge,   ///< the program says that steps up to `number` are durable, in life `at`
};

/// In the log followed by the bytes of the text.
struct EventHead {
  EventKind kind{};
  std::int32_t error = 0;
  std::uint64_t inode = 0;
  std::uint64_t at = 0;
  std::uint64_t number = 0;  ///< of the call, from 1
  std::uint64_t size = 0;    ///< of the text
};

/// Paths are relative to the watched folder.
struct Event : EventHead {
  std::string text;
};

/// Nothing: no such file. Throws std::runtime_error when its last event is not whole.
[[nodiscard]] std::vector<Event> read_log(const std::filesystem::path& path);

}  // namespace conclave::powercut
