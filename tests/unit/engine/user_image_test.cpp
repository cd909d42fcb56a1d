// P11, O4: the state of the user's machine in an image, at the one who gives it and at the one who takes it.
#include <doctest/doctest.h>

#include "driver/image_work.hpp"
#include "node.hpp"
#include "wire/image.hpp"

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
  static std::shared_ptr<const SealedImage> image(const std::optional<coordination::UserState>& user) {
    coordination::State state;
    state.skip(Slot{1});
    return driver::seal({.kind = ImageKind::with_user, .state = state, .user = user}).image;
  }
  void take(std::shared_ptr<const SealedImage> image) { (void)node.hear(up, *ImageSource(++images, std::move(image)).part(0)); }
  Node node{chosen(), belonging(6)};
  LinkId up{node.link(voter())};
  std::uint64_t images = 0;
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
  guest.take(Guest::image(std::nullopt));
  CHECK(guest.node.told<StateReplaced>().empty());
  CHECK(guest.node.remarked("lacks the state of the machine 'kv'"));
  CHECK(guest.node.waits_for().find("lacks the state of the machine 'kv'") != std::string::npos);
  guest.take(Guest::image(user_state));  // the node has attached anew
  REQUIRE(guest.node.told<StateReplaced>().size() == 1);
  CHECK(guest.node.told<StateReplaced>().front().slot == Slot{1});
  REQUIRE(guest.node.told<StateReplaced>().front().user);
  CHECK(*guest.node.told<StateReplaced>().front().user == user_state);
}

TEST_CASE("P11: an image is made aside: until it is there nothing waits for it but the guest") {
  Host host;
  host.node.holds_images = true;
  const auto slot = host.node.engine.state().applied();
  const auto link = host.invite(5);
  const auto work = host.node.step(UserSnapshot{.state = user_state}).seal;
  REQUIRE(work.size() == 1);
  CHECK(host.node.sent<ImagePart>(link).empty());
  host.node.submit(host.session, coordination::Apply{.payload = Payload(to_bytes("later")), .guards = {}});
  CHECK(host.node.engine.state().applied() > slot);
  // A guest that asks again, or a second one, waits for the same image.
  (void)host.node.hear(link, Attach{.applied = {}, .wants_image = true});
  const auto second = host.invite(6);
  (void)host.node.step(driver::seal(work.front()));
  CHECK(host.node.told<SnapshotWanted>().size() == 1);
  for (const auto guest : {link, second}) {
    REQUIRE(host.node.sent<ImagePart>(guest).size() == 1);
    CHECK(host.node.sent<ImagePart>(guest).front().slot == slot);
  }
}

TEST_CASE("O2: a step sends at most two parts, however many are asked for, and copies none") {
  Host host;
  const auto link = host.invite(5);
  host.node.holds_images = true;
  const coordination::UserState large{.digest = 7, .chunks = std::vector<Bytes>(10, Bytes(std::size_t{1} << 20))};
  const auto sealed = driver::seal(host.node.step(UserSnapshot{.state = large}).seal.front());
  REQUIRE(sealed.image->parts.size() > 40);
  (void)host.node.step(sealed);
  const auto offered = host.node.sent<ImagePart>(link);
  REQUIRE(offered.size() == 1);
  std::vector<Message> greedy;
  for (std::uint32_t number = 1; number <= 40; ++number)
    greedy.emplace_back(ImageRequest{.image = offered.front().image, .part = number});
  (void)host.node.hear(link, greedy);
  const auto parts = host.node.sent<ImagePart>(link);
  REQUIRE(parts.size() == 1 + image_parts_per_step);
  for (const auto& part : parts) CHECK(part.bytes.view().data() == sealed.image->parts[part.part].view().data());
  // An engine that holds it is a value as before.
  const auto copy = host.node.engine;
  CHECK(copy == host.node.engine);
  CHECK(copy.state_hash() == host.node.engine.state_hash());
  // Who lost the first part gets it again, from the image that is there.
  (void)host.node.hear(link, Attach{.applied = {}, .wants_image = true});
  CHECK(host.node.sent<ImagePart>(link).back() == offered.front());
  CHECK(host.node.told<SnapshotWanted>().size() == 1);
}

TEST_CASE("O2: an image that fails its SHA-256 is refused whole, and another is asked for") {
  Guest guest;
  auto damaged = *Guest::image(user_state);
  auto bytes = damaged.parts.front().view();
  Bytes flipped(bytes.begin(), bytes.end());
  flipped.back() ^= std::byte{1};
  damaged.parts.front() = Payload(std::move(flipped));
  const auto asked = guest.node.sent<Attach>(guest.up).size();
  guest.take(std::make_shared<const SealedImage>(damaged));
  CHECK(guest.node.remarked("fails its SHA-256"));
  CHECK(guest.node.waits_for().find("fails its SHA-256") != std::string::npos);
  CHECK(guest.node.told<StateReplaced>().empty());
  CHECK(guest.node.engine.state().applied() == Slot{0});
  REQUIRE(guest.node.sent<Attach>(guest.up).size() == asked + 1);
  CHECK(guest.node.sent<Attach>(guest.up).back().wants_image);
}

TEST_CASE("O2: an image that names another slot than it holds is refused") {
  Guest guest;
  auto wrong = *Guest::image(user_state);
  wrong.slot = Slot{2};
  guest.take(std::make_shared<const SealedImage>(wrong));
  CHECK(guest.node.remarked("it names another slot"));
  CHECK(guest.node.waits_for().find("it names another slot") != std::string::npos);
  CHECK(guest.node.told<StateReplaced>().empty());
}

TEST_CASE("O2: what was opened for a member that was left meanwhile changes nothing") {
  Guest guest;
  guest.node.holds_images = true;
  guest.take(Guest::image(user_state));
  (void)guest.node.step(LinkClosed{.link = guest.up});
  (void)guest.node.step(driver::open({.image = *Guest::image(user_state)}));
  CHECK(guest.node.told<StateReplaced>().empty());
  CHECK(guest.node.engine.state().applied() == Slot{0});
}

TEST_CASE("O2: a guest asks again for an image, and for a part, that does not come") {
  Guest guest;
  const auto patience = Timing{}.election_timeout_max;
  CHECK(guest.node.sent<Attach>(guest.up).size() == 1);
  guest.node.run_for(patience + 100ms);
  CHECK(guest.node.sent<Attach>(guest.up).size() == 2);
  auto large = *Guest::image(user_state);
  large.parts.resize(5, Payload(to_bytes("more")));
  guest.take(std::make_shared<const SealedImage>(large));
  CHECK(guest.node.sent<ImageRequest>(guest.up).size() == 2);
  guest.node.run_for(patience + 100ms);
  REQUIRE(guest.node.sent<ImageRequest>(guest.up).size() == 3);
  CHECK(guest.node.sent<ImageRequest>(guest.up).back() == ImageRequest{.image = 1, .part = 1});
}
