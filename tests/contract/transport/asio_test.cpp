// What only the Asio transport can show: the limits of the system, real names and addresses, real time.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/resource.h>

#include <chrono>
#include <filesystem>
#include <set>
#include <string>

#include "contract/transport/asio_fixture.hpp"
#include "transport/frame.hpp"

using namespace conclave;
using namespace conclave::transport;
using namespace std::chrono_literals;

namespace {

using asio::ip::tcp;

const Address any_port{"127.0.0.1", 0};

std::set<int> open_descriptors() {
  std::set<int> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
    found.insert(std::stoi(entry.path().filename()));
  return found;
}

/// While it lives, no further descriptor can be opened.
class NoDescriptorsLeft {
 public:
  NoDescriptorsLeft() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = 0;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  ~NoDescriptorsLeft() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptorsLeft(const NoDescriptorsLeft&) = delete;
  NoDescriptorsLeft& operator=(const NoDescriptorsLeft&) = delete;

 private:
  rlimit before_{};
};

/// UBSan opens a pipe to look at an object's type, and takes the object for broken when it cannot.
#ifdef __SANITIZE_ADDRESS__
constexpr bool needs_descriptors = true;
#else
constexpr bool needs_descriptors = false;
#endif

int option(int descriptor, int level, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  return ::getsockopt(descriptor, level, name, &value, &size) == 0 ? value : -1;
}

bool mentions(const Error& error, std::string_view part) { return error.detail.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("Asio: when descriptors run out, connections wait and are accepted later" *
          doctest::skip(needs_descriptors)) {
  AsioFixture fixture;
  AsioFixture::Node node;
  const auto address = fixture.open(node);
  REQUIRE(address);
  asio::io_context loop;
  tcp::socket peer(loop, tcp::v4());
  {
    const NoDescriptorsLeft limit;
    peer.connect({asio::ip::make_address(address->host), address->port});
    REQUIRE(fixture.settle([&] { return node->traffic().accepts_failed > 0; }));
    CHECK(node.seen.opened.empty());
  }
  REQUIRE(fixture.settle([&] { return node.seen.opened.size() == 1; }));
  CHECK(node->traffic().accepts_failed < 50);  // it waits between its attempts
}

TEST_CASE("Asio: no socket is inherited by a program that this one starts, and links have their options") {
  const auto before = open_descriptors();
  AsioFixture fixture;
  AsioFixture::Node node;
  const auto address = fixture.open_with({.listen = any_port, .silence_max = 4321ms}, node);
  REQUIRE(address);
  node->dial(*address);
  REQUIRE(fixture.settle([&] { return node.seen.opened.size() == 2; }));
  int sockets = 0;
  int links = 0;
  for (const int descriptor : open_descriptors()) {
    if (before.contains(descriptor) || option(descriptor, SOL_SOCKET, SO_TYPE) < 0) continue;
    ++sockets;
    CHECK(::fcntl(descriptor, F_GETFD) == FD_CLOEXEC);
    if (option(descriptor, SOL_SOCKET, SO_TYPE) != SOCK_STREAM || option(descriptor, SOL_SOCKET, SO_ACCEPTCONN) == 1)
      continue;
    ++links;
    CHECK(option(descriptor, IPPROTO_TCP, TCP_NODELAY) == 1);
    CHECK(option(descriptor, SOL_SOCKET, SO_KEEPALIVE) == 1);
    CHECK(option(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT) == 4321);
    CHECK(option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE) == 1);
  }
  CHECK(sockets == 4);  // two doors, and both ends of the link
  CHECK(links == 2);
}

TEST_CASE("Asio: a dial without an answer times out") {
  // A full queue of connections that nobody accepts drops the next attempts.
  asio::io_context loop;
  tcp::acceptor full(loop);
  full.open(tcp::v4());
  full.bind({asio::ip::address_v4::loopback(), 0});
  full.listen(0);
  const Address address{"127.0.0.1", full.local_endpoint().port()};
  AsioFixture fixture;
  AsioFixture::Node node;
  REQUIRE(fixture.open_with({.dial_timeout = 50ms}, node));
  // The first ones find room in the queue.
  REQUIRE(fixture.settle([&] {
    node->dial(address);
    return !node.seen.failed_dials.empty();
  }));
  CHECK(node.seen.failed_dials.front().reason == DialFailure::timed_out);
  CHECK(node.seen.failed_dials.front().address == address);
}

TEST_CASE("Asio: what a peer said before it died is read, though writing to it fails") {
  AsioFixture fixture;
  AsioFixture::Node node;
  const auto address = fixture.open(node);
  REQUIRE(address);
  auto raw = fixture.connect_raw(*address);
  REQUIRE(fixture.settle([&] { return !node.seen.opened.empty(); }));
  const auto link = node.seen.opened.front();
  fixture.pause(*address);
  Bytes words;
  // Less than the smallest window that a system offers: all of it is here before the peer dies.
  for (int i = 0; i < 500; ++i) append_frame(words, Bytes(100));
  raw.write(words);
  raw.die();
  REQUIRE(node->send(link, to_bytes("are you there?")) == Sent::queued);
  fixture.resume(*address);
  REQUIRE(fixture.settle([&] { return node.seen.closed(link).has_value(); }));
  CHECK(node.seen.closed(link)->code == std::errc::connection_reset);
  CHECK(node.seen.frames == 500);
}

TEST_CASE("Asio: a closed link whose peer never takes the rest is given up") {
  AsioFixture fixture;
  AsioFixture::Node node;
  const auto address = fixture.open_with({.listen = any_port, .accepted_links_max = 1, .close_patience = 50ms}, node);
  REQUIRE(address);
  const auto silent = fixture.connect_raw(*address);
  REQUIRE(fixture.settle([&] { return node.seen.opened.size() == 1; }));
  while (node->send(node.seen.opened[0], Bytes(1 << 20)) == Sent::queued) fixture.run_dry();
  node->close(node.seen.opened[0]);
  // It is known to be gone when there is room for another one.
  std::vector<AsioFixture::Raw> others;
  REQUIRE(fixture.settle([&] {
    others.push_back(fixture.connect_raw(*address));
    fixture.run_dry();
    return node.seen.opened.size() == 2;
  }));
  CHECK_FALSE(node.seen.closed(node.seen.opened[0]));
}

TEST_CASE("Asio: a peer that reads nothing for too long loses its link") {
  AsioFixture fixture;
  AsioFixture::Node node;
  const auto address = fixture.open_with({.listen = any_port, .silence_max = 200ms}, node);
  REQUIRE(address);
  const auto raw = fixture.connect_raw(*address);
  REQUIRE(fixture.settle([&] { return !node.seen.opened.empty(); }));
  const auto link = node.seen.opened.front();
  while (node->send(link, Bytes(1 << 20)) == Sent::queued) fixture.run_dry();
  REQUIRE(fixture.settle([&] { return node.seen.closed(link).has_value(); }));
  CHECK(node.seen.closed(link)->code == std::errc::timed_out);
}

TEST_CASE("Asio: a frame that does not come to its end loses its link, a slow but steady stream does not") {
  AsioFixture fixture;
  AsioFixture::Node node;
  const auto address = fixture.open_with({.listen = any_port, .frame_patience = 100ms}, node);
  REQUIRE(address);
  auto stuck = fixture.connect_raw(*address);
  REQUIRE(fixture.settle([&] { return node.seen.opened.size() == 1; }));
  auto steady = fixture.connect_raw(*address);
  REQUIRE(fixture.settle([&] { return node.seen.opened.size() == 2; }));
  Bytes frame;
  append_frame(frame, to_bytes("steady"));
  const Bytes half(frame.begin(), frame.begin() + 9);
  const Bytes rest_and_half = [&] {
    Bytes bytes(frame.begin() + 9, frame.end());
    bytes.insert(bytes.end(), half.begin(), half.end());
    return bytes;
  }();
  stuck.write(half);
  steady.write(half);
  REQUIRE(fixture.settle([&] {
    steady.write(rest_and_half);  // a frame is always begun, never the same one for long
    return node.seen.closed(node.seen.opened[0]).has_value();
  }));
  const auto& why = *node.seen.closed(node.seen.opened[0]);
  CHECK(why == errc::protocol_violation);
  CHECK(mentions(why, "not whole after 100 ms"));
  CHECK_FALSE(node.seen.closed(node.seen.opened[1]));
}

TEST_CASE("Asio: connections beyond the limit are closed at once, and there is room again after one ends") {
  AsioFixture fixture;
  AsioFixture::Node node;
  const auto address = fixture.open_with({.listen = any_port, .accepted_links_max = 2}, node);
  REQUIRE(address);
  auto first = fixture.connect_raw(*address);
  const auto second = fixture.connect_raw(*address);
  auto third = fixture.connect_raw(*address);
  third.socket().non_blocking(true);
  std::error_code code;
  REQUIRE(fixture.settle([&] {
    char byte = 0;
    third.socket().read_some(asio::buffer(&byte, 1), code);
    return code != asio::error::would_block;
  }));
  CHECK(code);
  CHECK(node.seen.opened.size() == 2);
  first.die();
  REQUIRE(fixture.settle([&] { return node.seen.closed(node.seen.opened[0]).has_value(); }));
  const auto fourth = fixture.connect_raw(*address);
  CHECK(fixture.settle([&] { return node.seen.opened.size() == 3; }));
}

TEST_CASE("Asio: names resolve, for links and for datagrams") {
  AsioFixture fixture;
  AsioFixture::Node node;
  AsioFixture::Node other;
  const auto address = fixture.open_with({.listen = Address{"localhost", 0}}, node);
  REQUIRE_MESSAGE(address, address.error().message());
  CHECK(address->host == "localhost");
  REQUIRE(fixture.open_with({.listen = Address{"localhost", 0}}, other));
  other->dial(*address);
  for (int i = 0; i < 3; ++i) other->send_datagram(*address, to_bytes(std::to_string(i)));
  REQUIRE(fixture.settle([&] { return node.seen.opened.size() == 1 && node.seen.datagrams.size() == 3; }));
  CHECK(other.seen.links.at(other.seen.opened.front()).remote == *address);
  CHECK(node.seen.datagrams.front().second == to_bytes("0"));
  other->send_datagram(*address, to_bytes("known by now"));
  CHECK(fixture.settle([&] { return node.seen.datagrams.size() == 4; }));
}

TEST_CASE("Asio: a node that listens everywhere is reached by IPv4, and writes IPv4 addresses as such") {
  for (const std::string everywhere : {"0.0.0.0", "::"}) {
    AsioFixture fixture;
    AsioFixture::Node node;
    AsioFixture::Node other;
    const auto address = fixture.open_with({.listen = Address{everywhere, 0}}, node);
    REQUIRE_MESSAGE(address, address.error().message());
    const auto from = fixture.open(other);
    REQUIRE(from);
    const Address dialled{"127.0.0.1", address->port};
    other->dial(dialled);
    other->send_datagram(dialled, to_bytes("there"));
    REQUIRE(fixture.settle([&] { return node.seen.opened.size() == 1 && node.seen.datagrams.size() == 1; }));
    CHECK(node.seen.links.at(node.seen.opened.front()).remote.host == "127.0.0.1");
    CHECK(node.seen.datagrams.front().first == *from);
    node->send_datagram(*from, to_bytes("back"));
    REQUIRE(fixture.settle([&] { return other.seen.datagrams.size() == 1; }));
    CHECK(other.seen.datagrams.front().first == dialled);
  }
}

TEST_CASE("Asio: what cannot work is refused with what to change") {
  AsioFixture fixture;
  AsioFixture::Node node;
  const auto foreign = fixture.open_with({.listen = Address{"192.0.2.1", 7400}}, node);
  REQUIRE_FALSE(foreign);
  CHECK(foreign.error() == errc::address_unusable);
  CHECK(mentions(foreign.error(), "192.0.2.1:7400"));
  CHECK(mentions(foreign.error(), "listen on one of its own, or on 0.0.0.0"));

  const auto cramped = fixture.open_with({.limits = {.frame_bytes_max = 1000, .queue_bytes_max = 1007}}, node);
  REQUIRE_FALSE(cramped);
  CHECK(cramped.error() == errc::invalid_argument);
  CHECK(mentions(cramped.error(), "raise queue_bytes_max"));

  // The port is free for TCP, and taken for UDP.
  asio::io_context loop;
  const asio::ip::udp::socket taken(loop, {asio::ip::address_v4::loopback(), 0});
  const auto in_use = fixture.open_with({.listen = Address{"127.0.0.1", taken.local_endpoint().port()}}, node);
  REQUIRE_FALSE(in_use);
  CHECK(in_use.error() == errc::address_in_use);
}
