#include "process/hostile/wire_client.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "process/support/eventually.hpp"
#include "transport/frame.hpp"
#include "wire/frame.hpp"
#include "wire/limits.hpp"

namespace conclave::process {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return at;
}

}  // namespace

WireClient::WireClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const auto at = loopback(port);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot connect");
}

WireClient::~WireClient() { ::close(socket_); }

void WireClient::write(BytesView bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0) return;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void WireClient::shut() { ::shutdown(socket_, SHUT_WR); }

bool WireClient::read() {
  pollfd waiting{socket_, POLLIN, 0};
  if (::poll(&waiting, 1, 0) == 0) return true;
  std::array<std::byte, 65536> buffer;
  const auto count = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (count <= 0) return false;
  received_.insert(received_.end(), buffer.begin(), buffer.begin() + count);
  return true;
}

bool WireClient::is_closed() {
  return eventually([this] { return !read(); });
}

template <class Message>
std::optional<Message> WireClient::find() const {
  for (BytesView rest = received_;;) {
    const auto body = transport::first_frame(rest, wire::frame_bytes_max);
    if (!body || !*body) return std::nullopt;
    rest = rest.subspan(transport::frame_header_bytes + (*body)->size());
    const auto frame = wire::decode_frame(**body);
    if (!frame) throw std::runtime_error("a member's frame makes no sense: " + frame.error().message());
    for (const auto& message : frame->messages)
      if (const auto* found = std::get_if<Message>(&message)) return *found;
  }
}

std::optional<engine::Refusal> WireClient::refusal() {
  std::optional<engine::Refusal> found;
  (void)eventually([&] {
    const bool open = read();
    found = find<engine::Refusal>();
    return found || !open;
  });
  return found;
}

engine::Hello WireClient::greeting() {
  std::optional<engine::Hello> found;
  (void)eventually([&] {
    const bool open = read();
    found = find<engine::Hello>();
    return found || !open;
  });
  if (!found) throw std::runtime_error("the member says no Hello");
  return *found;
}

Bytes frame(BytesView body) {
  Bytes bytes;
  transport::append_frame(bytes, body);
  return bytes;
}

Bytes frame(const engine::Frame& content) { return frame(wire::encode(content)); }

void send_datagram(std::uint16_t port, BytesView datagram) {
  const auto at = loopback(port);
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  (void)::sendto(socket, datagram.data(), datagram.size(), 0, reinterpret_cast<const sockaddr*>(&at), sizeof at);
  ::close(socket);
}

}  // namespace conclave::process
