// Tokens, fences, counts, sessions, states: each with a history that is accepted and one that is refused.
#include <doctest/doctest.h>

#include <algorithm>

#include "sim/checkers/check.hpp"
#include "unit/checkers/samples.hpp"

using namespace samples;

namespace {

using Places = std::vector<std::size_t>;

/// Where the only violation is; empty: there is none, or more than one.
Places only(const Violations& found) { return found.size() == 1 ? found[0].events : Places{}; }

}  // namespace

TEST_CASE("tokens-rise: acquires beside each other may be granted in any order") {
  CHECK(tokens_rise(history({acquire(0, 1, "a", "s1"), acquire(1, 2, "b", "s2"), granted(2, 2, 8), granted(3, 1, 7)}))
            .empty());
  CHECK(tokens_rise(history({acquire(0, 1, "a", "s1"), granted(2, 1, 7), acquire(3, 2, "b", "s2"), granted(4, 2, 8)}))
            .empty());
}

TEST_CASE("tokens-rise: an acquire after another, of whatever lock, gets a greater token") {
  CHECK(only(tokens_rise(history({acquire(0, 1, "a", "s1"), granted(2, 1, 7), acquire(3, 2, "b", "s2"),
                                  granted(4, 2, 6)}))) == Places{1, 2, 3});
  // The greatest of those before counts, not the last.
  CHECK(only(tokens_rise(history({acquire(0, 1, "a", "s1"), acquire(0, 2, "b", "s1"), granted(2, 1, 7),
                                  granted(2, 2, 5), acquire(3, 3, "c", "s2"), granted(4, 3, 6)}))) == Places{2, 4, 5});
}

TEST_CASE("tokens-rise: no token is given out twice") {
  CHECK(only(tokens_rise(history({acquire(0, 1, "a", "s1"), acquire(0, 2, "b", "s2"), granted(2, 1, 7),
                                  granted(3, 2, 7)}))) == Places{2, 3});
}

TEST_CASE("tokens-rise: who holds later holds with a greater token") {
  CHECK(tokens_rise(history({hold(0, "n1", "s1", 1, 5), hold(7, "n1", "s1", 1, 9), hold(10, "n2", "s2", 2, 12)}))
            .empty());
  CHECK(only(tokens_rise(history({hold(0, "n1", "s1", 2, 5), hold(10, "n2", "s2", 1, 12)}))) == Places{0, 1});
  CHECK(only(tokens_rise(history({hold(0, "n1", "s1", 2, 5), hold(10, "n2", "s2", 2, 12)}))) == Places{0, 1});
}

TEST_CASE("fencing: a guard may take an older token as long as the newer write has not returned") {
  CHECK(fencing(history({guarded_write(0, 1, "g", 8), guarded_write(1, 2, "g", 7), ok(2, 1), ok(3, 2)})).empty());
  CHECK(fencing(history({guarded_write(0, 1, "g", 8), ok(2, 1), guarded_write(3, 2, "g", 7), answer(4, 2, Status::no),
                         guarded_write(5, 3, "g", 8), ok(6, 3), guarded_write(7, 4, "other", 1), ok(8, 4)}))
            .empty());
}

TEST_CASE("fencing: an older token after a newer one is refused") {
  const auto found = fencing(history({guarded_write(0, 1, "g", 8), ok(2, 1), guarded_write(3, 2, "g", 7), ok(4, 2)}));
  REQUIRE(only(found) == Places{0, 1, 2, 3});
  CHECK(found[0].subject == "guard:g");
  CHECK(found[0].sentence == "a write with token 7 was accepted after one with token 8 had been");
}

TEST_CASE("exactly-once: one count for each cmd, however often it is sent") {
  CHECK(exactly_once(history({apply_once(0, 1, "o", "k1"), answer(1, 1, Status::lost), apply_once(2, 2, "o", "k1"),
                              counted(3, 2, 1), apply_once(4, 3, "o", "k2"), counted(5, 3, 2),
                              apply_once(6, 4, "p", "k3"), counted(7, 4, 1)}))
            .empty());
  CHECK(only(exactly_once(history({apply_once(0, 1, "o", "k1"), counted(1, 1, 1), apply_once(2, 2, "o", "k1"),
                                   counted(3, 2, 2)}))) == Places{1, 3});
  CHECK(only(exactly_once(history({apply_once(0, 1, "o", "k1"), counted(1, 1, 1), apply_once(2, 2, "o", "k2"),
                                   counted(3, 2, 1)}))) == Places{1, 3});
  CHECK(only(exactly_once(history({apply_once(0, 1, "o", "k1"), counted(1, 1, 0)}))) == Places{1});
}

