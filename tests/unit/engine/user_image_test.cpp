// P11, O4: the state of the user's machine in an image, at the one who gives it and at the one who takes it.
#include <doctest/doctest.h>

#include "node.hpp"

using namespace conclave;
using namespace conclave::engine;
using namespace conclave::engine::test;

namespace {

Options with_machine(Options options) {
  options.state_machine = "kv";
  return options;
}

Hello guest_hello(std::uint8_t number) {
  auto said = ephemeral_hello(number);
  said.state_machine = "kv";
  return said;
}

const coordination::UserState user_state{.digest = 7, .chunks = {to_bytes("one"), to_bytes("two")}};

coordination::Image image_of(const ImagePart& part) {
  REQUIRE(part.parts == 1);
  const auto image = wire::decode_image(part.bytes.view());
  REQUIRE(image);
  return *image;
}

/// A cluster of one that runs the machine, with a user command whose result is still to come.
struct Host {
  Host() {
    REQUIRE(node.lead());
    session = node.open_session();
    node.submit(session, coordination::Apply{.payload = Payload(to_bytes("x")), .guards = {}});
  }
  LinkId invite(std::uint8_t number) {
    const auto link = node.link(guest_hello(number));
    (void)node.hear(link, Attach{.applied = {}, .wants_image = true});
    return link;
  }
  Node node{with_machine(single()), fresh(1)};
  SessionId session;
};

/// A guest that runs the machine and has asked a voter for an image.
struct Guest {
  Guest() { REQUIRE(node.sent<Attach>(up).back().wants_image); }
  static Options chosen() {
    auto options = with_machine(engine::test::options(6));
    options.ephemeral = true;
    options.join = {address(1)};
    return options;
  }
  static Hello voter() {
    auto said = voter_hello(1, genesis());
    said.state_machine = "kv";
    return said;
  }
  void take(const std::optional<coordination::UserState>& user) {
    coordination::State state;
    state.skip(Slot{1});
    auto image = state.image();
    image.user = user;
    (void)node.hear(up, *ImageSource(1, image.applied, wire::encode_image(image)).part(0));
  }
  Node node{chosen(), belonging(6)};
  LinkId up{node.link(voter())};
};

}  // namespace

TEST_CASE("P11: one snapshot of the user's machine serves all who wait, as of the slot at which it was asked for") {
  Host host;
  const auto slot = host.node.engine.state().applied();
  const auto first = host.invite(5);
  host.node.submit(host.session, coordination::Apply{.payload = Payload(to_bytes("later")), .guards = {}});
  const auto second = host.invite(6);
  CHECK(host.node.told<SnapshotWanted>().size() == 1);
  CHECK(host.node.sent<ImagePart>(first).empty());
  (void)host.node.step(
      UserResults{.items = {{.session = host.session, .sequence = Sequence{1}, .result = to_bytes("y")}}});
  (void)host.node.step(UserSnapshot{.state = user_state});
  for (const auto link : {first, second}) {
    const auto parts = host.node.sent<ImagePart>(link);
    REQUIRE(parts.size() == 1);
    const auto image = image_of(parts.front());
    CHECK(image.applied == slot);
    CHECK(image.user == user_state);
    // What the machine had answered before its snapshot is in it, too.
    const auto state = coordination::State::from_image(image);
    REQUIRE(state);
    CHECK(state->answer(host.session, Sequence{1}).has_value());
  }
  CHECK(host.node.engine.state().applied() > slot);
}

TEST_CASE("P11: a machine that gives no snapshot is said to all who wait, and the next one asks again") {
  Host host;
  const auto link = host.invite(5);
  (void)host.node.step(UserSnapshot{.state = Error(errc::not_supported, "too long")});
  REQUIRE(host.node.sent<Refusal>(link).size() == 1);
  CHECK(host.node.sent<Refusal>(link).front().detail == "too long");
  CHECK(host.node.closed(link));
  (void)host.invite(6);
  CHECK(host.node.told<SnapshotWanted>().size() == 2);
}

TEST_CASE("P11, O4: a guest with the machine takes no image without its state") {
  Guest guest;
  guest.take(std::nullopt);
  CHECK(guest.node.told<StateReplaced>().empty());
  CHECK(guest.node.remarked("lacks the state of the machine 'kv'"));
  guest.take(user_state);  // the node has attached anew
  REQUIRE(guest.node.told<StateReplaced>().size() == 1);
  CHECK(guest.node.told<StateReplaced>().front() == StateReplaced{.slot = Slot{1}, .user = user_state});
}
