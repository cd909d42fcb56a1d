// A network with full queues, for tests of the driver.
#pragma once

#include <functional>
#include <optional>

#include "transport/transport.hpp"

namespace conclave::driver {

/// A network whose send queue is full for a frame whenever `full` says so.
class FullTransport final : public transport::Transport {
 public:
  using Full = std::function<bool(BytesView body)>;

  FullTransport(transport::Transport& network, const Full& full) : network_(network), full_(full) {}

  [[nodiscard]] std::optional<Address> listening_on() const override { return network_.listening_on(); }
  void start(transport::Listener& listener) override { network_.start(listener); }
  void dial(const Address& address) override { network_.dial(address); }
  [[nodiscard]] transport::Sent send(LinkId link, BytesView body) override {
    return full_(body) ? transport::Sent::full : network_.send(link, body);
  }
  void close(LinkId link) override { network_.close(link); }
  void send_datagram(const Address& to, BytesView body) override { network_.send_datagram(to, body); }
  void stop() override { network_.stop(); }
  [[nodiscard]] transport::Traffic traffic() const override { return network_.traffic(); }

 private:
  transport::Transport& network_;
  const Full& full_;
};

}  // namespace conclave::driver
