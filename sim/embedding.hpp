// What is behind <conclave/sim.hpp> during one run: the user's application on each machine, and what it was found to do wrong.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <conclave/sim.hpp>

#include "base/prng.hpp"
#include "sim/guest.hpp"
#include "sim/tenant.hpp"
#include "sim/watcher.hpp"
#include "sim/world.hpp"

namespace conclave::sim {

class Embedding final : public Guest, private Watcher {
 public:
  /// `options` outlive this.
  Embedding(const Options& options, std::uint64_t seed, const MakeApplication& make);
  ~Embedding() override;

  // Guest
  void enter(World& world) override;
  void prepare(Machine& machine) override;
  [[nodiscard]] std::int64_t drift_ppm() const override { return options_.timing.clock_drift_ppm; }
  [[nodiscard]] bool over() const override { return !violations_.empty(); }
  [[nodiscard]] bool settled() override;
  void finish() override;
  [[nodiscard]] const Violations& violations() const override { return violations_; }
  void leave() override;

  /// Where the first failure was found; empty: in the cluster as a whole.
  [[nodiscard]] const std::string& failed_on() const { return failed_on_; }
  // ---- For Environment and Cluster ----
  [[nodiscard]] World* world() const { return world_; }
  [[nodiscard]] const Tenant* tenant(std::string_view node) const;
  void fail(std::string_view check, const std::string& node, std::string sentence);
  void say(const std::string& node, std::string_view line);
  [[nodiscard]] Prng draws_of(const std::string& node) const;

  // ---- For the state machines ----
  /// The digest after the `nth` command of `slot`; all nodes and lives must have the same.
  void compare(const std::string& node, std::pair<Slot, std::uint64_t> place, std::uint64_t digest);
  /// Runs what is the user's; what it throws is a failure of `node`. Whether it came to its end.
  bool guarded(const std::string& node, const std::function<void()>& call);

 private:
  // Watcher
  void on_life_begun(const std::string& node, std::uint64_t life) override;
  void on_life_ended(const std::string& node, Ending ending) override;
  void on_remark(const std::string& node, const engine::Remark& remark) override;
  void on_fault(const Words& words) override;

  void run_user(const std::string& node, const client::Task& task);

  const Options& options_;
  Prng prng_;
  World* world_{nullptr};
  std::unique_ptr<Application> application_;
  Cluster cluster_;
  /// Also those of ended lives: callbacks that will never run may still refer to them.
  std::vector<std::unique_ptr<Tenant>> tenants_;
  std::map<std::string, Tenant*, std::less<>> present_;
  /// Of the life that begins.
  std::map<std::string, std::shared_ptr<StateMachine>> machines_;
  std::map<std::pair<Slot, std::uint64_t>, std::uint64_t> digests_;
  Violations violations_;
  std::string failed_on_;
};

}  // namespace conclave::sim
