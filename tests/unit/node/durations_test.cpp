// Every public call that takes a time to wait takes any: what is negative is none, what is too long for a clock is very long.

#include "unit/node/single.hpp"

using namespace conclave;
using namespace conclave::node;
using namespace std::chrono_literals;

namespace {

constexpr auto for_ever = milliseconds::max();
const std::vector<milliseconds> none{milliseconds::min(), -1ms, 0ms};

}  // namespace

TEST_CASE("to wait for ever is no overflow, in any call") {
  Single single;
  auto& node = *single.node;
  CHECK(node.ready(for_ever).has_value());
  CHECK(node.lock("jobs").acquire(for_ever).has_value());
  CHECK(node.lock("jobs").run([](Lock&) {}, {.timeout = for_ever}).has_value());
  CHECK(node.propose(to_bytes("x"), {.timeout = for_ever}).has_value());
  CHECK(node.read(Consistency::linearizable, for_ever).has_value());
  CHECK(node.election("boss").leader(for_ever).has_value());
  CHECK(node.revoke_lock("jobs", Token{1}, for_ever).error() == errc::not_found);
}

TEST_CASE("to wait for less than nothing is not to wait, in any call") {
  Single single;
  auto& node = *single.node;
  const auto held = node.lock("jobs").acquire(10s);
  REQUIRE(held.has_value());
  for (const auto timeout : none) {
    CAPTURE(timeout.count());
    CHECK(node.ready(timeout).has_value());  // it is
    const auto lock = node.lock("jobs").acquire(timeout);
    CHECK((lock.error() == errc::timeout || lock.error() == errc::outcome_unknown));
    // An answer may be there before the alarm.
    const auto proposed = node.propose(to_bytes("x"), {.timeout = timeout});
    CHECK((proposed || proposed.error() == errc::outcome_unknown));
    const auto revoked = node.revoke_lock("others", Token{1}, timeout);
    CHECK((revoked.error() == errc::outcome_unknown || revoked.error() == errc::not_found));
    const auto read = node.read(Consistency::linearizable, timeout);
    CHECK((read || read.error() == errc::timeout));
    const auto leader = node.election("boss").leader(timeout);
    CHECK((leader || leader.error() == errc::timeout));
    CHECK(node.lock("other").acquire({.max_hold = milliseconds::min()}).error() == errc::invalid_argument);
  }
  CHECK(node.lock("other").acquire({.max_hold = for_ever}).error() == errc::invalid_argument);
}

TEST_CASE("close without any time to wait closes all the same") {
  for (const auto timeout : none) {
    CAPTURE(timeout.count());
    Single single;
    CHECK(single.node->close(timeout).has_value());
    CHECK(single.node->status().error() == errc::closed);
    single.node.reset();
    CHECK(single.freed());
  }
}

TEST_CASE("ask_status for ever is answered, and for no time at all is a timeout") {
  Single single([](Config& config) { config.listen = "127.0.0.1:0"; });
  const auto own = single.node->status();
  REQUIRE(own.has_value());
  REQUIRE(own->members.size() == 1);
  const auto& address = own->members[0].address;
  const auto asked = ask_status(address, for_ever);
  REQUIRE(asked.has_value());
  CHECK(asked->self == own->self);
  for (const auto timeout : none) CHECK(ask_status(address, timeout).error() == errc::timeout);
}
