// What one node's own engine shows, as facts in a history: its sessions, its leadership of the cluster, its states. The node may
// be simulated or a real process: what it takes of the world is a clock.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "engine/engine.hpp"
#include "engine/notice.hpp"
#include "sim/checkers/history.hpp"

namespace conclave::sim {

class NodeRecorder {
 public:
  struct Sight {
    std::function<TrueTime()> now;
    /// When the node's clock showed a reading that is past; when it will show one.
    std::function<TrueTime(Instant)> past;
    std::function<TrueTime(Instant)> future;
    /// Takes what is found, not quite in the order of `at`.
    std::function<void(Event)> write;
    std::chrono::milliseconds session_ttl{0};
    std::int64_t drift_ppm{0};
    /// The digest of the state is taken at each slot that this divides, where it is seen: it costs by the size of the state.
    std::uint64_t digest_every{64};
  };

  NodeRecorder(std::string node, Sight sight) : node_(std::move(node)), sight_(std::move(sight)) {}

  void begin_life(std::uint64_t life);
  /// `closed`: in good order; one that closes so has ended its other beliefs itself.
  void end_life(bool closed);
  void on_step(const engine::Engine& engine);
  void on_notice(const engine::Engine& engine, const engine::Notice& notice);
  /// The last state comes with the others.
  void finish(const engine::Engine& engine);

 private:
  void on(const engine::Engine& engine, const engine::SessionReady& notice);
  void on(const engine::Engine& engine, const engine::SessionExtended& notice);
  void on(const engine::Engine& engine, const engine::SessionOver& notice);
  void on(const engine::Engine& engine, const engine::AppliedEvents& notice);
  void on(const engine::Engine& engine, const engine::StateReplaced& notice);
  template <class Other>
  void on(const engine::Engine&, const Other&) {}

  void write_session(SessionId session, What what, Instant deadline);
  void write_lead();
  void write_unlead();
  void write_digest(const engine::Engine& engine);

  const std::string node_;
  const Sight sight_;
  std::uint64_t life_{1};
  /// By the node's clock.
  std::map<SessionId, Instant> deadlines_;
  /// In which it leads, since when, and what of that is proven and written.
  std::optional<paxos::Ballot> leads_;
  TrueTime since_{};
  TrueTime proven_{};
  bool lead_written_{false};
  Slot digested_;
};

}  // namespace conclave::sim
