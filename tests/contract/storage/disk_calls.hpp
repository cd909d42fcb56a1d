// The system calls by which a store writes, replaced in this program so that a test can make them fail and hang, count
// them, and record them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace conclave::disk_calls {

/// The next call fails with this error number.
void fail_next_write(int error_number);
void fail_next_sync(int error_number);
/// All syncs fail from now on, those of files' names too; 0: no longer.
void fail_syncs(int error_number);

/// The next sync hangs until it is released.
void hold_sync();
void await_held_sync();
void release_sync();

/// Syncs begun so far.
[[nodiscard]] std::size_t syncs();

/// What happened to the recorded files, in order.
struct Event {
  enum class Kind : std::uint8_t {
    write,         ///< `bytes` at `at`, in the page cache
    write_synced,  ///< `bytes` at `at`, on the disk (O_DSYNC); says nothing of other writes
    grow,          ///< the file is `at` bytes long, as far as the page cache knows
    sync,          ///< all of the above that was done to this file is on the disk
    durable,       ///< the store has said that batch `at` is durable
  };
  Kind kind;
  std::uint64_t at = 0;
  std::string bytes = {};
  std::size_t file = 0;  ///< its place among those recorded
};

/// From now on records what is done to `files`, which are there.
void start_recording(const std::vector<std::filesystem::path>& files);
void note_durable(std::uint64_t batch);
/// Ends the recording; the threads of the store have ended.
[[nodiscard]] std::vector<Event> stop_recording();

}  // namespace conclave::disk_calls
