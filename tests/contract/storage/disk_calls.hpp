// The system calls by which LMDB writes, replaced in this program so that a test can make them fail, hang, and count
// them.
#pragma once

#include <cstddef>

namespace conclave::disk_calls {

/// The next call fails with this error number.
void fail_next_write(int error_number);
void fail_next_sync(int error_number);

/// The next sync hangs until it is released.
void hold_sync();
void await_held_sync();
void release_sync();

/// Syncs begun so far.
[[nodiscard]] std::size_t syncs();

}  // namespace conclave::disk_calls
