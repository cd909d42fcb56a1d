// The contract of the transport port, over Asio and over its in-memory twin.
#include <doctest/doctest.h>

#include <string>

#include "base/crc32c.hpp"
#include "base/invariant.hpp"
#include "contract/transport/asio_fixture.hpp"
#include "contract/transport/memory_fixture.hpp"
#include "transport/frame.hpp"

using namespace conclave;
using namespace conclave::transport;

namespace {

using Bodies = std::vector<Bytes>;

Bytes frame(std::string_view body) {
  Bytes bytes;
  append_frame(bytes, to_bytes(body));
  return bytes;
}

Bytes datagram(const Bytes& body) {
  Bytes bytes;
  append_datagram(bytes, body);
  return bytes;
}

bool mentions(const Error& error, std::string_view part) { return error.detail.find(part) != std::string::npos; }

bool is_reset(const Error& error) { return error.code == std::errc::connection_reset; }

/// Two nodes and a link between them.
template <class Fixture>
struct Pair {
  explicit Pair(Fixture& network, const LinkLimits& limits = {}) : fixture(network) {
    const auto first = fixture.open(dialler, limits);
    const auto second = fixture.open(acceptor, limits);
    REQUIRE_MESSAGE(first, first.error().message());
    REQUIRE_MESSAGE(second, second.error().message());
    dialler_address = *first;
    acceptor_address = *second;
    dialler->dial(acceptor_address);
    REQUIRE(fixture.settle([&] { return !dialler.seen.opened.empty() && !acceptor.seen.opened.empty(); }));
    out = dialler.seen.opened.front();
    in = acceptor.seen.opened.front();
  }
  ~Pair() {
    CHECK(dialler.seen.breaches.empty());
    CHECK(acceptor.seen.breaches.empty());
  }

  Fixture& fixture;
  typename Fixture::Node dialler;
  typename Fixture::Node acceptor;
  Address dialler_address;
  Address acceptor_address;
  LinkId out;
  LinkId in;
};

/// A node with a hostile peer, and with a decent one that must not suffer.
template <class Fixture>
struct Besieged {
  explicit Besieged(Fixture& network, const LinkLimits& limits = {})
      : pair(network, limits), fixture(network), raw(network.connect_raw(pair.acceptor_address)) {
    REQUIRE(fixture.settle([&] { return pair.acceptor.seen.opened.size() == 2; }));
    hostile = pair.acceptor.seen.opened.back();
  }

  /// The hostile link ends for that reason, and nothing else does.
  void expect_violation(std::string_view reason) {
    REQUIRE(fixture.settle([&] { return pair.acceptor.seen.closed(hostile).has_value(); }));
    const auto& why = *pair.acceptor.seen.closed(hostile);
    CHECK(why == errc::protocol_violation);
    CHECK_MESSAGE(mentions(why, reason), why.detail);
    REQUIRE(pair.dialler->send(pair.out, to_bytes("still here")) == Sent::queued);
    pair.dialler->send_datagram(pair.acceptor_address, to_bytes("here, too"));
    REQUIRE(fixture.settle(
        [&] { return pair.acceptor.seen.frames_of(pair.in).size() == 1 && pair.acceptor.seen.datagrams.size() == 1; }));
    CHECK_FALSE(pair.acceptor.seen.closed(pair.in));
    CHECK_FALSE(pair.dialler.seen.closed(pair.out));
    CHECK(pair.acceptor->send(hostile, {}) == Sent::closed);
  }

  Pair<Fixture> pair;
  Fixture& fixture;
  typename Fixture::Raw raw;
  LinkId hostile;
};

}  // namespace

#define TRANSPORT_CONTRACT(name) TEST_CASE_TEMPLATE(name, Fixture, MemoryFixture, AsioFixture)

