// One life of a process on a disk, for tests: open, load, start, submit, die.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <utility>

#include "contract/storage/recorder.hpp"

namespace conclave::storage {

/// Opens what `Fixture::open` opens, and dies at the end of the scope. `Fixture::settle(recorder, done)` lets the store
/// work until `done`.
template <class Fixture>
class Life {
 public:
  explicit Life(Fixture& fixture) : fixture_(fixture) {
    auto opened = fixture.open();
    REQUIRE_MESSAGE(opened, opened.error().message());
    storage_ = std::move(*opened);
    const auto loaded = storage_->load(contents);
    REQUIRE_MESSAGE(loaded, loaded.error().message());
    opening = *loaded;
    storage_->start(recorder);
  }

  Storage* operator->() { return storage_.get(); }

  /// Numbers and submits a batch.
  BatchId submit(Batch batch) {
    const BatchId id = batch.id = last_ = last_.next();
    storage_->submit(std::move(batch));
    return id;
  }
  /// Waits until all that was submitted is durable.
  void sync() {
    REQUIRE(fixture_.settle(recorder, [&] { return recorder.upto() == last_ || !recorder.failures().empty(); }));
    REQUIRE(recorder.failures().empty());
  }
  void store(Batch batch) {
    submit(std::move(batch));
    sync();
  }
  /// Waits for the first failure.
  Failure failure() {
    REQUIRE(fixture_.settle(recorder, [&] { return !recorder.failures().empty(); }));
    return recorder.failures().front();
  }
  LogRead read(SlotRange range, std::size_t bytes_max) {
    storage_->read_log(range, bytes_max, [&](Result<LogRead> done) { recorder.on_read(std::move(done)); });
    REQUIRE(fixture_.settle(recorder, [&] { return recorder.read().has_value(); }));
    REQUIRE(recorder.read()->has_value());
    return **recorder.read();
  }

  Contents contents;
  Opening opening;
  Recorder recorder;

 private:
  Fixture& fixture_;
  std::unique_ptr<Storage> storage_;
  BatchId last_;
};

}  // namespace conclave::storage
