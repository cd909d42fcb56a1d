// One believer, one leader, and each belief with an end.
#include <doctest/doctest.h>

#include "sim/checkers/checks.hpp"
#include "unit/checkers/samples.hpp"

using namespace samples;

namespace {

using Places = std::vector<std::size_t>;

/// Where the only violation is; empty: there is none, or more than one.
Places only(const Violations& found) { return found.size() == 1 ? found[0].events : Places{}; }

}  // namespace

TEST_CASE("single-believer: one after the other is accepted, at the very instant too") {
  CHECK(single_believer(history({hold(0, "n1", "s1", 1, 50), drop(20, "n1", "s1", 1), hold(20, "n2", "s2", 2, 60)}))
            .empty());
  CHECK(single_believer(history({hold(0, "n1", "s1", 1, 50), hold(50, "n2", "s2", 2, 60)})).empty());
  CHECK(single_believer(history({hold(0, "n1", "s1", 1, 50), crash(10, "n1"), hold(10, "n2", "s2", 2, 60)})).empty());
}

TEST_CASE("single-believer: two at one time are refused, for as long as both believe") {
  const auto found = single_believer(history({hold(0, "n1", "s1", 1, 50), hold(49, "n2", "s2", 2, 90)}));
  REQUIRE(only(found) == Places{0, 1});
  CHECK(found[0].check == "single-believer");
  CHECK(found[0].subject == "jobs");
  CHECK(found[0].from == t(49));
  CHECK(found[0].to == t(50));
  CHECK(found[0].sentence ==
        "n2 (session s2, token 2) holds it from 49 on, while n1 (session s1, token 1) believes so until 50");
}

TEST_CASE("single-believer: a renewal extends, an early end ends, a crash of another node does not") {
  CHECK(only(single_believer(history({hold(0, "n1", "s1", 1, 50), hold(40, "n1", "s1", 1, 80),
                                      hold(60, "n2", "s2", 2, 90)}))) == Places{0, 1, 2});
  CHECK(single_believer(history({hold(0, "n1", "s1", 1, 50), hold(40, "n1", "s1", 1, 80), drop(55, "n1", "s1", 1),
                                 hold(60, "n2", "s2", 2, 90)}))
            .empty());
  CHECK(only(single_believer(history({hold(0, "n1", "s1", 1, 50), crash(10, "n2"), hold(20, "n2", "s2", 2, 90)}))) ==
        Places{0, 2});
  // Taken up again after its end, it is another belief.
  CHECK(only(single_believer(history(
            {hold(0, "n1", "s1", 1, 10), hold(20, "n2", "s2", 2, 90), hold(30, "n1", "s1", 1, 40)}))) == Places{1, 2});
  // The longest of the earlier ones counts, not the last.
  CHECK(single_believer(history({hold(0, "n1", "s1", 1, 90), hold(10, "n2", "s2", 2, 20), hold(30, "n3", "s3", 3, 40)}))
            .size() == 2);
}

TEST_CASE("single-leader: leases that meet are accepted, leases that overlap refused") {
  CHECK(single_leader(history({lead(0, "n1", 1, 50), unlead(30, "n1", 1), lead(30, "n2", 2, 90)})).empty());
  const auto found = single_leader(history({lead(0, "n1", 1, 50), lead(30, "n2", 2, 90), unlead(40, "n1", 1)}));
  REQUIRE(only(found) == Places{0, 1, 2});
  CHECK(found[0].sentence == "n2 (epoch 2) leads it from 30 on, while n1 (epoch 1) believes so until 40");
}

TEST_CASE("terms-rise: a later leader has a later epoch; its own, it may take up again") {
  CHECK(terms_rise(history({lead(0, "n1", 1, 10), lead(20, "n1", 1, 30), lead(40, "n2", 2, 50)})).empty());
  CHECK(only(terms_rise(history({lead(0, "n1", 2, 10), lead(20, "n2", 1, 30)}))) == Places{0, 1});
  CHECK(only(terms_rise(history({lead(0, "n1", 2, 10), lead(20, "n2", 2, 30)}))) == Places{0, 1});
  CHECK(only(terms_rise(history({lead(0, "n1", 1, 10), lead(20, "n2", 2, 30), lead(40, "n1", 1, 50)}))) ==
        Places{1, 2});
}

TEST_CASE("complete: every belief ends, nothing is closed that was not opened") {
  auto endless = hold(0, "n1", "s1", 1, 0);
  endless.until.reset();
  CHECK(complete(history({endless, drop(9, "n1", "s1", 1)})).empty());
  CHECK(complete(history({endless, crash(9, "n1")})).empty());
  CHECK(complete(history({hold(0, "n1", "s1", 1, 9), drop(20, "n1", "s1", 1)})).empty());
  CHECK(only(complete(history({endless, crash(9, "n2")}))) == Places{0});
  CHECK(only(complete(history({hold(0, "n1", "s1", 1, 9), drop(5, "n1", "s1", 2)}))) == Places{1});
  CHECK(only(complete(history({unlead(5, "n1", 2)}))) == Places{0});
}

TEST_CASE("complete: a recorded history obeys the rules of the file") {
  CHECK(complete(history({read(1, 1, "x"), answer(2, 1, Status::lost)})).empty());
  const auto found = complete(history({crash(5, "n1"), ok(6, 1), crash(4, "n1")}));
  REQUIRE(found.size() == 2);
  CHECK(found[0].sentence == "ret without call 1");
  CHECK(found[1].sentence == "time goes backwards, from 5 to 4");
}
