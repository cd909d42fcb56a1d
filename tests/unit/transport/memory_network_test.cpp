// What the owner of an in-memory network can do to it. What a transport owes its user is in tests/contract/transport.
#include <doctest/doctest.h>

#include <deque>
#include <string>

#include "contract/transport/recorder.hpp"
#include "transport/frame.hpp"
#include "transport/memory_network.hpp"

using namespace conclave;
using namespace conclave::transport;

namespace {

const Address here{"10.0.0.1", 7400};
const Address there{"10.0.0.2", 7400};

/// Two transports, and all that is under way between them.
struct Scene {
  std::deque<Packet> packets;
  MemoryNetwork network{[this](Packet packet) { packets.push_back(std::move(packet)); }};
  Recorder at_here;
  Recorder at_there;
  std::unique_ptr<Transport> a = open(here, at_here);
  std::unique_ptr<Transport> b = open(there, at_there);
  LinkId out;
  LinkId in;

  std::unique_ptr<Transport> open(const Address& address, Recorder& recorder, const LinkLimits& limits = {}) {
    auto opened = network.open(address, true, limits);
    REQUIRE(opened);
    (*opened)->start(recorder);
    return std::move(*opened);
  }
  Packet take() {
    REQUIRE_FALSE(packets.empty());
    Packet packet = std::move(packets.front());
    packets.pop_front();
    return packet;
  }
  void deliver_all() {
    while (!packets.empty()) network.deliver(take());
  }
  void connect() {
    a->dial(there);
    deliver_all();
    REQUIRE(at_here.opened.size() == 1);
    REQUIRE(at_there.opened.size() == 1);
    out = at_here.opened.front();
    in = at_there.opened.front();
  }
  void send(std::string_view text) { REQUIRE(a->send(out, to_bytes(text)) == Sent::queued); }
};

bool is_reset(const Error& error) { return error.code == std::errc::connection_reset; }

}  // namespace

TEST_CASE("everything that is sent is a packet first, with both ends' names") {
  Scene scene;
  scene.a->dial(there);
  REQUIRE(scene.packets.size() == 1);
  CHECK(scene.at_there.events == 0);
  const Packet dial = scene.take();
  CHECK(dial.kind == Packet::Kind::dial);
  CHECK(dial.from == here);
  CHECK(dial.to == there);
  scene.network.deliver(dial);
  CHECK(scene.at_there.opened == std::vector{dial.link});
  CHECK(scene.at_here.events == 0);
  const Packet accept = scene.take();
  CHECK(accept.kind == Packet::Kind::accept);
  CHECK(accept.to == here);
  scene.network.deliver(accept);
  CHECK(scene.at_here.opened == std::vector{accept.link});

  REQUIRE(scene.a->send(accept.link, to_bytes("x")) == Sent::queued);
  const Packet frame = scene.take();
  CHECK(frame.kind == Packet::Kind::frame);
  CHECK(frame.link == dial.link);
  scene.a->send_datagram(there, to_bytes("y"));
  const Packet datagram = scene.take();
  CHECK(datagram.kind == Packet::Kind::datagram);
  CHECK(datagram.link == LinkId());
  const std::vector<MemoryNetwork::End> ends = {{accept.link, dial.link, here, there},
                                                {dial.link, accept.link, there, here}};
  CHECK(scene.network.ends() == ends);
}

