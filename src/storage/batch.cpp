#include "storage/batch.hpp"

#include "base/invariant.hpp"

namespace conclave::storage {

std::size_t batch_bytes(const Batch& batch) {
  std::size_t bytes = 0;
  for (const LogRecord& record : batch.log) bytes += sizeof record.slot + record.value.size();
  for (const MetaRecord& record : batch.meta) bytes += record.key.size() + record.value.size();
  for (const std::string& key : batch.erase_meta) bytes += key.size();
  return bytes;
}

void check_batch(const Batch& batch, BatchId last) {
  CONCLAVE_INVARIANT(batch.id == last.next(), batch.id, last);
  CONCLAVE_INVARIANT(batch_bytes(batch) <= batch_bytes_max, batch.id, batch_bytes(batch));
  const auto check_key = [&](const std::string& key) {
    CONCLAVE_INVARIANT(!key.empty() && key.size() <= meta_key_bytes_max, batch.id, key);
  };
  for (const MetaRecord& record : batch.meta) check_key(record.key);
  for (const std::string& key : batch.erase_meta) check_key(key);
}

}  // namespace conclave::storage
