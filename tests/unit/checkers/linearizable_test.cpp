// Linearizability: the rules of each object by example.
#include "sim/checkers/linearizable.hpp"

#include <doctest/doctest.h>

#include "sim/checkers/checks.hpp"
#include "unit/checkers/samples.hpp"

using namespace samples;

namespace {

/// Accepted: empty. Refused: the state that contradicts.
std::string judged(std::vector<Event> events) {
  const auto made = history(std::move(events));
  const auto found = linearizable(made);
  if (found.empty()) return "";
  REQUIRE(found.size() == 1);
  CHECK(found[0].verdict == Verdict::broken);
  return found[0].sentence.substr(found[0].sentence.rfind(": ") + 2);
}

}  // namespace

TEST_CASE("linearizable: a register's read finds what was written last, or beside it") {
  CHECK(judged({read(0, 1, "x"), ok(1, 1), write(2, 2, "x", "a"), ok(3, 2), read(4, 3, "x"), found(5, 3, "a")}) == "");
  CHECK(judged({write(2, 2, "x", "a"), ok(3, 2), read(4, 3, "x"), ok(5, 3)}) == "a value nobody saw");
  // Both writes are open: one reader sees a and a later one b, but never a again.
  const std::vector<Event> both = {
      write(0, 1, "x", "a"), write(1, 2, "x", "b"), read(2, 3, "x"),  found(3, 3, "a"), read(4, 4, "x"),
      found(5, 4, "b"),      read(6, 5, "x"),       found(7, 5, "b"), ok(8, 1),         ok(9, 2)};
  CHECK(judged(both) == "");
  auto back = both;
  back[7] = found(7, 5, "a");
  CHECK(judged(back) == "b");
}

TEST_CASE("linearizable: a swap answers by the value it met") {
  const auto swap = [](const char* old, Status status) {
    return judged({write(0, 1, "x", "a"), ok(1, 1), cas(2, 2, "x", old, "b"), answer(3, 2, status), read(4, 3, "x"),
                   found(5, 3, status == Status::ok ? "b" : "a")});
  };
  CHECK(swap("a", Status::ok) == "");
  CHECK(swap("c", Status::no) == "");
  CHECK(swap("c", Status::ok) == "a value nobody saw");
  CHECK(swap("a", Status::no) == "a");
}

TEST_CASE("linearizable: a lost write takes effect later or never, once; a failed one never") {
  const auto write_ended = [](Status status, const char* first, const char* second, const char* third) {
    return judged({write(0, 1, "x", "a"), answer(1, 1, status), write(2, 2, "x", "b"), ok(3, 2), read(4, 3, "x"),
                   found(5, 3, first), read(6, 4, "x"), found(7, 4, second), read(8, 5, "x"), found(9, 5, third)});
  };
  CHECK(write_ended(Status::lost, "b", "b", "b") == "");
  CHECK(write_ended(Status::lost, "b", "b", "a") == "");
  CHECK(write_ended(Status::lost, "b", "a", "b") == "a");
  CHECK(write_ended(Status::fail, "b", "b", "b") == "");
  CHECK(write_ended(Status::fail, "b", "a", "a") == "b");
  CHECK(write_ended(Status::no, "b", "a", "a") == "b");
}

TEST_CASE("linearizable: a lock is granted when it is free, with a token that is new") {
  const auto second = [](std::vector<Event> between, std::int64_t token) {
    std::vector<Event> events = {acquire(0, 1, "l", "s1"), granted(1, 1, 5)};
    events.insert(events.end(), between.begin(), between.end());
    events.push_back(acquire(10, 9, "l", "s2"));
    events.push_back(granted(20, 9, token));
    return judged(std::move(events));
  };
  CHECK(second({}, 6) == "held by s1, newest token 5");
  CHECK(second({release(2, 2, "l", "s1", 5), ok(3, 2)}, 6) == "");
  CHECK(second({release(2, 2, "l", "s1", 5), ok(3, 2)}, 5) == "free, newest token 5");
  CHECK(second({release(2, 2, "l", "s1", 5)}, 6) == "");
  CHECK(second({release(2, 2, "l", "s1", 4), answer(3, 2, Status::no)}, 6) == "held by s1, newest token 5");
  CHECK(second({release(2, 2, "l", "s1", 4)}, 6) == "held by s1, newest token 5");
  CHECK(second({release(2, 2, "l", "s1", 5), answer(3, 2, Status::no)}, 6) == "held by s1, newest token 5");
  CHECK(second({expire(2, 2, "l", "s1"), ok(3, 2)}, 6) == "");
  CHECK(second({expire(2, 2, "l", "s1")}, 6) == "");
  CHECK(second({expire(2, 2, "l", "s2"), ok(3, 2)}, 6) == "held by s1, newest token 5");
}

