// The Asio transport as the contract suite sees it: real sockets on the loopback interface, each node on a loop of its
// own, all of them run in turn on the test's thread.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <memory>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/udp.hpp>
#include <asio/write.hpp>

#include "contract/transport/recorder.hpp"
#include "transport/asio/asio_transport.hpp"

namespace conclave::transport {

class AsioFixture {
 public:
  static constexpr bool coalesces = true;

  class Node {
   public:
    ~Node() {
      if (fixture_) std::erase(fixture_->running_, loop_.get());
    }

    [[nodiscard]] Transport* operator->() { return transport_.get(); }
    void die() { transport_.reset(); }

    Recorder seen;

   private:
    friend AsioFixture;
    AsioFixture* fixture_ = nullptr;
    std::unique_ptr<asio::io_context> loop_ = std::make_unique<asio::io_context>(1);
    std::unique_ptr<Transport> transport_;
  };

  class Raw {
   public:
    void write(const Bytes& bytes) { asio::write(*socket_, asio::buffer(bytes)); }
    void die() {
      socket_->set_option(asio::socket_base::linger(true, 0));
      socket_->close();
    }
    [[nodiscard]] asio::ip::tcp::socket& socket() { return *socket_; }

   private:
    friend AsioFixture;
    std::unique_ptr<asio::ip::tcp::socket> socket_;
  };

  [[nodiscard]] Result<Address> open(Node& node, const LinkLimits& limits = {}) { return open_at({}, node, limits); }
  [[nodiscard]] Result<Address> open_at(std::optional<Address> address, Node& node, const LinkLimits& limits = {}) {
    AsioOptions options;
    options.listen = address ? *address : Address{"127.0.0.1", 0};
    options.limits = limits;
    options.close_patience = std::chrono::minutes(1);  // an orderly close needs no patience
    return open_with(options, node);
  }
  void open_unreachable(Node& node) { REQUIRE(open_with({}, node)); }
  /// The address is that of nobody when the node does not listen.
  [[nodiscard]] Result<Address> open_with(const AsioOptions& options, Node& node) {
    auto opened = open_asio_transport(*node.loop_, options);
    if (!opened) return opened.error();
    if (!node.fixture_) running_.push_back(node.loop_.get());
    node.fixture_ = this;
    node.transport_ = std::move(*opened);
    node.transport_->start(node.seen);
    const auto address = node.transport_->listening_on();
    if (address) loops_[*address] = node.loop_.get();
    return address.value_or(Address());
  }

  [[nodiscard]] Raw connect_raw(const Address& to) {
    Raw raw;
    raw.socket_ = std::make_unique<asio::ip::tcp::socket>(raw_loop_);
    raw.socket_->connect({asio::ip::make_address(to.host), to.port});
    return raw;
  }
  void send_raw(const Address& to, const Bytes& bytes) {
    const asio::ip::udp::endpoint endpoint(asio::ip::make_address(to.host), to.port);
    asio::ip::udp::socket(raw_loop_, endpoint.protocol()).send_to(asio::buffer(bytes), endpoint);
  }

  void pause(const Address& node) { std::erase(running_, loops_.at(node)); }
  void resume(const Address& node) { running_.push_back(loops_.at(node)); }

  /// Runs the loops until `done`; false after a generous while.
  template <class Done>
  [[nodiscard]] bool settle(Done done) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!done()) {
      if (std::chrono::steady_clock::now() > limit) return false;
      if (turn() == 0 && !done()) wait();
    }
    return true;
  }
  /// Runs the loops until none of them has anything to do at once.
  void run_dry() {
    while (turn() > 0) {
    }
  }

 private:
  std::size_t turn() {
    std::size_t ran = 0;
    for (auto* loop : std::vector(running_)) {
      loop->restart();
      ran += loop->poll();
    }
    return ran;
  }
  /// All the loops are idle: gives the kernel and its timers a moment.
  void wait() {
    if (running_.empty()) return;
    running_.front()->restart();
    running_.front()->run_one_for(std::chrono::milliseconds(1));
  }

  std::vector<asio::io_context*> running_;
  std::map<Address, asio::io_context*> loops_;
  asio::io_context raw_loop_;
};

}  // namespace conclave::transport
