// The simulated network: it carries the packets of the in-memory transports between machines, each direction with faults of
// its own. Every draw has a key (direction, kind, number), so a fault more or less leaves all the others as they were.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/prng.hpp"
#include "sim/timeline.hpp"
#include "transport/memory_network.hpp"

namespace conclave::sim {

/// What travels: the links between nodes, or gossip beside them. Each has routes of its own.
enum class Path : std::uint8_t { links, gossip };
inline constexpr std::array paths{Path::links, Path::gossip};

/// How one direction between two machines behaves. A stream of TCP loses, repeats and reorders nothing: there, loss costs
/// time, and damage costs the link.
struct Route {
  using duration = BootClock::duration;

  duration latency{std::chrono::microseconds(100)};
  /// Uniform, on top of the latency.
  duration jitter{std::chrono::microseconds(50)};
  /// Of a thousand packets, so many take `tail` longer. Datagrams overtake each other so.
  unsigned tail_permille{0};
  duration tail{std::chrono::milliseconds(20)};
  /// Of a thousand packets, so many are lost: a datagram for good, a frame until TCP sends it again.
  unsigned lost_permille{0};
  /// Of a thousand packets, so many arrive with one bit turned.
  unsigned corrupted_permille{0};
  /// Of a thousand datagrams, so many arrive twice.
  unsigned doubled_permille{0};
  /// 0: no bound.
  std::uint64_t bytes_per_second{0};
  /// Nothing arrives, and what is sent waits: links stay open until their system gives up on them.
  bool cut{false};
  /// Every packet arrives once more, so much later; 0: none does.
  duration replayed_after{0};

  friend bool operator==(const Route&, const Route&) = default;
};

class Network {
 public:
  /// `arrive` is given each packet when it reaches its machine, and hands it to `hub().deliver` or keeps it.
  using Arrive = std::function<void(const std::string& to, transport::Packet)>;
  /// It may put its note on the packet: one that arrives damaged has none.
  using OnPacket = std::function<void(const std::string& from, const std::string& to, transport::Packet&)>;

  Network(Timeline& timeline, Prng prng, Arrive arrive);

  /// Makes a machine known. Names are never taken twice.
  void add(const std::string& name, const Address& address);
  [[nodiscard]] transport::MemoryNetwork& hub() { return hub_; }

  [[nodiscard]] Route& route(const std::string& from, const std::string& to, Path path = Path::links);
  /// Lets `change` have the routes of both paths.
  void change(const std::string& from, const std::string& to, const std::function<void(Route&)>& change);
  /// Only machines of one group hear each other.
  void partition(const std::vector<std::set<std::string>>& groups);
  /// All hear each other again, and what waited arrives; the other faults stay.
  void heal();
  /// One direction is open again.
  void release(const std::string& from, const std::string& to);
  /// Every route as it was at first.
  void mend();
  /// The system of `from` gives up on its links with `to`. The other end hears of it only when it sends: half-open.
  void reset(const std::string& from, const std::string& to);

  /// Over every packet that was sent, and when: two runs with the same hash were the same.
  [[nodiscard]] std::uint64_t trace_hash() const { return trace_hash_; }

  /// Hears of every packet when it is sent: the world tells its watchers.
  OnPacket on_packet;

 private:
  /// A direction: sender and receiver, as numbers of machines.
  using Key = std::pair<std::size_t, std::size_t>;
  struct Lane {
    Key key;
    std::array<Route, 2> routes;
    std::array<Prng, 2> draws;
    std::array<std::uint64_t, 2> sent{};
    /// When the direction is free again, where its bandwidth is bounded.
    Instant free_at{};
    /// What waits for a cut to heal, in order.
    std::vector<transport::Packet> waiting;
  };

  void carry(transport::Packet packet);
  void trace(Key key, const transport::Packet& packet);
  void carry_datagram(Lane& lane, const Route& route, Prng& draws, transport::Packet packet);
  void carry_on_stream(Lane& lane, const Route& route, Prng& draws, transport::Packet packet);
  void deliver_in_order(Lane& lane, BootClock::duration delay, transport::Packet packet);
  void deliver_after(BootClock::duration delay, transport::Packet packet);
  void replay(Key key, BootClock::duration after, transport::Packet packet);
  [[nodiscard]] BootClock::duration delay(Lane& lane, const Route& route, Prng& draws, const transport::Packet& packet);
  [[nodiscard]] Lane& lane(Key key);
  [[nodiscard]] std::size_t number(const std::string& name) const { return numbers_.at(name); }
  void release(Lane& lane);

  Timeline& timeline_;
  Prng prng_;
  Arrive arrive_;
  transport::MemoryNetwork hub_;
  std::vector<std::string> names_;
  std::map<std::string, std::size_t> numbers_;
  std::map<Address, std::size_t> addresses_;
  /// What is on its way keeps a reference to its lane.
  std::map<Key, Lane> lanes_;
  std::uint64_t trace_hash_{0};
  /// When the last packet of a link arrives: a stream keeps its order.
  std::map<LinkId, Instant> link_clock_;
  /// Ends of links at which a frame has arrived. What is repeated from an older link never comes before that: the first frame of
  /// a stream is its sender's Hello.
  std::set<LinkId> begun_;
};

}  // namespace conclave::sim