TEST_CASE("linearizable: a lock refuses when it is held, or its session ended, or somebody unheard of had it") {
  const auto refused = [](std::vector<Event> before) {
    before.push_back(acquire(10, 9, "l", "s2"));
    before.push_back(answer(20, 9, Status::no));
    return judged(std::move(before));
  };
  CHECK(refused({}) == "free, newest token none");
  CHECK(refused({acquire(0, 1, "l", "s1"), granted(1, 1, 5)}) == "");
  CHECK(refused({expire(0, 1, "l", "s2"), ok(1, 1)}) == "");
  CHECK(refused({acquire(0, 1, "l", "s1")}) == "");
  CHECK(refused({acquire(0, 1, "l", "s1"), answer(1, 1, Status::fail)}) == "free, newest token none");
  CHECK(refused({acquire(0, 1, "l", "s1"), expire(1, 2, "l", "s1"), ok(2, 2)}) == "free, newest token none");
}

TEST_CASE("linearizable: a release shows that a lost acquire was granted") {
  CHECK(judged({acquire(0, 1, "l", "s1"), release(1, 2, "l", "s1", 5), ok(2, 2)}) == "");
  CHECK(judged({acquire(0, 1, "l", "s1"), answer(1, 1, Status::fail), release(1, 2, "l", "s1", 5), ok(2, 2)}) ==
        "free, newest token none");
}

TEST_CASE("linearizable: a guard takes a write exactly when its token is not older than the newest") {
  const auto second = [](std::int64_t token, Status status) {
    return judged({guarded_write(0, 1, "g", 5, "a"), ok(1, 1), guarded_write(2, 2, "g", token, "b"),
                   answer(3, 2, status), call(4, 3, {Kind::guard, "g"}, Op::read),
                   found(5, 3, status == Status::ok ? "b" : "a")});
  };
  CHECK(second(5, Status::ok) == "");
  CHECK(second(6, Status::ok) == "");
  CHECK(second(4, Status::no) == "");
  CHECK(second(4, Status::ok) == "a value nobody saw, newest token 5");
  CHECK(second(5, Status::no) == "a, newest token 5");
}

TEST_CASE("linearizable: a counter goes up in the order of real time") {
  const auto counts = [](std::int64_t first, std::int64_t second) {
    return judged(
        {apply_once(0, 1, "o", "k1"), counted(1, 1, first), apply_once(2, 2, "o", "k2"), counted(3, 2, second)});
  };
  CHECK(counts(1, 2) == "");
  CHECK(counts(2, 1) == "count 0");
  CHECK(counts(1, 1) == "count 1");
  // A lost cmd fills one hole, however often it was sent.
  CHECK(judged({apply_once(0, 1, "o", "k1"), apply_once(1, 2, "o", "k2"), counted(3, 2, 2)}) == "");
  CHECK(judged({apply_once(0, 1, "o", "k1"), apply_once(0, 3, "o", "k1"), apply_once(1, 2, "o", "k2"),
                counted(3, 2, 3)}) == "count 0");
}

TEST_CASE("linearizable: each object is judged alone, and the finding cites what was open") {
  const auto made = history({write(0, 1, "x", "a"), write(0, 2, "y", "b"), ok(1, 1), read(2, 3, "x"), ok(3, 3)});
  const auto found = linearizable(made);
  REQUIRE(found.size() == 1);
  CHECK(found[0].check == "linearizable");
  CHECK(found[0].subject == "reg:x");
  CHECK(found[0].events == std::vector<std::size_t>{3, 4});
}

namespace {

/// How many of the lost writes of `values` may be read after `refusals` needed one of them each.
std::size_t reads_accepted(const std::vector<const char*>& values, int refusals) {
  std::vector<Event> events;
  std::uint64_t id = 0;
  int now = 0;
  const auto write_now = [&](const char* value) {
    events.push_back(write(++now, ++id, "x", value));
    events.push_back(ok(++now, id));
  };
  const auto read_now = [&](const char* value) {
    events.push_back(read(++now, ++id, "x"));
    events.push_back(found(++now, id, value));
  };
  // Each is seen once, so that they are different values.
  for (const auto* value : values) write_now(value), read_now(value);
  for (const auto* value : values) events.push_back(write(++now, ++id, "x", value));
  for (; refusals > 0; --refusals) {
    write_now("z");
    // A lost write came in between, or this had been taken.
    events.push_back(cas(++now, ++id, "x", "z", "q"));
    events.push_back(answer(++now, id, Status::no));
  }
  for (std::size_t reads = 0; reads < values.size(); ++reads) {
    write_now("z");
    read_now(values[reads]);
    if (!judged(events).empty()) return reads;
  }
  return values.size();
}

}  // namespace

TEST_CASE("linearizable: which of many lost writes took effect may show much later") {
  CHECK(reads_accepted({"a", "b", "c", "d", "e", "f"}, 0) == 6);
  CHECK(reads_accepted({"a", "b", "c", "d", "e", "f"}, 1) == 5);
  CHECK(reads_accepted({"a", "b", "c", "d"}, 2) == 2);
  CHECK(reads_accepted({"a", "b", "c", "d", "e", "f"}, 3) == 3);
}
