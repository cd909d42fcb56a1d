// Writes down what happens in a world, so that it can be shown afterwards.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "sim/report/facts.hpp"
#include "sim/watcher.hpp"
#include "sim/world.hpp"

namespace conclave::sim {

/// Watches one world from before anything of it starts. It touches the world only while that runs, and may outlive it.
class Chronicle final : private Watcher {
 public:
  /// From now on `world` is watched: once, and for good.
  void watch(World& world);

  /// All of it, once the world has ended at `end`.
  [[nodiscard]] Facts finish(TrueTime end);

 private:
  /// What a packet leaves to be known again by when it arrives.
  struct Underway {
    std::size_t journey;
    std::uint64_t hash;
  };
  struct Node {
    std::uint64_t life{0};
    /// Places in the facts; nothing: there is none now.
    std::optional<std::size_t> alive;
    std::optional<std::size_t> standing;
    std::optional<std::size_t> level;
    std::optional<std::size_t> unsynced;
  };
  using Subject = std::pair<std::string, std::string>;

  // Watcher
  void on_life_begun(const std::string& node, std::uint64_t life) override;
  void on_life_ended(const std::string& node, Ending ending) override;
  void on_step(const std::string& node) override;
  void on_notice(const std::string& node, const engine::Notice& notice) override;
  void on_remark(const std::string& node, const engine::Remark& remark) override;
  void on_packet(const std::string& from, const std::string& to, const transport::Packet& packet) override;
  void on_arrival(const std::string& to, const transport::Packet& packet) override;
  void on_disk_work(const std::string& node) override;
  void on_clock_changed(const std::string& node) override;
  void on_fault(const Words& words) override;

  void on(const coordination::Granted& event);
  void on(const coordination::Ungranted& event);
  template <class Other>
  void on(const Other&) {}

  [[nodiscard]] TrueTime now() const { return world_->now().time_since_epoch(); }
  /// Made where it is first heard of.
  [[nodiscard]] Node& node(const std::string& name);
  void show_clock(const std::string& name);
  void follow_standing(const std::string& name, Node& node, const paxos::Replica& replica);
  void follow_level(const std::string& name, Node& node, const paxos::Replica& replica);
  void end_standing(Node& node);
  void look_at_machine(const std::string& node);
  void look_at_routes();
  /// From now on exactly these are wrong with `subject`.
  void set_conditions(const Subject& subject, const std::set<std::string>& wrong);

  World* world_{nullptr};
  Facts facts_;
  std::map<std::string, Node> nodes_;
  std::map<Subject, std::map<std::string, std::size_t>> conditions_;
  /// Of a link, in the order of sending; of datagrams, by their bytes.
  std::map<LinkId, std::deque<Underway>> on_links_;
  std::map<std::uint64_t, std::deque<std::size_t>> datagrams_;
  /// Every frame that was sent: what comes out of another link is its ghost.
  std::map<std::uint64_t, std::size_t> frames_;
  std::map<Token, std::size_t> holdings_;
  /// Everything up to here was seen on some node.
  Slot seen_;
};

}  // namespace conclave::sim