TEST_CASE("each bit of a packet that is turned is noticed by the shipping checks, and costs one link") {
  for (std::size_t bit = 0; bit < 160; ++bit) {
    Scene scene;
    scene.connect();
    scene.send("twelve bytes");
    Packet packet = scene.take();
    REQUIRE(packet.bytes.size() * 8 == 160);
    packet.bytes[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    scene.network.deliver(packet);
    REQUIRE(scene.at_there.closed(scene.in));
    CHECK(*scene.at_there.closed(scene.in) == errc::protocol_violation);
    CHECK(scene.at_there.frames == 0);
    scene.deliver_all();
    REQUIRE(scene.at_here.closed(scene.out));
    CHECK(is_reset(*scene.at_here.closed(scene.out)));
    CHECK(scene.at_here.breaches.empty());
    CHECK(scene.at_there.breaches.empty());
  }
}

TEST_CASE("a dial that is lost, or whose answer is, times out; then the address can be dialled again") {
  for (const bool lose_answer : {false, true}) {
    Scene scene;
    scene.a->dial(there);
    if (lose_answer) scene.network.deliver(scene.take());
    scene.network.lose(scene.take());
    REQUIRE(scene.at_here.failed_dials.size() == 1);
    CHECK(scene.at_here.failed_dials[0].reason == DialFailure::timed_out);
    CHECK(scene.at_here.failed_dials[0].address == there);
    CHECK(scene.at_there.opened.size() == (lose_answer ? 1 : 0));
    scene.a->dial(there);
    scene.deliver_all();
    CHECK(scene.at_here.opened.size() == 1);
  }
}

TEST_CASE("packets may be repeated, overtaken and dropped: each stands for itself") {
  Scene scene;
  scene.connect();
  for (const char* text : {"1", "2", "3"}) scene.send(text);
  const Packet one = scene.take();
  const Packet two = scene.take();
  const Packet three = scene.take();
  for (const Packet& packet : {three, one, three}) scene.network.deliver(packet);
  scene.network.lose(two);
  CHECK(scene.at_there.frames_of(scene.in) == std::vector<Bytes>{to_bytes("3"), to_bytes("1"), to_bytes("3")});
  CHECK_FALSE(scene.at_there.closed(scene.in));
  CHECK(scene.packets.empty());
}

TEST_CASE("a repeated dial or accept opens no second link") {
  Scene scene;
  scene.a->dial(there);
  const Packet dial = scene.take();
  scene.network.deliver(dial);
  scene.network.deliver(dial);
  const Packet accept = scene.take();
  CHECK(scene.packets.empty());
  scene.network.deliver(accept);
  scene.network.deliver(accept);
  CHECK(scene.at_here.opened.size() == 1);
  CHECK(scene.at_there.opened.size() == 1);
}

TEST_CASE("what is under way occupies the queue until it is delivered or lost") {
  Scene scene;
  scene.a.reset();
  scene.a = scene.open(here, scene.at_here, {.queue_frames_max = 2});
  scene.connect();
  scene.send("1");
  scene.send("2");
  CHECK(scene.a->send(scene.out, {}) == Sent::full);
  scene.network.deliver(scene.take());
  scene.send("3");
  CHECK(scene.a->send(scene.out, {}) == Sent::full);
  scene.network.lose(scene.take());
  scene.send("4");
  CHECK(scene.a->send(scene.out, {}) == Sent::full);
  CHECK(scene.b->send(scene.in, {}) == Sent::queued);  // the other direction has a queue of its own
}

TEST_CASE("a reset is heard at one end; the other learns of it when it sends") {
  Scene scene;
  scene.connect();
  scene.network.reset(scene.in, Error(std::make_error_code(std::errc::timed_out), "no acknowledgement"));
  REQUIRE(scene.at_there.closed(scene.in));
  CHECK(scene.at_there.closed(scene.in)->code == std::errc::timed_out);
  CHECK(scene.packets.empty());
  CHECK_FALSE(scene.at_here.closed(scene.out));
  CHECK(scene.network.ends().size() == 1);
  scene.send("anybody?");
  scene.deliver_all();
  REQUIRE(scene.at_here.closed(scene.out));
  CHECK(is_reset(*scene.at_here.closed(scene.out)));
  CHECK(scene.network.ends().empty());
}

TEST_CASE("a machine without power says no farewell, and is as new when it is back") {
  Scene scene;
  scene.connect();
  REQUIRE(scene.b->send(scene.in, to_bytes("last words")) == Sent::queued);
  scene.network.cut(there);
  CHECK(scene.b->send(scene.in, {}) == Sent::closed);
  scene.b->dial(here);
  scene.b.reset();
  CHECK(scene.packets.size() == 1);
  scene.deliver_all();
  CHECK(scene.at_here.frames_of(scene.out) == std::vector<Bytes>{to_bytes("last words")});
  CHECK_FALSE(scene.at_here.closed(scene.out));

  Recorder again;
  scene.b = scene.open(there, again);
  scene.send("are you there?");
  scene.deliver_all();
  REQUIRE(scene.at_here.closed(scene.out));
  CHECK(again.events == 0);
  scene.a->dial(there);
  scene.deliver_all();
  CHECK(again.opened.size() == 1);
}

TEST_CASE("a process that dies while it dials leaves no link behind") {
  Scene scene;
  scene.a->dial(there);
  SUBCASE("before the dial arrives") { scene.a.reset(); }
  SUBCASE("before the answer arrives") {
    scene.network.deliver(scene.take());
    scene.a.reset();
  }
  SUBCASE("without power") {
    scene.network.deliver(scene.take());
    scene.network.cut(here);
  }
  scene.deliver_all();
  REQUIRE(scene.at_there.opened.size() == 1);
  CHECK(scene.at_there.closed(scene.at_there.opened.front()));
  CHECK(scene.network.ends().empty());
  CHECK(scene.at_here.events == 0);
}

TEST_CASE("the same commands make the same packets") {
  const auto run = [] {
    Scene scene;
    scene.connect();
    scene.send("1");
    scene.b->dial(here);
    scene.b->send_datagram(here, to_bytes("2"));
    scene.a.reset();
    return std::vector<Packet>(scene.packets.begin(), scene.packets.end());
  };
  CHECK(run() == run());
}
