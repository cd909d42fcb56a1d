// P11: the image restores the very state, and whatever no state could have is refused.
#include <doctest/doctest.h>

#include <functional>

#include "base/hash.hpp"
#include "machine.hpp"

using namespace conclave;
using namespace conclave::coordination;
using std::chrono::milliseconds;

namespace {

/// A bit of everything.
Machine busy() {
  Machine machine(5);
  const auto a = machine.open(1);
  const auto b = machine.open(2);
  machine.submit(a, Acquire{.resource = lock("held"), .value = to_bytes("note"), .max_hold = milliseconds(500)});
  machine.wait(b, lock("held"));
  machine.wait(a, lock("held"));
  machine.hold(b, election("boss"));
  machine.wait(a, election("boss"), 3);
  machine.wait(b, election("boss"), 7);
  const auto token = machine.hold(a, lock("taken"));
  machine.submit(a, Revoke{lock("taken"), token});
  machine.submit(b, Release{lock("free"), machine.hold(b, lock("free"))});
  const auto c = machine.open(3);
  machine.hold(c, lock("lost"));
  machine.apply(Judgement{Machine::leader, EndSessions{{c}, Cause::expired}});
  machine.submit(a, Apply{.payload = Payload(to_bytes("one")), .guards = {}});
  machine.state.user_result(a, machine.last.sequence, to_bytes("result"), machine.events);
  machine.submit(a, Apply{.payload = Payload(to_bytes("two")), .guards = {}}, Sequence{2});
  return machine;
}

using Change = std::function<void(Image&)>;

bool refused(const Image& image) {
  const auto state = State::from_image(image);
  return !state && state.error() == errc::protocol_violation && !state.error().detail.empty();
}

}  // namespace

TEST_CASE("P11: an image restores an equal state with an equal digest") {
  const auto machine = busy();
  const auto image = machine.state.image();
  CHECK(image.sessions.size() == 2);
  CHECK(image.resources.size() == 3);
  CHECK(image.free.size() == 2);
  CHECK(image.losses.size() == 1);
  const auto restored = State::from_image(image);
  REQUIRE(restored);
  CHECK(*restored == machine.state);
  CHECK(state_hash(*restored) == state_hash(machine.state));
  CHECK(restored->digest() == machine.state.digest());
  CHECK(restored->image() == image);
  CHECK(State::from_image(State(7).image()).value() == State(7));
}

TEST_CASE("P11: what was answered, granted, waited for and timed lives on in the restored state") {
  auto machine = busy();
  const auto a = machine.state.sessions().begin()->first;
  const auto request = machine.holder(lock("held"));
  const auto waiting = machine.state.resource(lock("held"))->waiters.begin()->request;
  machine.state = State::from_image(machine.state.image()).value();
  CHECK(machine.state.grant_of(request)->token == machine.token(lock("held")));
  CHECK(machine.state.is_waiting(waiting));
  CHECK(machine.state.next_timer_due() == ClusterTime{machine.now.value + 500});
  CHECK(machine.state.ending_tokens(a) == std::vector{machine.token(lock("taken"))});
  CHECK(machine.state.answer(a, Sequence{1})->status == Status::pruned);
  CHECK(machine.state.answer(a, Sequence{2})->status == Status::queued);
  machine.apply(Submission{a, Sequence{2}, {}, Acquire{.resource = lock("again")}});  // a retry after the restart
  CHECK(machine.events == std::vector<Event>{Answered{a, Sequence{2}, {.status = Status::queued}}});
  CHECK(machine.hold(a, lock("new")) == Token{std::uint64_t{5} << 48 | 6});
}

