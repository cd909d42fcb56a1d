// Moves what the journal holds into LMDB, beside the thread that fills the journal.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "storage/lmdb/environment.hpp"

namespace conclave::storage {

/// What one turn of the journal holds.
struct Turn {
  std::vector<Batch> batches;
  JournalMark mark;  ///< once they are in LMDB
};

/// One thread owns it and calls it. While no move is under way, that thread may use the environment.
class Mover {
 public:
  /// `environment` outlives the mover. `failed` is called on the mover's thread when a move has failed.
  Mover(Environment& environment, std::function<void()> failed);
  /// Waits for the move under way.
  ~Mover();
  Mover(const Mover&) = delete;
  Mover& operator=(const Mover&) = delete;

  /// Begins to move `turn`. Only after `finish` was fine.
  void begin(Turn turn);
  /// Waits for the move under way. How the last one ended; until a failed one is tried `again`, the same.
  [[nodiscard]] Outcome finish();
  /// After a failure: moves the same turn again.
  void again();

 private:
  void run();

  Environment& environment_;
  const std::function<void()> failed_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::optional<Turn> turn_;  ///< until it is moved
  bool moving_ = false;
  bool stopping_ = false;
  Outcome outcome_;

  std::thread thread_;
};

}  // namespace conclave::storage
