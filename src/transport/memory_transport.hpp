// A transport of the in-memory network: who it is and who listens. What it does is the network's business.
#pragma once

#include <set>

#include "transport/memory_network.hpp"

namespace conclave::transport {

class MemoryTransport final : public Transport {
 public:
  MemoryTransport(MemoryNetwork& network, const Address& address, bool listens, const LinkLimits& limits)
      : network_(&network), address_(address), listens_(listens), limits_(limits) {}
  ~MemoryTransport() override { MemoryTransport::stop(); }

  [[nodiscard]] std::optional<Address> listening_on() const override;
  void start(Listener& listener) override { listener_ = &listener; }
  void dial(const Address& address) override;
  [[nodiscard]] Sent send(LinkId link, BytesView body) override;
  void close(LinkId link) override;
  void send_datagram(const Address& to, BytesView body) override;
  void stop() override;
  [[nodiscard]] Traffic traffic() const override { return traffic_; }

 private:
  friend class MemoryNetwork;

  /// Null once it has stopped.
  MemoryNetwork* network_;
  Listener* listener_ = nullptr;
  const Address address_;
  const bool listens_;
  const LinkLimits limits_;
  std::set<Address> dialling_;
  Traffic traffic_;
};

}  // namespace conclave::transport