TEST_CASE("P11: an image that no state could have made is refused") {
  const auto image = busy().state.image();
  REQUIRE_FALSE(refused(image));
  const auto changed_by = [&](const Change& change) {
    auto changed = image;
    change(changed);
    return changed;
  };
  const std::vector<Change> changes = {
      [](Image& i) { i.lineage = lineage_end; },
      [](Image& i) { i.grants = std::uint64_t{1} << 48; },
      [](Image& i) { i.grants = 1; },
      [](Image& i) { i.applied = {}; },
      [](Image& i) { i.now = {}; },
      [](Image& i) { std::swap(i.sessions[0], i.sessions[1]); },
      [](Image& i) { i.sessions[1] = i.sessions[0]; },
      [](Image& i) { i.sessions[1].id = SessionId{1000}; },
      [](Image& i) { i.sessions.pop_back(); },
      [](Image& i) { i.sessions[0].ttl = milliseconds(0); },
      [](Image& i) { i.sessions[0].owner_name = std::string(65, 'x'); },
      [](Image& i) { i.sessions[0].owner_name = "x"; },
      [](Image& i) { i.sessions[0].next_sequence = {}; },
      [](Image& i) { i.sessions[0].next_sequence = Sequence{1}; },
      [](Image& i) { i.sessions[0].answers.resize(unanswered_max + 1, {.from_user = true, .outcome = {}}); },
      [](Image& i) { i.sessions[0].answers[0].outcome.reset(); },
      [](Image& i) { std::swap(i.resources[0], i.resources[1]); },
      [](Image& i) { i.resources[0].name.name = ""; },
      [](Image& i) { i.resources[0].name.kind = ResourceKind{9}; },
      [](Image& i) { i.resources[0].version += 1; },
      [](Image& i) { i.resources[0].holder.token = {}; },
      [](Image& i) { i.resources[0].holder.token = i.resources[1].holder.token; },
      [](Image& i) { i.resources[0].holder.token.value += std::uint64_t{1} << 48; },
      [](Image& i) { i.resources[0].holder.request = i.resources[1].holder.request; },
      [](Image& i) { i.resources[0].holder.request.session = SessionId{77}; },
      [](Image& i) { i.resources[0].holder.request.sequence = Sequence{1000}; },
      [](Image& i) { i.resources[0].holder.owner = member(9); },
      [](Image& i) { i.resources[0].holder.slot = Slot{1000}; },
      [](Image& i) { i.resources[0].holder.max_hold = milliseconds(-1); },
      [](Image& i) { i.resources[0].holder.value = Bytes(2000); },
      [](Image& i) { std::swap(i.resources[0].waiters[0], i.resources[0].waiters[1]); },
      [](Image& i) { i.resources[0].waiters[1] = i.resources[0].waiters[0]; },
      [](Image& i) { i.resources[0].waiters[0].place.priority = 1; },
      [](Image& i) { i.resources[0].waiters[0].place.slot = {}; },
      [](Image& i) { i.resources[0].waiters[0].request = i.resources[0].holder.request; },
      [](Image& i) { i.resources[0].waiters[0].since.value += 1; },
      [](Image& i) { std::swap(i.free[0], i.free[1]); },
      [](Image& i) { i.free[0].name = i.resources[0].name; },
      [](Image& i) { i.free[0].since = Slot{1000}; },
      [](Image& i) { i.losses.resize(losses_max + 1, i.losses[0]); },
      [](Image& i) { i.losses.push_back({}); },
  };
  for (std::size_t n = 0; n < changes.size(); ++n) {
    CAPTURE(n);
    const auto changed = changed_by(changes[n]);
    const auto state = State::from_image(changed);
    REQUIRE_FALSE(state);
    // Refused for what it says, not only because the digest differs.
    CHECK(state.error().detail.starts_with("the image is no state"));
  }
}

TEST_CASE("P11: an image that differs from its digest is refused") {
  const auto image = busy().state.image();
  for (const auto& change : std::vector<Change>{[](Image& i) { i.digest[31] ^= 1; },
                                                [](Image& i) { i.now.value += 1; },
                                                [](Image& i) { i.sessions[0].opened_at.value += 1; },
                                                [](Image& i) { i.version_floor += 1; }}) {
    auto changed = image;
    change(changed);
    CHECK(refused(changed));
  }
}
