// What the preloaded counter has seen of one process, in a file that both map.
#pragma once

#include <atomic>
#include <cstdint>

namespace conclave::bench {

/// The file's name stands in this environment variable.
inline constexpr const char* counts_variable = "CONCLAVE_BENCH_COUNTS";

struct Counts {
  /// Calls that wait for the disk: fsync, fdatasync, msync(MS_SYNC), sync_file_range, writes to an O_DSYNC descriptor.
  std::atomic<std::uint64_t> flushes;
  /// Payload given to the network, without the headers of TCP, UDP and IP.
  std::atomic<std::uint64_t> sent_bytes;
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "the counts are shared between processes");

}  // namespace conclave::bench
