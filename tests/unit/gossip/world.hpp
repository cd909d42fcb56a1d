// A cluster of gossip in virtual time: every datagram takes a moment, and may be lost, cut off, or wait at a paused node.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "base/prng.hpp"
#include "gossip/gossip.hpp"

namespace gossip_test {

using namespace conclave;
using namespace conclave::gossip;
using namespace std::chrono_literals;

[[nodiscard]] MemberId member_id(std::size_t number);
[[nodiscard]] Address address_of(std::size_t number);
/// A well-formed rumour about member `number` in its first boot.
[[nodiscard]] Rumour rumour_of(std::size_t number, State state = State::alive, std::uint64_t incarnation = 0);

/// The events of one kind among `events`.
template <class Kind>
std::vector<Kind> all_of(const std::vector<Event>& events) {
  std::vector<Kind> found;
  for (const Event& event : events) {
    if (const auto* kind = std::get_if<Kind>(&event)) found.push_back(*kind);
  }
  return found;
}

class World {
 public:
  explicit World(std::uint64_t seed, Tuning tuning = {}) : tuning_(tuning), prng_(seed) {}

  /// Starts member `number` with seeds by number; again after `kill`, in a later boot.
  void start(std::size_t number, const std::vector<std::size_t>& seeds, Role role = Role::observer);
  /// Starts members 0 to `count` - 1, all with seed 0, and lets them meet.
  void start_all(std::size_t count);
  void kill(std::size_t number) { nodes_.at(number).gossip.reset(); }
  /// Nothing runs there; a few datagrams wait in its socket.
  void pause(std::size_t number) { nodes_.at(number).paused = true; }
  void resume(std::size_t number);

  /// Of a thousand datagrams, how many are lost.
  unsigned loss_per_mille{0};
  /// Whether a datagram between two members passes.
  std::function<bool(std::size_t from, std::size_t to)> passes;

  void run_for(BootClock::duration span);
  /// Runs until `done`, at most for `limit`; false if it never was.
  [[nodiscard]] bool run_until(const std::function<bool()>& done, BootClock::duration limit);

  /// What `observer` believes of `number`; nothing if it does not know it.
  [[nodiscard]] std::optional<State> belief(std::size_t observer, std::size_t number) const;
  /// Whether every other running member believes so of `number`.
  [[nodiscard]] bool all_believe(std::size_t number, State state) const;
  /// Whether all running members believe each other alive.
  [[nodiscard]] bool all_alive() const;

  [[nodiscard]] Gossip& at(std::size_t number) { return *nodes_.at(number).gossip; }
  [[nodiscard]] std::vector<Event>& events(std::size_t number) { return nodes_.at(number).events; }
  [[nodiscard]] Instant now() const { return now_; }
  /// Hands `message` to a member as if it had just come.
  void inject(std::size_t to, std::size_t from, const Message& message);
  void refuse(std::size_t observer, std::size_t number);
  void leave(std::size_t number);

  [[nodiscard]] std::size_t greatest_datagram() const { return greatest_datagram_; }
  [[nodiscard]] std::size_t sent() const { return sent_; }
  [[nodiscard]] std::uint64_t hash() const;

 private:
  struct Delivery {
    std::size_t from{0};
    std::size_t to{0};
    Message message;
  };
  struct Node {
    std::optional<Gossip> gossip;
    std::uint64_t boots{0};
    bool paused{false};
    std::vector<Delivery> socket;
    std::vector<Event> events;
  };

  void step_once();
  void deliver(const Delivery& delivery);
  void absorb(std::size_t from, Effects effects);

  Tuning tuning_;
  Prng prng_;
  Instant now_{1h};
  std::map<std::size_t, Node> nodes_;
  std::map<std::pair<Instant, std::size_t>, Delivery> wire_;
  std::size_t sent_{0};
  std::size_t greatest_datagram_{0};
};

}  // namespace gossip_test