TRANSPORT_CONTRACT("a dial opens a link at both ends, and frames go both ways") {
  Fixture fixture;
  Pair pair(fixture);
  const auto& dialled = pair.dialler.seen.links.at(pair.out);
  const auto& accepted = pair.acceptor.seen.links.at(pair.in);
  CHECK(dialled.direction == Direction::dialled);
  CHECK(dialled.remote == pair.acceptor_address);
  CHECK(accepted.direction == Direction::accepted);
  CHECK(accepted.remote.host == pair.dialler_address.host);
  CHECK(accepted.remote != pair.dialler_address);
  CHECK(pair.dialler->listening_on() == pair.dialler_address);
  CHECK(pair.dialler->send(pair.out, to_bytes("to")) == Sent::queued);
  CHECK(pair.acceptor->send(pair.in, to_bytes("fro")) == Sent::queued);
  REQUIRE(fixture.settle([&] { return pair.dialler.seen.frames == 1 && pair.acceptor.seen.frames == 1; }));
  CHECK(accepted.frames == Bodies{to_bytes("to")});
  CHECK(dialled.frames == Bodies{to_bytes("fro")});
  CHECK(pair.dialler->traffic().frames_sent == 1);
  CHECK(pair.dialler->traffic().frames_received == 1);
  CHECK(pair.dialler->traffic().bytes_sent == frame("to").size());
  CHECK(pair.dialler->traffic().bytes_received == frame("fro").size());
}

TRANSPORT_CONTRACT("frames keep their order, and those queued together leave together") {
  Fixture fixture;
  Pair pair(fixture);
  for (int i = 0; i < 2000; ++i) REQUIRE(pair.dialler->send(pair.out, to_bytes(std::to_string(i))) == Sent::queued);
  REQUIRE(fixture.settle([&] { return pair.acceptor.seen.frames == 2000; }));
  const auto& got = pair.acceptor.seen.frames_of(pair.in);
  for (int i = 0; i < 2000; ++i) REQUIRE(got[static_cast<std::size_t>(i)] == to_bytes(std::to_string(i)));
  if (Fixture::coalesces) CHECK(pair.dialler->traffic().writes == 1);
}

TRANSPORT_CONTRACT("empty and longest frames arrive, and a longer one breaks an invariant") {
  const LinkLimits limits{.frame_bytes_max = 3'000'000, .queue_bytes_max = 30'000'000};
  Fixture fixture;
  Pair pair(fixture, limits);
  Bytes longest(limits.frame_bytes_max);
  for (std::size_t i = 0; i < longest.size(); ++i) longest[i] = static_cast<std::byte>(i * 7 >> 4);
  const Bodies sent = {{}, longest, to_bytes("x"), longest, {}};
  for (const auto& body : sent) REQUIRE(pair.dialler->send(pair.out, body) == Sent::queued);
  REQUIRE(fixture.settle([&] { return pair.acceptor.seen.frames == sent.size(); }));
  CHECK(pair.acceptor.seen.frames_of(pair.in) == sent);
  longest.push_back({});
  CHECK_THROWS_AS((void)pair.dialler->send(pair.out, longest), InvariantBroken);
}

