#include <doctest/doctest.h>

#include <chrono>
#include <vector>

#include "sim/timeline.hpp"

using namespace conclave;
using namespace conclave::sim;
using namespace std::chrono_literals;

namespace {

struct Told {
  Timeline timeline;
  std::vector<int> ran;

  Timeline::Ticket at(BootClock::duration when, int what) {
    return timeline.at(Instant(when), [this, what] { ran.push_back(what); });
  }
  void finish() {
    while (!timeline.empty()) timeline.step();
  }
};

}  // namespace

TEST_CASE("timeline: tasks run in the order of their times, then of their making") {
  Told told;
  told.at(2s, 100);
  std::vector<int> expected;
  for (int i = 0; i < 20; ++i) {
    told.at(1s, i);
    expected.push_back(i);
  }
  told.at(3s, 101);
  expected.insert(expected.end(), {100, 101});
  CHECK(told.timeline.next() == Instant(1s));
  told.finish();
  CHECK(told.ran == expected);
  CHECK(told.timeline.now() == Instant(3s));
  // What is asked for too late runs now.
  told.at(1s, 102);
  CHECK(told.timeline.next() == Instant(3s));
}

TEST_CASE("timeline: what was cancelled neither runs nor is waited for") {
  Told told;
  const auto first = told.at(1s, 1);
  told.at(2s, 2);
  const auto third = told.at(3s, 3);
  told.at(4s, 4);
  told.timeline.cancel(third);
  told.timeline.cancel(first);
  CHECK(told.timeline.next() == Instant(2s));
  // Its place serves another, whom its ticket does not name.
  told.at(5s, 5);
  told.timeline.cancel(first);
  told.finish();
  CHECK(told.ran == std::vector{2, 4, 5});
}

TEST_CASE("timeline: a task may add and cancel others, itself too") {
  Told told;
  Timeline::Ticket self{};
  const auto later = told.at(2s, 2);
  self = told.timeline.at(Instant(1s), [&] {
    told.timeline.cancel(self);
    told.timeline.cancel(later);
    told.at(1s, 1);
  });
  told.finish();
  CHECK(told.ran == std::vector{1});
}
