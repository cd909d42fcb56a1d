#include "transport/memory_transport.hpp"

#include "base/invariant.hpp"
#include "transport/frame.hpp"

namespace conclave::transport {

std::optional<Address> MemoryTransport::listening_on() const {
  return listens_ ? std::optional(address_) : std::nullopt;
}

void MemoryTransport::dial(const Address& address) {
  if (network_ && listener_ && dialling_.insert(address).second) network_->dial(*this, address);
}

Sent MemoryTransport::send(LinkId link, BytesView body) {
  CONCLAVE_INVARIANT(body.size() <= limits_.frame_bytes_max, body.size());
  return network_ ? network_->send(*this, link, body) : Sent::closed;
}

void MemoryTransport::close(LinkId link) {
  if (network_) network_->close(*this, link);
}

void MemoryTransport::send_datagram(const Address& to, BytesView body) {
  CONCLAVE_INVARIANT(body.size() <= datagram_body_bytes_max, body.size());
  if (!network_ || !listens_) return;
  Packet packet{.kind = Packet::Kind::datagram, .from = address_, .to = to, .link = {}, .bytes = {}, .note = {}};
  append_datagram(packet.bytes, body);
  ++traffic_.datagrams_sent;
  traffic_.bytes_sent += packet.bytes.size();
  network_->carry_(std::move(packet));
}

void MemoryTransport::stop() {
  listener_ = nullptr;
  if (network_) network_->stop(*this);
}

}  // namespace conclave::transport
