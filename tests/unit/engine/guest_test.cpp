// O2, P11: a guest, which has no data folder, and the images that it takes or leaves.
#include <doctest/doctest.h>

#include "driver/image_work.hpp"
#include "node.hpp"

using namespace conclave;
using namespace conclave::engine;
using namespace conclave::engine::test;

namespace {

/// A guest that has asked voter 1 for an image; voter 2 is linked, too.
struct Guest {
  Guest() { REQUIRE(node.sent<Attach>(first) == std::vector{Attach{.applied = {}, .wants_image = true}}); }
  static Options chosen() {
    auto options = engine::test::options(6);
    options.ephemeral = true;
    options.join = {address(1), address(2)};
    return options;
  }
  void give(LinkId from, const coordination::State& state) {
    const auto sealed = driver::seal({.kind = ImageKind::built_in, .state = state, .user = {}});
    (void)node.hear(from, *ImageSource(++images, sealed.image).part(0));
  }
  /// O1: the first says nothing any more.
  void change_member() {
    REQUIRE(node.run_until([&] { return !node.sent<Attach>(second).empty(); }));
  }

  Node node{chosen(), belonging(6)};
  LinkId first{node.link(voter_hello(1, genesis()))};
  LinkId second{node.link(voter_hello(2, genesis()))};
  std::uint64_t images = 0;
};

coordination::State state_at(std::uint64_t slot) {
  coordination::State state;
  for (std::uint64_t each = 1; each <= slot; ++each) state.skip(Slot{each});
  return state;
}

}  // namespace

TEST_CASE("O2: a guest's session that was opened before its image was made is found in it, and renewed") {
  Guest guest;
  guest.give(guest.first, state_at(0));
  (void)guest.node.step(OpenSession{.nonce = uuid(6), .ttl = 4s});
  REQUIRE(guest.node.sent<Forward>(guest.first).size() == 1);
  // The log never comes, so the guest still has no state.
  guest.change_member();
  REQUIRE(guest.node.sent<Attach>(guest.second) == std::vector{Attach{.applied = {}, .wants_image = true}});

  std::vector<coordination::Event> events;
  auto state = state_at(1);
  for (const auto number : {std::uint8_t{6}, std::uint8_t{7}})
    state.apply(state.applied().next(), {},
                coordination::OpenSession{.nonce = uuid(number), .owner = member(number), .owner_name = name(number),
                                          .ttl = 4s, .ephemeral = true},
                events);
  guest.give(guest.second, state);

  const auto ready = guest.node.told<SessionReady>();
  REQUIRE(ready.size() == 1);
  CHECK(ready.front().session == SessionId{2});
  const auto renewals = guest.node.sent<Renew>(guest.second);
  REQUIRE(renewals.size() == 1);
  REQUIRE(renewals.front().items.size() == 1);
  CHECK(renewals.front().items.front().session == SessionId{2});
}

TEST_CASE("P11: a guest that changes its member keeps its state: it asks for the log, and takes no image") {
  Guest guest;
  guest.give(guest.first, state_at(5));
  REQUIRE(guest.node.told<StateReplaced>().size() == 1);
  CHECK(guest.node.sent<Attach>(guest.first).back() == Attach{.applied = Slot{5}, .wants_image = false});

  guest.change_member();
  REQUIRE(guest.node.sent<Attach>(guest.second) == std::vector{Attach{.applied = Slot{5}, .wants_image = false}});
  for (const std::uint64_t slot : {4, 6}) guest.give(guest.second, state_at(slot));
  CHECK(guest.node.engine.state() == state_at(5));
  CHECK(guest.node.told<StateReplaced>().size() == 1);
}

TEST_CASE("P11: from a member that has applied nothing a guest takes no image, but the log") {
  Guest guest;
  guest.give(guest.first, state_at(0));
  CHECK(guest.node.told<StateReplaced>().empty());
  CHECK(guest.node.sent<Attach>(guest.first).back() == Attach{.applied = {}, .wants_image = false});
}