TRANSPORT_CONTRACT("a full queue answers, loses nothing that it took, and takes again when there is room") {
  const LinkLimits limits{.frame_bytes_max = 1 << 18, .queue_frames_max = 100, .queue_bytes_max = 1 << 20};
  Fixture fixture;
  Pair pair(fixture, limits);
  fixture.pause(pair.acceptor_address);
  const auto fill = [&](std::size_t size) {  // until the peer, and all that lies between, are full
    std::size_t queued = 0;
    for (std::size_t refused = 0; refused < 100; fixture.run_dry()) {
      Bytes body(size, static_cast<std::byte>(queued));
      if (pair.dialler->send(pair.out, body) == Sent::queued) {
        ++queued;
        refused = 0;
      } else {
        ++refused;
      }
      REQUIRE(queued < 10'000);
    }
    return queued;
  };
  const std::size_t large = fill(limits.frame_bytes_max);
  CHECK(large >= 3);
  CHECK_FALSE(pair.dialler.seen.closed(pair.out));
  fixture.resume(pair.acceptor_address);
  REQUIRE(fixture.settle([&] { return pair.acceptor.seen.frames == large; }));
  const auto& got = pair.acceptor.seen.frames_of(pair.in);
  for (std::size_t i = 0; i < large; ++i) CHECK(got[i].back() == static_cast<std::byte>(i));
  fixture.run_dry();
  REQUIRE(pair.dialler->send(pair.out, to_bytes("room again")) == Sent::queued);
  REQUIRE(fixture.settle([&] { return pair.acceptor.seen.frames == large + 1; }));
  fixture.run_dry();
  // Both limits, within one turn of the loop.
  const auto until_full = [&](std::size_t size) {
    std::size_t queued = 0;
    while (pair.dialler->send(pair.out, Bytes(size)) == Sent::queued) REQUIRE(++queued <= 100);
    CHECK(pair.dialler->send(pair.out, Bytes(size)) == Sent::full);
    return queued;
  };
  CHECK(until_full(0) == 100);
  REQUIRE(fixture.settle([&] { return pair.acceptor.seen.frames == large + 101; }));
  fixture.run_dry();
  CHECK(until_full(limits.frame_bytes_max) == 3);  // with their headers, four are more than the limit in bytes
  REQUIRE(fixture.settle([&] { return pair.acceptor.seen.frames == large + 104; }));
}

TRANSPORT_CONTRACT("where nobody listens a dial is refused, each time once") {
  Fixture fixture;
  typename Fixture::Node node;
  typename Fixture::Node gone;
  REQUIRE(fixture.open(node));
  const auto address = fixture.open(gone);
  REQUIRE(address);
  gone.die();
  for (std::size_t times = 1; times <= 2; ++times) {
    node->dial(*address);
    node->dial(*address);  // the same dial
    REQUIRE(fixture.settle([&] { return node.seen.failed_dials.size() == times; }));
    fixture.run_dry();
    REQUIRE(node.seen.failed_dials.size() == times);
    CHECK(node.seen.failed_dials.back().address == *address);
    CHECK(node.seen.failed_dials.back().reason == DialFailure::refused);
    CHECK(node.seen.failed_dials.back().why.code == std::errc::connection_refused);
    CHECK(mentions(node.seen.failed_dials.back().why, to_string(*address)));
  }
  typename Fixture::Node back;
  REQUIRE(fixture.open_at(*address, back));
  node->dial(*address);
  node->dial(*address);
  REQUIRE(fixture.settle([&] { return back.seen.opened.size() == 1; }));
  fixture.run_dry();
  CHECK(node.seen.opened.size() == 1);
  CHECK(back.seen.opened.size() == 1);
}

TRANSPORT_CONTRACT("a node may dial itself") {
  Fixture fixture;
  typename Fixture::Node node;
  const auto address = fixture.open(node);
  REQUIRE(address);
  node->dial(*address);
  REQUIRE(fixture.settle([&] { return node.seen.opened.size() == 2; }));
  REQUIRE(node->send(node.seen.opened.front(), to_bytes("me")) == Sent::queued);
  REQUIRE(fixture.settle([&] { return node.seen.frames == 1; }));
  CHECK(node.seen.frames_of(node.seen.opened.back()) == Bodies{to_bytes("me")});
}

TRANSPORT_CONTRACT("the death of a process closes its links at once, and only its links") {
  Fixture fixture;
  Besieged scene(fixture);
  scene.raw.write(frame("last words"));
  scene.raw.die();
  auto& seen = scene.pair.acceptor.seen;
  REQUIRE(fixture.settle([&] { return seen.closed(scene.hostile).has_value(); }));
  CHECK(is_reset(*seen.closed(scene.hostile)));
  CHECK(scene.pair.acceptor->send(scene.hostile, {}) == Sent::closed);
  CHECK_FALSE(seen.closed(scene.pair.in));

  scene.pair.dialler.die();
  REQUIRE(fixture.settle([&] { return seen.closed(scene.pair.in).has_value(); }));
  CHECK(is_reset(*seen.closed(scene.pair.in)));
}

TRANSPORT_CONTRACT("what was queued before close arrives, then the peer hears of the end, and this side nothing") {
  Fixture fixture;
  Pair pair(fixture);
  REQUIRE(pair.acceptor->send(pair.in, to_bytes("unread")) == Sent::queued);
  const Bytes large(1 << 20, std::byte{5});
  for (int i = 0; i < 8; ++i) REQUIRE(pair.dialler->send(pair.out, large) == Sent::queued);
  REQUIRE(pair.dialler->send(pair.out, to_bytes("goodbye")) == Sent::queued);
  pair.dialler->close(pair.out);
  const std::size_t events = pair.dialler.seen.events;
  CHECK(pair.dialler->send(pair.out, {}) == Sent::closed);
  pair.dialler->close(pair.out);  // changes nothing
  REQUIRE(fixture.settle([&] { return pair.acceptor.seen.closed(pair.in).has_value(); }));
  CHECK(is_reset(*pair.acceptor.seen.closed(pair.in)));
  REQUIRE(pair.acceptor.seen.frames == 9);
  CHECK(pair.acceptor.seen.frames_of(pair.in).back() == to_bytes("goodbye"));
  fixture.run_dry();
  CHECK(pair.dialler.seen.events == events);
  pair.dialler->dial(pair.acceptor_address);
  REQUIRE(fixture.settle([&] { return pair.dialler.seen.opened.size() == 2; }));
  CHECK(pair.dialler.seen.opened.back() != pair.out);
}

TRANSPORT_CONTRACT("a frame whose bit was flipped closes its link with an error, and harms nothing else") {
  Fixture fixture;
  Besieged scene(fixture);
  Bytes bytes = frame("good");
  Bytes bad = frame("damaged");
  bad[10] ^= std::byte{4};
  bytes.insert(bytes.end(), bad.begin(), bad.end());
  const Bytes after = frame("after");
  bytes.insert(bytes.end(), after.begin(), after.end());
  scene.raw.write(std::move(bytes));
  scene.expect_violation("fails its checksum");
  CHECK(scene.pair.acceptor.seen.frames_of(scene.hostile) == Bodies{to_bytes("good")});
}

TRANSPORT_CONTRACT("an oversized frame closes its link before its body is read") {
  Fixture fixture;
  Besieged scene(fixture, {.frame_bytes_max = 1000, .queue_bytes_max = 10'000});
  Bytes bytes;
  append_frame(bytes, Bytes(1001));
  bytes.resize(frame_header_bytes);
  scene.raw.write(std::move(bytes));
  scene.expect_violation("announces 1001 bytes, and at most 1000 are accepted");
}

TRANSPORT_CONTRACT("a truncated frame is told apart from a peer that closes between frames") {
  for (const std::size_t kept : {std::size_t{3}, frame_header_bytes, frame("truncated").size() - 1}) {
    Fixture fixture;
    Besieged scene(fixture);
    Bytes bytes = frame("truncated");
    bytes.resize(kept);
    scene.raw.write(std::move(bytes));
    fixture.run_dry();
    if constexpr (requires { scene.raw.socket(); }) scene.raw.socket().shutdown(asio::ip::tcp::socket::shutdown_send);
    scene.expect_violation("ends within a frame");
    CHECK(scene.pair.acceptor.seen.frames_of(scene.hostile).empty());
  }
}

TRANSPORT_CONTRACT("datagrams arrive with the address that answers reach") {
  Fixture fixture;
  typename Fixture::Node one;
  typename Fixture::Node two;
  const auto first = fixture.open(one);
  const auto second = fixture.open(two);
  REQUIRE(first);
  REQUIRE(second);
  const Bytes longest(datagram_body_bytes_max, std::byte{9});
  one->send_datagram(*second, {});
  one->send_datagram(*second, longest);
  REQUIRE(fixture.settle([&] { return two.seen.datagrams.size() == 2; }));
  CHECK(two.seen.datagrams[0] == std::pair(*first, Bytes()));
  CHECK(two.seen.datagrams[1] == std::pair(*first, longest));
  two->send_datagram(two.seen.datagrams[0].first, to_bytes("back"));
  REQUIRE(fixture.settle([&] { return one.seen.datagrams.size() == 1; }));
  CHECK(one.seen.datagrams[0] == std::pair(*second, to_bytes("back")));
  CHECK(one->traffic().datagrams_sent == 2);
  CHECK(two->traffic().datagrams_received == 2);
  CHECK_THROWS_AS(one->send_datagram(*second, Bytes(datagram_body_bytes_max + 1)), InvariantBroken);
}

TRANSPORT_CONTRACT("a bad datagram is dropped with an error, and the next one arrives") {
  Fixture fixture;
  typename Fixture::Node node;
  const auto address = fixture.open(node);
  REQUIRE(address);
  Bytes flipped = datagram(to_bytes("flipped"));
  flipped[6] ^= std::byte{1};
  Bytes truncated = datagram(to_bytes("truncated"));
  truncated.pop_back();
  fixture.send_raw(*address, {});
  fixture.send_raw(*address, to_bytes("abc"));
  fixture.send_raw(*address, flipped);
  fixture.send_raw(*address, truncated);
  fixture.send_raw(*address, datagram(Bytes(datagram_body_bytes_max + 1)));
  fixture.send_raw(*address, datagram(Bytes(5000)));
  fixture.send_raw(*address, datagram(to_bytes("good")));
  REQUIRE(fixture.settle([&] { return node.seen.datagrams.size() == 1; }));
  CHECK(node.seen.datagrams[0].second == to_bytes("good"));
  REQUIRE(node.seen.bad_datagrams.size() == 6);
  const char* const reasons[] = {"shorter than its checksum", "shorter than its checksum", "fails its checksum",
                                 "fails its checksum",        "more than 1232 bytes",      "more than 1232 bytes"};
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(node.seen.bad_datagrams[i].second == errc::protocol_violation);
    CHECK(mentions(node.seen.bad_datagrams[i].second, reasons[i]));
  }
}

TRANSPORT_CONTRACT("an address in use is refused with a sentence, and is free again at the end of its user") {
  Fixture fixture;
  Pair pair(fixture);  // so that a connection is left in TIME_WAIT
  typename Fixture::Node second;
  const auto refused = fixture.open_at(pair.acceptor_address, second);
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == errc::address_in_use);
  CHECK(mentions(refused.error(), to_string(pair.acceptor_address)));
  CHECK(mentions(refused.error(), "choose another"));
  REQUIRE(pair.dialler->send(pair.out, to_bytes("not disturbed")) == Sent::queued);
  REQUIRE(fixture.settle([&] { return pair.acceptor.seen.frames == 1; }));
  pair.acceptor.die();
  CHECK(fixture.open_at(pair.acceptor_address, second));
}

TRANSPORT_CONTRACT("a node that does not listen dials, and is neither dialled nor sent datagrams") {
  Fixture fixture;
  typename Fixture::Node node;
  typename Fixture::Node hidden;
  const auto address = fixture.open(node);
  REQUIRE(address);
  fixture.open_unreachable(hidden);
  CHECK_FALSE(hidden->listening_on());
  hidden->send_datagram(*address, to_bytes("lost"));
  hidden->dial(*address);
  REQUIRE(fixture.settle([&] { return hidden.seen.opened.size() == 1; }));
  REQUIRE(hidden->send(hidden.seen.opened[0], to_bytes("hello")) == Sent::queued);
  REQUIRE(fixture.settle([&] { return node.seen.frames == 1; }));
  CHECK(node.seen.datagrams.empty());
}

TRANSPORT_CONTRACT("no command calls the listener from within itself") {
  Fixture fixture;
  Pair pair(fixture);
  auto& seen = pair.dialler.seen;
  const std::size_t before = seen.events;
  pair.dialler->dial(pair.acceptor_address);
  pair.dialler->dial(pair.dialler_address);
  REQUIRE(pair.dialler->send(pair.out, to_bytes("x")) == Sent::queued);
  pair.dialler->send_datagram(pair.dialler_address, to_bytes("x"));
  pair.dialler->close(pair.out);
  CHECK(seen.events == before);
  REQUIRE(fixture.settle([&] { return seen.opened.size() == 4 && seen.datagrams.size() == 1; }));
}

TRANSPORT_CONTRACT("a listener may answer, close and stop from within an event") {
  Fixture fixture;
  Pair pair(fixture);
  auto& acceptor = pair.acceptor;
  SUBCASE("answer") {
    acceptor.seen.when_frame = [&](LinkId link, BytesView body) {
      REQUIRE(acceptor->send(link, body) == Sent::queued);
    };
    for (int i = 0; i < 100; ++i) REQUIRE(pair.dialler->send(pair.out, to_bytes(std::to_string(i))) == Sent::queued);
    REQUIRE(fixture.settle([&] { return pair.dialler.seen.frames == 100; }));
    CHECK(pair.dialler.seen.frames_of(pair.out) == acceptor.seen.frames_of(pair.in));
  }
  SUBCASE("close: the frames that follow are not heard, the answer arrives") {
    acceptor.seen.when_frame = [&](LinkId link, BytesView) {
      REQUIRE(acceptor->send(link, to_bytes("refused")) == Sent::queued);
      acceptor->close(link);
    };
    // More than a buffer of them: what nobody wants any more is read all the same, until the peer closes in turn.
    for (int i = 0; i < 10'000; ++i) REQUIRE(pair.dialler->send(pair.out, to_bytes("go on")) == Sent::queued);
    REQUIRE(fixture.settle([&] { return pair.dialler.seen.closed(pair.out).has_value(); }));
    CHECK(is_reset(*pair.dialler.seen.closed(pair.out)));
    CHECK(pair.dialler.seen.frames_of(pair.out) == Bodies{to_bytes("refused")});
    fixture.run_dry();
    CHECK(acceptor.seen.frames == 1);
    CHECK_FALSE(acceptor.seen.closed(pair.in));
  }
  SUBCASE("close as soon as it is open") {
    acceptor.seen.when_opened = [&](LinkId link) { acceptor->close(link); };
    pair.dialler->dial(pair.acceptor_address);
    REQUIRE(fixture.settle([&] {
      return pair.dialler.seen.opened.size() == 2 && pair.dialler.seen.closed(pair.dialler.seen.opened[1]).has_value();
    }));
  }
  SUBCASE("stop") {
    acceptor.seen.when_frame = [&](LinkId, BytesView) { acceptor->stop(); };
    for (int i = 0; i < 100; ++i) REQUIRE(pair.dialler->send(pair.out, to_bytes("go on")) == Sent::queued);
    REQUIRE(fixture.settle([&] { return pair.dialler.seen.closed(pair.out).has_value(); }));
    fixture.run_dry();
    CHECK(acceptor.seen.frames == 1);
  }
}

TRANSPORT_CONTRACT("stop sends what is queued, closes everything, and nothing is heard after it") {
  Fixture fixture;
  Pair pair(fixture);
  auto& stopped = pair.dialler;
  REQUIRE(pair.acceptor->send(pair.in, to_bytes("too late")) == Sent::queued);
  pair.acceptor->dial(pair.dialler_address);
  pair.acceptor->send_datagram(pair.dialler_address, to_bytes("too late"));
  stopped->dial(pair.acceptor_address);
  REQUIRE(stopped->send(pair.out, to_bytes("goodbye")) == Sent::queued);
  stopped->stop();
  stopped->stop();
  const std::size_t events = stopped.seen.events;
  CHECK(stopped->send(pair.out, {}) == Sent::closed);
  stopped->dial(pair.acceptor_address);
  stopped->close(pair.out);
  stopped->send_datagram(pair.acceptor_address, {});
  REQUIRE(fixture.settle([&] { return pair.acceptor.seen.closed(pair.in).has_value(); }));
  CHECK(pair.acceptor.seen.frames_of(pair.in) == Bodies{to_bytes("goodbye")});
  fixture.run_dry();
  CHECK(stopped.seen.events == events);
}
