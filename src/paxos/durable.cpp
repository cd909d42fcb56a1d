// Batches on their way to disk.
#include "paxos/durable.hpp"

#include "base/invariant.hpp"

namespace conclave::paxos {

void Durable::persist(Record record, Effects& effects) {
  if (failed_) return;
  if (!effects.batch) effects.batch = ++last_issued_;
  CONCLAVE_INVARIANT(*effects.batch == last_issued_, *effects.batch, last_issued_);
  if (const auto* watermark = std::get_if<WatermarkRecord>(&record)) issued_watermark_ = watermark->watermark;
  effects.persist.push_back(std::move(record));
}

void Durable::seal(const Stored& stored, const Effects& effects) {
  if (!effects.batch) return;
  if (!pending_.empty() && pending_.back().first == *effects.batch)
    pending_.back().second = stored;
  else
    pending_.emplace_back(*effects.batch, stored);
}

bool Durable::on_persisted(BatchId upto) {
  CONCLAVE_INVARIANT(upto <= last_issued_, upto, last_issued_);
  if (failed_) return false;
  bool changed = false;
  while (!pending_.empty() && pending_.front().first <= upto) {
    synced_ = pending_.front().second;
    pending_.pop_front();
    changed = true;
  }
  return changed;
}

}  // namespace conclave::paxos
