// The two ends of a link have neighbouring ids: the dialling end an even one, the accepting end the next.
#include "transport/memory_network.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "transport/frame.hpp"
#include "transport/memory_transport.hpp"

namespace conclave::transport {
namespace {

LinkId peer_of(LinkId link) { return LinkId(link.value ^ 1); }

Error lost(std::string detail) { return {std::make_error_code(std::errc::connection_reset), std::move(detail)}; }

}  // namespace

Result<std::unique_ptr<Transport>> MemoryNetwork::open(const Address& address, bool listens, const LinkLimits& limits) {
  auto transport = std::make_unique<MemoryTransport>(*this, address, listens, limits);
  if (!transports_.emplace(address, transport.get()).second) {
    transport->network_ = nullptr;
    return Error(errc::address_in_use, "another transport is at " + to_string(address) + "; choose another address");
  }
  return std::unique_ptr<Transport>(std::move(transport));
}

// ---- Commands ----

void MemoryNetwork::dial(MemoryTransport& from, const Address& to) {
  const LinkId link(2 * ++links_made_);
  sockets_.emplace(link, Socket{.owner = &from, .remote = to});
  carry_({.kind = Packet::Kind::dial, .from = from.address_, .to = to, .link = peer_of(link), .bytes = {}, .note = {}});
}

Sent MemoryNetwork::send(MemoryTransport& from, LinkId link, BytesView body) {
  const auto found = sockets_.find(link);
  if (found == sockets_.end() || found->second.owner != &from || !found->second.open) return Sent::closed;
  auto& socket = found->second;
  const auto bytes = frame_header_bytes + body.size();
  if (socket.queued_frames >= from.limits_.queue_frames_max ||
      socket.queued_bytes + bytes > from.limits_.queue_bytes_max)
    return Sent::full;
  ++socket.queued_frames;
  socket.queued_bytes += bytes;
  ++from.traffic_.frames_sent;
  ++from.traffic_.writes;
  from.traffic_.bytes_sent += bytes;
  Packet packet{
      .kind = Packet::Kind::frame, .from = from.address_, .to = socket.remote, .link = peer_of(link), .bytes = {}, .note = {}};
  packet.bytes.reserve(bytes);
  append_frame(packet.bytes, body);
  carry_(std::move(packet));
  return Sent::queued;
}

void MemoryNetwork::close(MemoryTransport& from, LinkId link) {
  const auto found = sockets_.find(link);
  if (found == sockets_.end() || found->second.owner != &from) return;
  const auto socket = take(found);
  carry_({.kind = Packet::Kind::close, .from = from.address_, .to = socket.remote, .link = peer_of(link), .bytes = {}, .note = {}});
}

void MemoryNetwork::stop(MemoryTransport& transport) {
  std::vector<LinkId> links;
  for (const auto& [link, socket] : sockets_)
    if (socket.owner == &transport) links.push_back(link);
  for (const auto link : links) close(transport, link);
  transports_.erase(transport.address_);
  transport.network_ = nullptr;
}

void MemoryNetwork::cut(const Address& address) {
  const auto found = transports_.find(address);
  if (found == transports_.end()) return;
  auto& transport = *found->second;
  std::erase_if(sockets_, [&](const auto& entry) { return entry.second.owner == &transport; });
  transports_.erase(found);
  transport.listener_ = nullptr;
  transport.network_ = nullptr;
}

// ---- Packets ----

void MemoryNetwork::deliver(const Packet& packet) {
  switch (packet.kind) {
    case Packet::Kind::dial:
      return on_dial(packet);
    case Packet::Kind::accept:
      return on_accept(packet);
    case Packet::Kind::refuse:
      return fail_dial(packet.link, DialFailure::refused, std::errc::connection_refused);
    case Packet::Kind::frame:
      return on_frame(packet);
    case Packet::Kind::close:
      return on_close(packet);
    case Packet::Kind::datagram:
      return on_datagram(packet);
  }
}

void MemoryNetwork::lose(const Packet& packet) {
  const auto dialling = packet.kind == Packet::Kind::dial ? peer_of(packet.link) : packet.link;
  if (packet.kind == Packet::Kind::dial || packet.kind == Packet::Kind::accept)
    fail_dial(dialling, DialFailure::timed_out, std::errc::timed_out);
  if (packet.kind == Packet::Kind::frame) free_queue(packet);
}

/// A packet back to the other end of the same link.
void MemoryNetwork::answer(Packet::Kind kind, const Packet& packet) {
  carry_({.kind = kind, .from = packet.to, .to = packet.from, .link = peer_of(packet.link), .bytes = {}, .note = {}});
}

void MemoryNetwork::on_dial(const Packet& packet) {
  if (sockets_.contains(packet.link)) return;  // the same packet again
  auto* transport = listener_at(packet.to);
  if (!transport) return answer(Packet::Kind::refuse, packet);
  sockets_.emplace(packet.link, Socket{.owner = transport, .remote = packet.from, .open = true});
  answer(Packet::Kind::accept, packet);
  // As with TCP, the remote of an accepted link is no address to dial.
  const auto port = static_cast<std::uint16_t>(49152 + packet.link.value / 2 % 16384);
  transport->listener_->on_link_opened(packet.link, {packet.from.host, port}, Direction::accepted);
}

void MemoryNetwork::on_accept(const Packet& packet) {
  const auto found = sockets_.find(packet.link);
  if (found == sockets_.end()) return answer(Packet::Kind::close, packet);
  auto& [owner, remote, open, frames, bytes] = found->second;
  if (std::exchange(open, true)) return;
  const Address address = remote;
  owner->dialling_.erase(address);
  owner->listener_->on_link_opened(packet.link, address, Direction::dialled);
}

void MemoryNetwork::fail_dial(LinkId link, DialFailure reason, std::errc code) {
  const auto found = sockets_.find(link);
  if (found == sockets_.end() || found->second.open) return;
  const auto socket = take(found);
  socket.owner->listener_->on_dial_failed(
      socket.remote, reason, {std::make_error_code(code), "cannot connect to " + to_string(socket.remote)});
}

void MemoryNetwork::on_frame(const Packet& packet) {
  free_queue(packet);
  const auto found = sockets_.find(packet.link);
  if (found == sockets_.end()) return answer(Packet::Kind::close, packet);
  auto* const owner = found->second.owner;
  if (!found->second.open) return;
  owner->traffic_.bytes_received += packet.bytes.size();
  take_frames(packet.link, packet.bytes);
}

/// Any call to the listener may close the link, or stop its transport.
void MemoryNetwork::take_frames(LinkId link, BytesView bytes) {
  while (!bytes.empty()) {
    const auto found = sockets_.find(link);
    if (found == sockets_.end()) return;
    auto* const owner = found->second.owner;
    const auto body = first_frame(bytes, owner->limits_.frame_bytes_max);
    if (!body || !*body) {
      auto* const listener = owner->listener_;
      close(*owner, link);
      return listener->on_link_closed(
          link, body ? Error(errc::protocol_violation, "the peer's stream ends within a frame") : body.error());
    }
    bytes = bytes.subspan(frame_header_bytes + (*body)->size());
    ++owner->traffic_.frames_received;
    owner->listener_->on_frame(link, **body);
  }
}

void MemoryNetwork::on_close(const Packet& packet) {
  const auto found = sockets_.find(packet.link);
  if (found == sockets_.end()) return;
  // Also an end that is still dialling: the accept was overtaken.
  if (!found->second.open) return fail_dial(packet.link, DialFailure::other, std::errc::connection_reset);
  reset(packet.link, lost("the peer closed the link"));
}

void MemoryNetwork::reset(LinkId link, const Error& why) {
  const auto found = sockets_.find(link);
  if (found == sockets_.end() || !found->second.open) return;
  take(found).owner->listener_->on_link_closed(link, why);
}

void MemoryNetwork::on_datagram(const Packet& packet) {
  auto* const transport = listener_at(packet.to);
  if (!transport) return;
  ++transport->traffic_.datagrams_received;
  transport->traffic_.bytes_received += packet.bytes.size();
  const auto body = datagram_body(packet.bytes);
  if (body)
    transport->listener_->on_datagram(packet.from, *body);
  else
    transport->listener_->on_bad_datagram(packet.from, body.error());
}

/// The packet has left the queue of the end that sent it. It may have been altered, or come twice.
void MemoryNetwork::free_queue(const Packet& packet) {
  const auto sender = sockets_.find(peer_of(packet.link));
  if (sender == sockets_.end() || sender->second.queued_frames == 0) return;
  auto& socket = sender->second;
  --socket.queued_frames;
  socket.queued_bytes =
      socket.queued_frames == 0 ? 0 : socket.queued_bytes - std::min(socket.queued_bytes, packet.bytes.size());
}

MemoryNetwork::Socket MemoryNetwork::take(Sockets::iterator socket) {
  const auto taken = socket->second;
  if (!taken.open) taken.owner->dialling_.erase(taken.remote);
  sockets_.erase(socket);
  return taken;
}

MemoryTransport* MemoryNetwork::listener_at(const Address& address) const {
  const auto found = transports_.find(address);
  return found != transports_.end() && found->second->listens_ && found->second->listener_ ? found->second : nullptr;
}

std::vector<MemoryNetwork::End> MemoryNetwork::ends() const {
  std::vector<End> ends;
  for (const auto& [link, socket] : sockets_)
    if (socket.open) ends.push_back({link, peer_of(link), socket.owner->address_, socket.remote});
  return ends;
}

}  // namespace conclave::transport
