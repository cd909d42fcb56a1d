// Records what happens in a world as conclave-history/1: what the nodes' own notices and the log say. Calls, answers and
// beliefs come from the workload.
#pragma once

#include <map>
#include <string>

#include "sim/belief_keeper.hpp"
#include "sim/checkers/history.hpp"
#include "sim/past_clock.hpp"
#include "sim/recording/log_keeper.hpp"
#include "sim/recording/node_recorder.hpp"
#include "sim/watcher.hpp"
#include "sim/world.hpp"

namespace conclave::sim {

class HistoryRecorder final : private Watcher {
 public:
  struct Options {
    std::int64_t drift_ppm{500};
  };

  /// Watches `world`, which it does not outlive.
  HistoryRecorder(World& world, Options options);
  explicit HistoryRecorder(World& world) : HistoryRecorder(world, Options{}) {}
  HistoryRecorder(const HistoryRecorder&) = delete;
  HistoryRecorder& operator=(const HistoryRecorder&) = delete;
  ~HistoryRecorder() override { world_.unwatch(*this); }

  // ---- For the workload ----
  [[nodiscard]] BeliefKeeper& beliefs() { return beliefs_; }
  /// Names a call.
  [[nodiscard]] std::uint64_t next_id() { return ++ids_; }
  /// Now, unless its `at` says when.
  void call(Call call);
  void answer(Return answer);
  /// The session of an acquire is another one than was written: it was asked for again.
  void change_session(std::uint64_t id, const std::string& session);
  /// This acquire goes on in another session than its own, which is over now (LogKeeper).
  void left_behind(Call acquire) { log_.left_behind(std::move(acquire), now()); }

  /// When the clock of `node` showed `reading`, which is past.
  [[nodiscard]] TrueTime truth_of(const std::string& node, Instant reading);

  /// All so far, in order. The last states of all nodes come with it.
  [[nodiscard]] History finish();

 private:
  struct Node {
    PastClock clock;
    NodeRecorder recorder;
  };

  // Watcher
  void on_life_begun(const std::string& node, std::uint64_t life) override;
  void on_life_ended(const std::string& node, Ending ending) override;
  void on_step(const std::string& node) override;
  void on_notice(const std::string& node, const engine::Notice& notice) override;
  void on_clock_changed(const std::string& node) override;

  [[nodiscard]] TrueTime now() const { return world_.now().time_since_epoch(); }
  [[nodiscard]] Node& node(const std::string& name);
  void write(Event event);

  World& world_;
  History history_;
  BeliefKeeper beliefs_;
  std::uint64_t ids_{0};
  LogKeeper log_;
  std::map<std::uint64_t, std::size_t> acquires_;
  std::map<std::string, Node> nodes_;
  /// Everything up to here was seen on some node.
  Slot seen_;
};

}  // namespace conclave::sim
