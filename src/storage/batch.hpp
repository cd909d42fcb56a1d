// What both implementations of the port ask of a batch.
#pragma once

#include "storage/storage.hpp"

namespace conclave::storage {

/// The bytes of all keys and values.
[[nodiscard]] std::size_t batch_bytes(const Batch& batch);

/// Invariant: `batch` follows the batch `last` and keeps the port's limits.
void check_batch(const Batch& batch, BatchId last);

}  // namespace conclave::storage
