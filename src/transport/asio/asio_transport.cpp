// Routes between the parts (doors, dials, links, datagrams) and the listener. Each part outlives `stop` as long as an
// operation of it is under way, but says nothing any more.
#include "transport/asio/asio_transport.hpp"

#include <map>
#include <string>
#include <utility>

#include <asio/error.hpp>
#include <asio/io_context.hpp>

#include "base/invariant.hpp"
#include "transport/asio/acceptor.hpp"
#include "transport/asio/datagrams.hpp"
#include "transport/asio/dial.hpp"
#include "transport/asio/doors.hpp"
#include "transport/asio/link.hpp"
#include "transport/asio/sockets.hpp"

namespace conclave::transport {
namespace {

class AsioTransport final : public Transport,
                            public Link::Owner,
                            public Dial::Owner,
                            public Acceptor::Owner,
                            public Datagrams::Owner {
 public:
  AsioTransport(asio::io_context& loop, const AsioOptions& options, std::optional<Doors> doors)
      : loop_(loop), options_(std::make_shared<const AsioOptions>(options)) {
    if (!doors) return;
    address_ = doors->address;
    acceptor_ = std::make_shared<Acceptor>(std::move(doors->stream), *this);
    datagrams_ = std::make_shared<Datagrams>(std::move(doors->datagram), *this);
  }
  ~AsioTransport() override { AsioTransport::stop(); }

  [[nodiscard]] std::optional<Address> listening_on() const override { return address_; }
  void start(Listener& listener) override;
  void dial(const Address& address) override;
  [[nodiscard]] Sent send(LinkId id, BytesView body) override;
  void close(LinkId id) override;
  void send_datagram(const Address& to, BytesView body) override;
  void stop() override;
  [[nodiscard]] Traffic traffic() const override { return traffic_; }

 private:
  void on_connected(const Address& address, asio::ip::tcp::socket socket) override;
  void on_not_connected(const Address& address, std::error_code code) override;
  void on_accepted(asio::ip::tcp::socket socket) override;
  void on_accept_failed() override { ++traffic_.accepts_failed; }
  void on_frame(const Link& link, BytesView body) override { listener_->on_frame(link.id(), body); }
  void on_broken(const Link& link, const Error& why) override;
  void on_finished(const Link& link) override { forget(link); }
  Traffic& counters() override { return traffic_; }
  void on_datagram_received(const Address& from, BytesView datagram) override;

  void open(const Address& remote, Direction direction, asio::ip::tcp::socket socket);
  void forget(const Link& link);

  asio::io_context& loop_;
  /// Shared with the links, which may outlive this.
  const std::shared_ptr<const AsioOptions> options_;
  Listener* listener_ = nullptr;
  std::optional<Address> address_;
  std::shared_ptr<Acceptor> acceptor_;
  std::shared_ptr<Datagrams> datagrams_;
  std::map<Address, std::shared_ptr<Dial>> dials_;
  std::map<LinkId, std::shared_ptr<Link>> links_;
  LinkId last_link_;
  std::size_t accepted_links_ = 0;
  Traffic traffic_;
};

void AsioTransport::start(Listener& listener) {
  listener_ = &listener;
  if (acceptor_) acceptor_->accept();
  if (datagrams_) datagrams_->receive();
}

void AsioTransport::dial(const Address& address) {
  if (!listener_ || dials_.contains(address)) return;
  const auto dial = std::make_shared<Dial>(loop_, address, *this);
  dials_.emplace(address, dial);
  dial->start(options_->dial_timeout);
}

void AsioTransport::on_connected(const Address& address, asio::ip::tcp::socket socket) {
  const Address remote = address;
  dials_.erase(remote);
  open(remote, Direction::dialled, std::move(socket));
}

void AsioTransport::on_not_connected(const Address& address, std::error_code code) {
  const Address remote = address;
  dials_.erase(remote);
  const auto& category = code.category();
  const bool unresolved = category == asio::error::get_netdb_category() || category == asio::error::get_addrinfo_category();
  const auto what = unresolved ? "cannot resolve " + remote.host : "cannot connect to " + to_string(remote);
  listener_->on_dial_failed(remote, dial_failure(code), {standard(code), what});
}

void AsioTransport::on_accepted(asio::ip::tcp::socket socket) {
  std::error_code gone;
  const auto remote = socket.remote_endpoint(gone);
  if (gone || accepted_links_ >= options_->accepted_links_max) return;
  open(address_of(remote.address(), remote.port()), Direction::accepted, std::move(socket));
}

void AsioTransport::open(const Address& remote, Direction direction, asio::ip::tcp::socket socket) {
  prepare_link(socket, options_->silence_max);
  last_link_ = last_link_.next();
  const auto link = std::make_shared<Link>(last_link_, direction, std::move(socket), options_, *this);
  links_.emplace(link->id(), link);
  if (direction == Direction::accepted) ++accepted_links_;
  link->start();
  listener_->on_link_opened(link->id(), remote, direction);
}

Sent AsioTransport::send(LinkId id, BytesView body) {
  const auto link = links_.find(id);
  return link == links_.end() ? Sent::closed : link->second->send(body);
}

void AsioTransport::close(LinkId id) {
  if (const auto link = links_.find(id); link != links_.end()) link->second->close();
}

void AsioTransport::on_broken(const Link& link, const Error& why) {
  forget(link);
  listener_->on_link_closed(link.id(), why);
}

void AsioTransport::forget(const Link& link) {
  if (link.direction() == Direction::accepted) --accepted_links_;
  links_.erase(link.id());
}

void AsioTransport::send_datagram(const Address& to, BytesView body) {
  CONCLAVE_INVARIANT(body.size() <= datagram_body_bytes_max, body.size());
  if (!datagrams_) return;
  Bytes datagram;
  datagram.reserve(datagram_header_bytes + body.size());
  append_datagram(datagram, body);
  ++traffic_.datagrams_sent;
  traffic_.bytes_sent += datagram.size();
  datagrams_->send(to, std::move(datagram));
}

void AsioTransport::on_datagram_received(const Address& from, BytesView datagram) {
  ++traffic_.datagrams_received;
  traffic_.bytes_received += datagram.size();
  const auto body = datagram_body(datagram);
  if (body)
    listener_->on_datagram(from, *body);
  else
    listener_->on_bad_datagram(from, body.error());
}

void AsioTransport::stop() {
  listener_ = nullptr;
  if (const auto acceptor = std::exchange(acceptor_, nullptr)) acceptor->stop();
  if (const auto datagrams = std::exchange(datagrams_, nullptr)) datagrams->stop();
  for (const auto& [address, dial] : std::exchange(dials_, {})) dial->stop();
  for (const auto& [id, link] : std::exchange(links_, {})) link->stop();
  accepted_links_ = 0;
}

}  // namespace

Result<std::unique_ptr<Transport>> open_asio_transport(asio::io_context& loop, const AsioOptions& options) {
  const auto& limits = options.limits;
  if (limits.queue_frames_max < 1 || limits.queue_bytes_max < frame_header_bytes + limits.frame_bytes_max)
    return Error(errc::invalid_argument, "the send queue's limits leave no room for one frame of " +
                                             std::to_string(limits.frame_bytes_max) + " bytes: raise queue_bytes_max");
  std::optional<Doors> doors;
  if (options.listen) {
    auto opened = open_doors(loop, *options.listen);
    if (!opened) return opened.error();
    doors.emplace(std::move(*opened));
  }
  return std::unique_ptr<Transport>(std::make_unique<AsioTransport>(loop, options, std::move(doors)));
}

}  // namespace conclave::transport
