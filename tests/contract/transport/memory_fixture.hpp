// The in-memory network as the contract suite sees it: it delivers everything in the order of sending.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <set>

#include "contract/transport/recorder.hpp"
#include "transport/memory_network.hpp"

namespace conclave::transport {

class MemoryFixture {
 public:
  /// Frames that are queued together leave in one write.
  static constexpr bool coalesces = false;

  class Node {
   public:
    [[nodiscard]] Transport* operator->() { return transport_.get(); }
    /// The process dies.
    void die() { transport_.reset(); }

    Recorder seen;

   private:
    friend MemoryFixture;
    std::unique_ptr<Transport> transport_;
  };

  /// A peer that writes whatever it likes.
  class Raw {
   public:
    /// Sends these bytes as they are.
    void write(Bytes bytes) {
      fixture_->instead_ = std::move(bytes);
      REQUIRE(node_->transport_->send(node_->seen.opened.front(), {}) == Sent::queued);
      fixture_->instead_.reset();
    }
    /// Its process dies.
    void die() { node_->die(); }

   private:
    friend MemoryFixture;
    MemoryFixture* fixture_ = nullptr;
    std::unique_ptr<Node> node_ = std::make_unique<Node>();
  };

  [[nodiscard]] Result<Address> open(Node& node, const LinkLimits& limits = {}) { return open_at({}, node, limits); }
  /// At an address that was used before.
  [[nodiscard]] Result<Address> open_at(std::optional<Address> address, Node& node, const LinkLimits& limits = {}) {
    if (!address) address = Address{"10.0.0." + std::to_string(++nodes_), 7400};
    auto opened = network_.open(*address, true, limits);
    if (!opened) return opened.error();
    node.transport_ = std::move(*opened);
    node.transport_->start(node.seen);
    return *address;
  }
  void open_unreachable(Node& node) {
    node.transport_ = std::move(*network_.open({"10.0.1." + std::to_string(++nodes_), 7400}, false));
    node.transport_->start(node.seen);
  }

  [[nodiscard]] Raw connect_raw(const Address& to) {
    Raw raw;
    raw.fixture_ = this;
    open_unreachable(*raw.node_);
    raw.node_->transport_->dial(to);
    REQUIRE(settle([&] { return !raw.node_->seen.opened.empty(); }));
    return raw;
  }
  /// A datagram of these bytes, from anywhere.
  void send_raw(const Address& to, Bytes bytes) {
    packets_.push_back(
        {.kind = Packet::Kind::datagram, .from = {"10.0.2.1", 1}, .to = to, .link = {}, .bytes = std::move(bytes), .note = {}});
  }

  /// While paused, a node reads nothing.
  void pause(const Address& node) { paused_.insert(node); }
  void resume(const Address& node) { paused_.erase(node); }

  /// Lets the network work until `done`; false if it never is.
  template <class Done>
  [[nodiscard]] bool settle(Done done) {
    while (!done() && step()) {
    }
    return done();
  }
  /// Lets the network work until nothing is left to do.
  void run_dry() {
    while (step()) {
    }
  }

 private:
  bool step() {
    const auto next =
        std::ranges::find_if(packets_, [&](const Packet& packet) { return !paused_.contains(packet.to); });
    if (next == packets_.end()) return false;
    const Packet packet = std::move(*next);
    packets_.erase(next);
    network_.deliver(packet);
    return true;
  }

  std::deque<Packet> packets_;
  std::set<Address> paused_;
  std::optional<Bytes> instead_;
  unsigned nodes_ = 0;
  MemoryNetwork network_{[this](Packet packet) {
    if (instead_) packet.bytes = *instead_;
    packets_.push_back(std::move(packet));
  }};
};

}  // namespace conclave::transport
