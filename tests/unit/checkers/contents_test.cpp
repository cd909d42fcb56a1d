// What a history holds, and when that is too little.
#include <doctest/doctest.h>

#include "sim/checkers/contents.hpp"
#include "unit/checkers/samples.hpp"

using namespace samples;

namespace {

/// One lock, asked for by 100: `lost` of them never hear, `unknown` are told that nobody knows, the others get it.
History hundred(std::uint64_t lost, std::uint64_t unknown) {
  History made = history({});
  for (std::uint64_t id = 1; id <= 100; ++id) {
    made.events.emplace_back(acquire(1, id, "jobs", "s1"));
    if (id > lost + unknown) made.events.emplace_back(granted(2, id, static_cast<std::int64_t>(id)));
    if (id > lost && id <= lost + unknown) made.events.emplace_back(answer(2, id, Status::lost));
  }
  return made;
}

Lead lead_of(const char* res, std::int64_t epoch) { return {t(1), "n1", res, epoch, t(9)}; }

const Object jobs{Kind::lock, "jobs"};
constexpr Bar low{.operations = 100, .grants = 98, .leaders = 0};

}  // namespace

TEST_CASE("contents: calls, grants, and what was lost, answered so or not at all") {
  const auto held = contents(hundred(3, 2));
  CHECK(held.operations == 100);
  CHECK(held.grants == 95);
  CHECK(held.objects.at(jobs) == Contents::Asked{.calls = 100, .lost = 5});
  CHECK(most_lost(held) == "5 of 100 calls on lock:jobs are lost");
}

TEST_CASE("contents: the object that lost the greatest part is named") {
  auto made = hundred(3, 0);
  made.events.emplace_back(read(3, 201, "x"));
  made.events.emplace_back(answer(3, 201, Status::fail));
  made.events.emplace_back(write(3, 202, "x", "v"));
  CHECK(most_lost(contents(made)) == "1 of 2 calls on reg:x are lost");
  CHECK(most_lost(contents(history({}))) == "nothing was asked");
}

TEST_CASE("contents: a leader is an epoch of the cluster, or of the election that had most") {
  std::vector<Event> elections{lead_of("chief", 1), lead_of("chief", 2), lead_of("chief", 2), lead_of("cook", 3)};
  CHECK(contents(history(elections)).leaders == 2);
  elections.emplace_back(lead_of("GROUP", 7));
  CHECK(contents(history(elections)).leaders == 1);
}

TEST_CASE("the bar: less than one in fifty is less than two of a hundred") {
  CHECK(shortfalls(contents(hundred(1, 0)), low).empty());
  const auto missing = shortfalls(contents(hundred(1, 1)), low);
  REQUIRE(missing.size() == 1);
  CHECK(missing[0] == "2 of 100 calls on lock:jobs are lost; less than one in 50 is asked for");
}

TEST_CASE("the bar: each number that is too small is said") {
  CHECK(shortfalls(contents(hundred(0, 0)), {.operations = 101, .grants = 101, .leaders = 1}).size() == 3);
  CHECK(shortfalls(contents(hundred(0, 0)), {.operations = 100, .grants = 100, .leaders = 0}).empty());
}