TEST_CASE("exactly-once: a count is skipped only by a lost cmd") {
  const auto skipping = [](Status first) {
    return exactly_once(
        history({apply_once(0, 1, "o", "k1"), answer(1, 1, first), apply_once(2, 2, "o", "k2"), counted(3, 2, 2)}));
  };
  CHECK(skipping(Status::lost).empty());
  CHECK(only(skipping(Status::fail)) == Places{3});
  CHECK(only(skipping(Status::no)) == Places{3});
  // A lost call of a cmd that was counted fills no second hole.
  CHECK(only(exactly_once(history({apply_once(0, 1, "o", "k1"), answer(1, 1, Status::lost), apply_once(2, 2, "o", "k1"),
                                   counted(3, 2, 2)}))) == Places{3});
}

TEST_CASE("session-ttl: it counts from when the last renewal was sent, by a clock within the drift bound") {
  const auto expiring = [](int expired, std::int64_t drift_ppm) {
    return session_ttl(history(
        {session_fact(0, What::grant, 900), session_fact(500, What::keep, 1400), session_end(expired, What::expire)},
        drift_ppm));
  };
  CHECK(expiring(1500, 0).empty());
  CHECK(only(expiring(1499, 0)) == Places{1, 2});
  CHECK(expiring(1499, 1000).empty());
  CHECK(only(expiring(1498, 1000)) == Places{1, 2});
  CHECK(session_ttl(history({session_fact(0, What::grant, 900), session_end(10, What::close)})).empty());
}

TEST_CASE("session-ttl: the first expiry counts, and nothing is renewed after it") {
  CHECK(only(session_ttl(history({session_fact(0, What::grant, 900), session_end(1000, What::expire),
                                  session_fact(1001, What::keep, 1900), session_end(1002, What::expire)}))) ==
        Places{1, 2});
}

TEST_CASE("session-trust: the client stops trusting before the session expires") {
  const auto expiring = [](Event between, int expired) {
    return session_trust(
        history({session_fact(0, What::grant, 1200), std::move(between), session_end(expired, What::expire)}));
  };
  CHECK(expiring(crash(1, "n2"), 1200).empty());
  CHECK(only(expiring(crash(1, "n2"), 1199)) == Places{0, 2});
  CHECK(expiring(crash(1, "n1"), 1199).empty());
  CHECK(expiring(session_end(1, What::lost), 1199).empty());
  CHECK(only(expiring(session_fact(1, What::keep, 1300), 1299)) == Places{1, 2});
}

TEST_CASE("state-digest: one command and one state for each slot, on all nodes, in all lives, in images") {
  const auto beside = [](Event other) {
    return state_digest(history({applied("n1", 1, 4, "h", "d"), std::move(other)}));
  };
  CHECK(beside(applied("n2", 1, 4, "h", "d")).empty());
  CHECK(beside(applied("n2", 1, 5, "g", "e")).empty());
  CHECK(beside(restored("n2", 4, "d")).empty());
  CHECK(only(beside(applied("n2", 1, 4, "g", "d"))) == Places{0, 1});
  CHECK(only(beside(applied("n1", 2, 4, "h", "e"))) == Places{0, 1});
  CHECK(only(beside(restored("n2", 4, "e"))) == Places{0, 1});
}

TEST_CASE("check: all checks are asked, under the names by which they report, and the lines are cited") {
  const auto broken =
      history({hold(0, "n1", "s1", 2, 50), hold(40, "n2", "s2", 1, 90), lead(41, "n1", 2, 50), lead(42, "n2", 2, 90),
               acquire(43, 1, "a", "s1"), granted(44, 1, 7), acquire(45, 2, "b", "s2"), granted(46, 2, 7),
               guarded_write(47, 3, "g", 8), ok(48, 3), guarded_write(49, 4, "g", 7), ok(50, 4),
               apply_once(51, 5, "o", "k1"), counted(52, 5, 3), session_fact(53, What::grant, 900),
               session_end(54, What::expire), applied("n1", 1, 4, "h", "d"), applied("n2", 1, 4, "g", "d")});
  const auto found = check(broken);
  for (const auto& each : checks())
    CHECK_MESSAGE(std::ranges::find(found, each.name, &Violation::check) != found.end(), each.name);
  for (const auto& each : found)
    CHECK_MESSAGE(std::ranges::find(checks(), each.check, &Check::name) != checks().end(), each.check);
  CHECK(check(history({})).empty());

  const auto overlap = single_believer(broken);
  REQUIRE(overlap.size() == 1);
  CHECK(
      to_string(overlap[0], broken) ==
      R"(single-believer, jobs, at 40 to 50: n2 (session s2, token 1) holds it from 40 on, while n1 (session s1, token 2) believes so until 50
  line 2: {"type":"hold","at":0,"node":"n1","session":"s1","res":"jobs","token":2,"until":50}
  line 3: {"type":"hold","at":40,"node":"n2","session":"s2","res":"jobs","token":1,"until":90})");
}
